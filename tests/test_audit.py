"""Every way in which the database and Stripe can disagree is found, and what has one right answer is repaired."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from shop.audit import audit, mend
from shop.disagreement import Disagreement
from shop.mailing import send_due
from shop.models import Book, Download, Mail, Order, OrderLine, OrderRevision, OrderStatus, Payment, StockHold
from tests.conftest import ShopUnderTest
from tests.shopper import Shopper, text
from tests.test_hosted_page import status
from tests.test_payment_races import change
from tests.test_payments import intents, send_no_webhooks

DREAM, LAST = "the-dream-machine", "the-last-page"
AT_ONCE = timedelta(seconds=-5)


async def found(shop: ShopUnderTest, older_than: timedelta = AT_ONCE) -> list[str]:
    await send_due(shop.db, shop.settings)
    return [d.what for d in await audit(shop.db, shop.app.extensions["gateway"], older_than=older_than)]


async def left_after_mending(shop: ShopUnderTest) -> list[str]:
    gateway = shop.app.extensions["gateway"]
    await send_due(shop.db, shop.settings)
    disagreements = await audit(shop.db, gateway, older_than=AT_ONCE)
    await mend(shop.db, gateway, disagreements, older_than=AT_ONCE)
    return await found(shop)


async def make_intent(shopper: Shopper, order: str, *, pay: bool = False) -> str:
    """Somebody else's doing: an intent that names an order, made behind the shop's back."""
    metadata = {"order": order, "revision": "1", "payment": "unknown"}
    params: Any = {"amount": 3500, "currency": "usd", "metadata": metadata}
    if pay:
        params |= {"payment_method": "pm_card_visa", "confirm": True, "return_url": "https://example.com/"}
    return (await shopper.stripe.v1.payment_intents.create_async(params)).id


async def test_after_purchases_there_is_none(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.check_out(DREAM)
    await shopper.pay()
    await shopper.check_out(DREAM)
    await shopper.pay_session(await shopper.open_session())
    await shopper.look()
    await shopper.check_out(DREAM)
    await shopper.press()
    assert await found(shop) == []


async def test_a_second_way_is_closed(shopper: Shopper, shop: ShopUnderTest) -> None:
    order = await shopper.check_out(DREAM)
    surplus = await make_intent(shopper, order.removeprefix("/orders/"))
    assert await found(shop) == ["more than one way open"]
    assert await left_after_mending(shop) == []
    assert {i.id: i.status for i in await intents(shopper.stripe)}[surplus] == "canceled"
    assert "Thank you" in text(await shopper.pay())


async def test_a_way_that_is_open_to_a_paid_order_is_closed(shopper: Shopper, shop: ShopUnderTest) -> None:
    order = await shopper.check_out(DREAM)
    await shopper.pay()
    await make_intent(shopper, order.removeprefix("/orders/"))
    assert await found(shop) == ["a way open to a paid order"]
    assert await left_after_mending(shop) == []


async def test_a_charge_without_an_order_is_left_to_a_person(shopper: Shopper, shop: ShopUnderTest) -> None:
    await make_intent(shopper, "gone", pay=True)
    assert await found(shop) == ["a charge without an order"]
    assert await left_after_mending(shop) == ["a charge without an order"]


async def test_two_charges_for_an_order_are_left_to_a_person(shopper: Shopper, shop: ShopUnderTest) -> None:
    order = await shopper.check_out(DREAM)
    await shopper.pay()
    await make_intent(shopper, order.removeprefix("/orders/"), pay=True)
    assert "charged more than once" in await found(shop)
    assert "charged more than once" in await left_after_mending(shop)


async def test_a_payment_of_which_nobody_told_is_found(shopper: Shopper, shop: ShopUnderTest) -> None:
    await send_no_webhooks(shopper)
    await shopper.check_out(DREAM)
    await shopper.press()
    await shopper.confirm()
    assert await found(shop) == ["charged and not paid"]
    assert await left_after_mending(shop) == []
    assert await status(shop) == "paid"


async def test_an_order_that_is_paid_without_a_charge(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.check_out(DREAM)
    await change(shop, update(Order).values(status=OrderStatus.PAID))
    whole = ["a way open to a paid order", "paid without a charge", "took other copies than it sold"]
    assert await found(shop) == whole


async def test_another_amount_than_was_charged(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.check_out(DREAM)
    await shopper.pay()
    await change(shop, update(OrderRevision).values(total=3400))
    assert await left_after_mending(shop) == ["another amount", "lines and adjustments are not the total"]


async def test_an_order_of_one_book_that_sells_more(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.buy_now(DREAM)
    assert await found(shop) == []
    await change(shop, update(OrderLine).values(quantity=2))
    assert await left_after_mending(shop) == [
        "more or other books than were bought now",
        "lines and adjustments are not the total",
    ]


async def test_a_refund_of_which_nobody_told(shopper: Shopper, shop: ShopUnderTest) -> None:
    await send_no_webhooks(shopper)
    await shopper.check_out(DREAM)
    await shopper.pay()
    [intent] = await intents(shopper.stripe)
    await shopper.stripe.v1.refunds.create_async({"payment_intent": intent.id, "amount": 500})
    assert await found(shop) == ["refunded another amount"]
    assert await left_after_mending(shop) == []


async def test_a_dispute_of_which_nobody_told(shopper: Shopper, shop: ShopUnderTest) -> None:
    await send_no_webhooks(shopper)
    await shopper.check_out(DREAM)
    await shopper.pay("pm_card_createDispute")
    await change(shop, update(Payment).values(dispute=None))
    assert await found(shop) == ["disputed and the order does not know"]
    assert await left_after_mending(shop) == []


async def test_an_e_book_that_was_paid_and_cannot_be_fetched(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.check_out(LAST)
    await shopper.pay()
    assert await found(shop) == []
    await change(shop, delete(Download))
    assert await found(shop) == ["an e-book that cannot be fetched"]
    assert await left_after_mending(shop) == []
    assert "5 of 5 downloads left" in text(await shopper.look())


async def test_an_e_book_that_can_be_fetched_and_was_not_paid(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.check_out(LAST)
    async with shop.db.write() as session:
        order = (await session.scalars(select(Order.id))).one()
        book = (await session.scalars(select(Book.id).where(Book.slug == LAST))).one()
        session.add(Download(order_id=order, book_id=book))
    assert await left_after_mending(shop) == ["a download of what is not paid"]


async def test_a_count_beyond_the_limit_is_refused_by_the_table(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await shopper.check_out(LAST)
    await shopper.pay()
    with pytest.raises(IntegrityError):
        await change(shop, update(Download).values(used=6))


async def test_copies_that_are_held_for_nobody(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.check_out(DREAM)
    await shopper.press()
    await change(shop, update(Book).where(Book.slug == DREAM).values(held=3))
    assert await found(shop) == ["held does not add up"]
    assert await left_after_mending(shop) == []


async def test_copies_that_a_paid_order_did_not_take(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.check_out(DREAM)
    await shopper.pay()
    await change(shop, delete(StockHold))
    assert await left_after_mending(shop) == ["took other copies than it sold"]


async def test_a_receipt_that_was_not_sent(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.check_out(DREAM)
    await shopper.pay()
    gateway = shop.app.extensions["gateway"]
    owed = await audit(shop.db, gateway, older_than=AT_ONCE)
    assert [d.what for d in owed] == ["a receipt is owed"]
    await change(shop, delete(Mail))
    assert [d.detail for d in await audit(shop.db, gateway, older_than=AT_ONCE)] == ["and not written down"]
    assert [d.detail for d in await mend(shop.db, gateway, owed, older_than=AT_ONCE)] == ["not sent yet"]
    assert await found(shop) == []


async def test_a_receipt_that_was_given_up_is_tried_again(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.check_out(DREAM)
    await shopper.pay()
    await change(shop, update(Mail).values(attempts=9))
    [owed] = await found(shop)
    assert (owed, await send_due(shop.db, shop.settings)) == ("a receipt is owed", 0)
    await mend(shop.db, shop.app.extensions["gateway"], [])
    assert await found(shop) == []


async def test_work_that_is_under_way_is_not_judged(shopper: Shopper, shop: ShopUnderTest) -> None:
    await send_no_webhooks(shopper)
    await shopper.check_out(DREAM)
    await shopper.press()
    await shopper.confirm()
    assert await found(shop, older_than=timedelta(seconds=10)) == []


@pytest.mark.parametrize("fix", [(), ("--fix",)])
async def test_the_command_prints_them_and_exits_with_1(
    shopper: Shopper, shop: ShopUnderTest, fix: Sequence[str]
) -> None:
    await shopper.check_out(DREAM)
    await change(shop, update(Book).where(Book.slug == DREAM).values(held=3))
    done = await asyncio.to_thread(command, shop, "audit", *fix)
    said = str(Disagreement(DREAM, "held does not add up", "3, not 0"))
    assert done.stdout.splitlines()[0] == (f"mended: {said}" if fix else said)
    assert done.returncode == (0 if fix else 1)


def command(shop: ShopUnderTest, *arguments: str) -> "subprocess.CompletedProcess[str]":
    env = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": shop.settings.database_url,
        "INSTANCE_PATH": str(shop.settings.instance),
        "STRIPE_API_BASE": shop.sandbox,
    }
    run = [sys.executable, "-m", "shop.cli", *arguments]
    return subprocess.run(run, env=env, capture_output=True, text=True, timeout=60)
