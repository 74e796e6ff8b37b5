"""The audit from a page: what it finds, with the way to it, and its end."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import update

from shop.db import now
from shop.models import Book, Order
from shop.staff import auditing
from tests.conftest import ShopUnderTest
from tests.shopper import Shopper, text
from tests.test_payment_races import change
from tests.test_payments import fail_next, send_no_webhooks

DREAM = "the-dream-machine"


async def test_what_does_not_agree_is_told_and_leads_to_order_and_book(
    shopper: Shopper, shop: ShopUnderTest, staff: httpx.AsyncClient
) -> None:
    assert "Everything agrees" in text(await staff.post("/staff/audit"))
    await send_no_webhooks(shopper)
    await shopper.check_out(DREAM)
    await shopper.pay()
    await change(shop, update(Book).where(Book.slug == DREAM).values(held=3))
    await change(shop, update(Order).values(paid_at=now() - timedelta(days=1)))
    for headers in ({}, {"HX-Request-Type": "partial"}):
        page = await staff.post("/staff/audit", headers=headers)
        assert "2 disagreements" in text(page)
        assert "a receipt is owed: not sent yet" in text(page)
        assert "held does not add up: 3, not 0" in text(page)
        assert f'href="/staff{shopper.order}"' in page.text
        assert f'href="/staff/books/{DREAM}"' in page.text
        assert ("<html" in page.text) != bool(headers)


async def test_an_audit_that_cannot_be_made_says_why(
    shopper: Shopper, shop: ShopUnderTest, staff: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fail_next(shopper, shop, method="GET", path="/v1/checkout/sessions", times=3, drop=True)
    assert "Stripe does not answer." in text(await staff.post("/staff/audit"))
    monkeypatch.setattr("shop.staff.auditing.PATIENCE", timedelta(microseconds=1))
    reply = await staff.post("/staff/audit")
    assert (reply.status_code, "Run `shop audit` beside the shop" in text(reply)) == (503, True)
    assert (await staff.post("/staff/audit")).status_code == 409  # one at a time, and that one goes on
    async with auditing._one_at_a_time:
        pass
