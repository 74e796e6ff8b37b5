"""Finance's own webhook endpoint: its secret, its page, and the shop's endpoint beside it."""

import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest_asyncio

from shop.factory import create_app
from shop.settings import Settings
from tests.conftest import STAFF_PASSWORD, STAFF_PASSWORD_HASH, Serve, ShopUnderTest
from tests.shopper import Shopper, text
from tests.test_webhooks import event, signed

DATABASE = "sqlite"
SHOPS, FINANCES, OLDER = "whsec_sandbox", "whsec_of_finance", "whsec_of_finance_before"
PAYOUT = {"id": "po_1", "object": "payout", "amount": 123450, "currency": "usd", "status": "paid"}
MISSING = "there is no endpoint for finance"


@dataclass
class Endpoints:
    http: httpx.AsyncClient

    async def told(
        self, where: str, kind: str, thing: dict[str, Any], secret: str, event_id: str
    ) -> httpx.Response:
        body = json.dumps({**json.loads(event(kind, thing, event_id)), "created": int(time.time())}).encode()
        headers = {"Stripe-Signature": signed(body, secret, time.time())}
        return await self.http.post(f"/webhooks/{where}", content=body, headers=headers)

    async def finance(
        self, kind: str, thing: dict[str, Any], secret: str = FINANCES, event_id: str = "evt_1"
    ) -> int:
        reply = await self.told("finance", kind, thing, secret, event_id)
        assert reply.status_code not in (404, 405), MISSING
        return reply.status_code

    async def staff(self, path: str) -> str:
        await self.http.post("/staff/sign-in", data={"password": STAFF_PASSWORD})
        return text(await self.http.get(f"/staff/{path}"))


@pytest_asyncio.fixture
async def endpoints(shop: ShopUnderTest, serve: Serve, database_url: str) -> AsyncIterator[Endpoints]:
    """Another process of the same shop, configured as finance wishes. The sandbox tells neither by itself."""
    settings = Settings.from_env(
        {
            "DATABASE_URL": database_url,
            "INSTANCE_PATH": str(shop.settings.instance),
            "JOBS": "0",
            "STAFF_PASSWORD_HASH": STAFF_PASSWORD_HASH,
            "STRIPE_API_BASE": shop.sandbox,
            "STRIPE_FINANCE_WEBHOOK_SECRET": f"{FINANCES},{OLDER}",
        }
    )
    url = await serve(create_app(settings))
    async with httpx.AsyncClient(base_url=url, timeout=20) as http:
        yield Endpoints(http)


async def test_payouts_and_disputes_are_on_finances_page_newest_first(endpoints: Endpoints) -> None:
    failed = {**PAYOUT, "id": "po_2", "amount": 5000, "currency": "jpy", "status": "failed"}
    dispute = {"id": "dp_1", "object": "dispute", "amount": 3500, "currency": "usd", "status": "lost"}
    assert await endpoints.finance("payout.paid", PAYOUT) == 204
    assert await endpoints.finance("payout.failed", failed, event_id="evt_2") == 204
    assert await endpoints.finance("charge.dispute.closed", dispute, event_id="evt_3") == 204
    page = await endpoints.staff("finance")
    for said in ("po_1", "payout.paid", "$1,234.50", "payout.failed", "¥5,000", "dp_1", "$35.00"):
        assert said in page
    assert page.index("dp_1") < page.index("po_2") < page.index("po_1")


async def test_each_endpoint_takes_its_own_secrets_alone(endpoints: Endpoints) -> None:
    statuses = [
        await endpoints.finance("payout.paid", PAYOUT, secret) for secret in (FINANCES, OLDER, SHOPS, "x", "")
    ]
    assert statuses == [204, 204, 400, 400, 400]
    at_the_shops = await endpoints.told("stripe", "payout.paid", PAYOUT, FINANCES, "evt_2")
    assert at_the_shops.status_code == 400


async def test_there_is_an_endpoint_only_where_there_is_a_secret(
    endpoints: Endpoints, shop: ShopUnderTest
) -> None:
    assert await endpoints.finance("payout.paid", PAYOUT) == 204
    async with httpx.AsyncClient(base_url=shop.url) as http:
        for secret in ("", SHOPS, FINANCES):
            reply = await Endpoints(http).told("finance", "payout.paid", PAYOUT, secret, "evt_2")
            assert reply.status_code == 404


async def test_an_event_that_comes_again_is_told_once(endpoints: Endpoints) -> None:
    for _ in range(3):
        assert await endpoints.finance("payout.paid", PAYOUT) == 204
    assert (await endpoints.staff("finance")).count("$1,234.50") == 1


async def test_what_finance_has_heard_the_shop_still_acts_upon(
    endpoints: Endpoints, shopper: Shopper
) -> None:
    ours = [each.id for each in (await shopper.stripe.v1.webhook_endpoints.list_async()).data]
    for endpoint_id in ours:
        await shopper.stripe.v1.webhook_endpoints.update_async(endpoint_id, {"disabled": True})
    order = await shopper.check_out("the-dream-machine")
    intent = await shopper.confirm("pm_card_createDispute")
    [dispute] = (await shopper.stripe.v1.disputes.list_async({"payment_intent": intent.id})).data
    said = dispute.to_dict()
    assert await endpoints.finance("charge.dispute.created", said) == 204
    page = await endpoints.staff(order.removeprefix("/"))
    assert "Disputed" not in page, "finance's endpoint is not to move orders"
    reply = await endpoints.told("stripe", "charge.dispute.created", said, SHOPS, "evt_1")
    assert reply.status_code == 204
    assert "Disputed" in await endpoints.staff(order.removeprefix("/"))
    assert dispute.id in await endpoints.staff("finance")


async def test_what_is_not_for_finance_is_taken_and_not_kept(endpoints: Endpoints, shopper: Shopper) -> None:
    await shopper.check_out("the-dream-machine")
    thing = {"id": (await shopper.intent()).id, "object": "payment_intent", "amount": 3500, "currency": "usd"}
    assert await endpoints.finance("payment_intent.succeeded", thing) == 204
    assert thing["id"] not in await endpoints.staff("finance")
