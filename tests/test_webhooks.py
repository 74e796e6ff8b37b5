"""What Stripe tells the shop, signed and verified."""

import asyncio
import hashlib
import hmac
import json
import time
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select
from structlog.testing import capture_logs

from shop.models import OrderEvent, StripeEvent
from tests.conftest import ShopUnderTest
from tests.shopper import DECLINED, Shopper, text
from tests.test_payments import send_no_webhooks

DREAM = "the-dream-machine"


async def deliver(
    shopper: Shopper, body: bytes, secret: str = "whsec_sandbox", at: float = 0
) -> httpx.Response:
    headers = {"Stripe-Signature": signed(body, secret, at or time.time())}
    return await shopper.http.post("/webhooks/stripe", content=body, headers=headers)


def signed(body: bytes, secret: str, at: float) -> str:
    """Stripe's signature of a body, as its header has it."""
    stamp = int(at)
    signature = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={signature}"


def event(kind: str, thing: dict[str, Any], event_id: str = "evt_1") -> bytes:
    return json.dumps(
        {
            "id": event_id,
            "object": "event",
            "type": kind,
            "api_version": "2026-10-28.endive",
            "data": {"object": thing},
        }
    ).encode()


async def paid_event(shopper: Shopper) -> bytes:
    """A purchase that was paid while the browser went away."""
    await shopper.check_out(DREAM)
    intent = await shopper.confirm()
    return event("payment_intent.succeeded", {"id": intent.id, "object": "payment_intent"})


async def test_the_sandbox_brings_the_news_by_itself(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.check_out(DREAM)
    await shopper.confirm()
    await until(shop, select(func.count(OrderEvent.id)).where(OrderEvent.kind == "paid"), 1)


async def test_an_event_that_comes_twice_has_one_effect(shopper: Shopper, shop: ShopUnderTest) -> None:
    body = await paid_event(shopper)
    assert [(await deliver(shopper, body)).status_code for _ in range(3)] == [204, 204, 204]
    async with shop.db.read() as session:
        assert await session.scalar(select(func.count(OrderEvent.id)).where(OrderEvent.kind == "paid")) == 1
        assert await session.scalar(select(func.count(StripeEvent.id)).where(StripeEvent.id == "evt_1")) == 1


async def test_of_an_event_that_comes_twice_at_once_stripe_is_asked_once(
    shopper: Shopper,
) -> None:
    await send_no_webhooks(shopper)
    body = await paid_event(shopper)
    with capture_logs() as lines:
        replies = await asyncio.gather(*(deliver(shopper, body) for _ in range(5)))
    assert {reply.status_code for reply in replies} == {204}
    assert [line["call"] for line in lines if line["event"] == "stripe.call"] == [
        "GET /v1/payment_intents/{id}"
    ]


async def test_a_late_failure_cannot_undo_a_payment(shopper: Shopper) -> None:
    body = await paid_event(shopper)
    await deliver(shopper, body)
    late = body.replace(b"succeeded", b"payment_failed").replace(b"evt_1", b"evt_2")
    assert (await deliver(shopper, late)).status_code == 204
    assert "Thank you: your order is paid" in text(await shopper.look())


async def test_unsigned_altered_old_and_foreign_webhooks_are_refused(shopper: Shopper) -> None:
    body = await paid_event(shopper)
    unsigned = await shopper.http.post("/webhooks/stripe", content=body)
    good = (await shopper.http.request("POST", "/webhooks/stripe", content=body)).request.headers
    assert "Stripe-Signature" not in good
    altered = await shopper.http.post(
        "/webhooks/stripe", content=body, headers={"Stripe-Signature": "t=1,v1=00"}
    )
    old = await deliver(shopper, body, at=time.time() - 301)
    foreign = await deliver(shopper, body, secret="whsec_of_somebody_else")
    assert {reply.status_code for reply in (unsigned, altered, old, foreign)} == {400}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"id": 1}', b"\xff\xfe"])
async def test_garbage_with_a_good_signature_is_refused(shopper: Shopper, body: bytes) -> None:
    assert (await deliver(shopper, body)).status_code == 400


async def test_an_event_of_another_application_is_none_of_our_business(shopper: Shopper) -> None:
    other = await shopper.stripe.v1.payment_intents.create_async({"amount": 100, "currency": "usd"})
    body = event("payment_intent.succeeded", {"id": other.id, "object": "payment_intent"})
    assert (await deliver(shopper, body)).status_code == 204


async def test_a_payment_of_ours_that_we_do_not_know_is_asked_for_again(shopper: Shopper) -> None:
    lost = await shopper.stripe.v1.payment_intents.create_async(
        {"amount": 100, "currency": "usd", "metadata": {"order": "lost", "payment": "lost", "revision": "1"}}
    )
    body = event("payment_intent.succeeded", {"id": lost.id, "object": "payment_intent"})
    assert (await deliver(shopper, body)).status_code == 500


@pytest.mark.parametrize(
    "signature", ["", "t=1,v1=\xe9", "t=x,v1=", "v1=1", "t=1,v1=" + "0" * 64, "nonsense"]
)
async def test_a_strange_signature_is_refused(shopper: Shopper, signature: str) -> None:
    headers = {b"Stripe-Signature": signature.encode("latin-1")}
    reply = await shopper.http.post("/webhooks/stripe", content=b"[" * 100_000, headers=headers)
    assert reply.status_code == 400


async def test_deeply_nested_garbage_with_a_good_signature_is_refused(shopper: Shopper) -> None:
    assert (await deliver(shopper, b"[" * 100_000)).status_code == 400


async def test_an_event_about_a_thing_without_an_id_is_taken(shopper: Shopper) -> None:
    assert (await deliver(shopper, event("balance.available", {"object": "balance"}))).status_code == 204


async def test_an_event_that_nobody_handles_is_taken_with_thanks(shopper: Shopper) -> None:
    assert (await deliver(shopper, event("customer.created", {"id": "cus_1"}))).status_code == 204


async def test_a_refund_made_at_stripe_shows_on_the_order(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.check_out(DREAM)
    intent = await shopper.intent()
    await shopper.pay()
    await shopper.stripe.v1.refunds.create_async({"payment_intent": intent.id, "amount": 1000})
    await until(shop, select(func.count(OrderEvent.id)).where(OrderEvent.kind == "refunded"), 1)
    assert "Refunded $10.00" in text(await shopper.look())


async def test_a_delayed_payment_is_processing_until_it_is_paid(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await shopper.check_out(DREAM)
    await shopper.press()
    await shopper.confirm("pm_usBankAccount_processing")
    assert "Your payment is being processed" in text(await shopper.look())
    assert "There is nothing in it yet." in text(await shopper.get("/cart"))
    await shopper.http.post(f"{shop.sandbox}/_sandbox/settle")
    assert "Thank you: your order is paid" in text(await shopper.look())


async def until(shop: ShopUnderTest, query: Any, value: object) -> None:
    """Wait for what a webhook brings about."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        async with shop.db.read() as session:
            if await session.scalar(query) == value:
                return
    raise AssertionError(f"{value} did not come")


async def test_a_decline_is_known_without_the_browser(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.check_out(DREAM)
    await shopper.press()
    with pytest.raises(Exception, match="declined"):
        await shopper.confirm(DECLINED)
    await until(shop, select(func.count(OrderEvent.id)).where(OrderEvent.kind == "payment failed"), 1)
