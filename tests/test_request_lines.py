"""What a request leaves in the log: a line if it did something, and one for each call to Stripe, with what they are
about."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from shop.factory import create_app
from shop.logs import strike_out
from shop.subject import name_subject
from tests.conftest import Serve, ShopUnderTest
from tests.shopper import Shopper
from tests.test_webhooks import deliver, event

DATABASE = "sqlite"
DREAM = "the-dream-machine"


@pytest.fixture
def lines() -> Iterator[list[Any]]:
    with capture_logs(processors=[name_subject]) as found:
        yield found


async def one(lines: list[Any], **fields: Any) -> Any:
    """The only such line; that of a request is written once its answer has gone."""
    async with asyncio.timeout(5):
        while not (found := [x for x in lines if fields.items() <= x.items()]):  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    [line] = found
    return line


async def test_a_checkout_is_told_with_all_that_it_is_about(shopper: Shopper, lines: list[Any]) -> None:
    await shopper.check_out(DREAM)
    line = await one(lines, event="request", path="/checkout")
    intent = await shopper.intent()
    assert (line["method"], line["status"]) == ("POST", 303)
    assert (line["order"], line["intent"]) == (shopper.order.rpartition("/")[2], intent.id)
    assert line["cart"] == (await one(lines, event="request", path="/cart/items"))["cart"]


async def test_a_call_to_stripe_is_told_with_the_request_that_made_it(
    shopper: Shopper, lines: list[Any]
) -> None:
    await shopper.check_out(DREAM)
    await shopper.get(f"{shopper.order}/pay")
    made = await one(lines, event="stripe.call", call="POST /v1/payment_intents")
    assert made["request"] == (await one(lines, event="request", path="/checkout"))["request"]
    assert (made["outcome"], made["attempt"], made["stripe_request"][:4]) == (200, 1, "req_")
    asked = await one(lines, event="stripe.call", call="GET /v1/payment_intents/{id}")
    assert asked["order"] == shopper.order.rpartition("/")[2]


async def test_each_attempt_is_told(shopper: Shopper, shop: ShopUnderTest, lines: list[Any]) -> None:
    await shopper.http.post(f"{shop.sandbox}/_sandbox/fail_next", data={"status": 409})
    await shopper.check_out(DREAM)
    told = [line for line in lines if line.get("call") == "POST /v1/payment_intents"]
    assert [(line["attempt"], line["outcome"]) for line in told] == [(1, 409), (2, 200)]


async def test_a_webhook_is_told_with_its_event(shopper: Shopper, lines: list[Any]) -> None:
    await deliver(shopper, event("charge.refunded", {"payment_intent": "pi_of_somebody"}, "evt_lost"))
    line = await one(lines, event="request", path="/webhooks/stripe")
    assert (line["event_id"], line["intent"]) == ("evt_lost", "pi_of_somebody")


async def test_who_only_reads_leaves_no_line(shopper: Shopper, lines: list[Any]) -> None:
    named = [await shopper.get(path) for path in ("/cart", "/nothing", "/help")]
    paths = ("/", f"/books/{DREAM}")
    made, kept = [[await shopper.get(path) for path in paths] for _ in range(2)]
    assert all("X-Request-ID" in reply.headers for reply in (*named, *made))
    assert not any("X-Request-ID" in reply.headers for reply in kept)  # it would be another's
    assert lines == []


@pytest.mark.parametrize(("given", "kept"), [("edge-7f3a", True), ("two words", False), ("x" * 200, False)])
async def test_only_a_trusted_proxy_names_a_request(
    shop: ShopUnderTest, serve: Serve, lines: list[Any], given: str, kept: bool
) -> None:
    behind = await serve(create_app(replace(shop.settings, trusted_proxies=1)))
    async with httpx.AsyncClient(verify=False) as http:
        for url, believed in ((shop.url, False), (behind, kept)):
            reply = await http.post(
                f"{url}/cart/items", data={"book": DREAM}, headers={"X-Request-ID": given}
            )
            assert (reply.headers["X-Request-ID"] == given) == believed
            await one(lines, event="request", request=reply.headers["X-Request-ID"])


async def test_no_name_of_a_request_looks_like_a_card(
    shopper: Shopper, lines: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("secrets.token_hex", lambda size: "4242" * (size // 2))
    name = (await shopper.post("/cart/items", book=DREAM)).headers["X-Request-ID"]
    assert strike_out(None, "", await one(lines, event="request"))["request"] == name
