"""Authorised when the order is placed, captured when the books leave: once, or let go."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
import stripe
from sqlalchemy import update

from shop.audit import audit, mend
from shop.capturing import CaptureRefused, CaptureWaits, capture_order, release_order
from shop.cli import main
from shop.db import now
from shop.gateway import Gateway
from shop.jobs import recover
from shop.models import Order, OrderStatus, Payment
from tests.conftest import ShopUnderTest, log_apart
from tests.shopper import Shopper, text
from tests.test_payment_races import change
from tests.test_payments import fail_next, send_no_webhooks
from tests.test_stock import stock_and_held

DREAM, LAST = "the-dream-machine", "the-last-page"
CAPTURE = "/v1/payment_intents/{}/capture"


@pytest.fixture
async def authorised(shopper: Shopper, shop: ShopUnderTest) -> Shopper:
    """An order of $35.00 is placed and not charged. No webhook comes by itself."""
    shop.app.extensions["settings"] = replace(shop.settings, capture_method="manual")
    await send_no_webhooks(shopper)
    await shopper.check_out(DREAM)
    await shopper.pay()
    return shopper


def gateway(shop: ShopUnderTest) -> Gateway:
    found: Gateway = shop.app.extensions["gateway"]
    return found


def order_id(shopper: Shopper) -> str:
    return shopper.order.removeprefix("/orders/")


async def capture(shop: ShopUnderTest, shopper: Shopper) -> Order:
    return await capture_order(shop.db, gateway(shop), order_id(shopper))


async def at_stripe(shopper: Shopper) -> stripe.PaymentIntent:
    return await shopper.stripe.v1.payment_intents.retrieve_async(shopper.intent_id)


async def test_an_order_is_placed_and_its_book_kept_but_nothing_is_charged(
    authorised: Shopper, shop: ShopUnderTest
) -> None:
    page = text(await authorised.look())
    assert "Your order is placed" in page
    assert "$35.00 is reserved on your card and will be charged when we send the books." in page
    intent = await at_stripe(authorised)
    assert (intent.status, intent.amount_received) == ("requires_capture", 0)
    assert (await stock_and_held(shop, DREAM))[1] == 1
    assert "Cart (0 books)" in text(await authorised.get("/cart"))


async def test_capturing_charges_takes_the_book_and_owes_the_receipt(
    authorised: Shopper, shop: ShopUnderTest
) -> None:
    before, _ = await stock_and_held(shop, DREAM)
    order = await capture(shop, authorised)
    assert order.status is OrderStatus.PAID
    assert (await at_stripe(authorised)).amount_received == 3500
    assert await stock_and_held(shop, DREAM) == (before - 1, 0)
    assert "Charged $35.00" in text(await authorised.look())
    owed = await audit(shop.db, gateway(shop), older_than=timedelta(seconds=-5))
    assert [disagreement.what for disagreement in owed] == ["a receipt is owed"]


async def test_captured_twice_and_at_once_it_is_captured_once(
    authorised: Shopper, shop: ShopUnderTest
) -> None:
    orders = await asyncio.gather(*(capture(shop, authorised) for _ in range(5)))
    assert {order.status for order in [*orders, await capture(shop, authorised)]} == {OrderStatus.PAID}
    assert (await at_stripe(authorised)).amount_received == 3500


async def test_a_capture_whose_answer_is_lost_is_finished_by_recovery(
    authorised: Shopper, shop: ShopUnderTest
) -> None:
    failing = {"path": CAPTURE.format(authorised.intent_id), "status": 500, "after_effect": True}
    await fail_next(authorised, shop, **failing)
    await fail_next(authorised, shop, **failing, times=2)
    with pytest.raises(CaptureWaits):
        await capture(shop, authorised)
    judged = timedelta(seconds=-5)
    found = await audit(shop.db, gateway(shop), older_than=judged)
    assert {disagreement.what for disagreement in found} == {"a capture that is owed", "charged and not paid"}
    await recover(shop.db, gateway(shop), timedelta(seconds=-1))
    assert "Charged $35.00" in text(await authorised.look())


async def test_an_audit_mends_a_capture_that_is_owed(authorised: Shopper, shop: ShopUnderTest) -> None:
    await change(shop, update(Payment).values(capture_asked_at=now()))
    found = await audit(shop.db, gateway(shop), older_than=timedelta(seconds=-5))
    left = await mend(shop.db, gateway(shop), found, older_than=timedelta(seconds=-5))
    assert {disagreement.what for disagreement in left} == {"a receipt is owed"}
    assert (await at_stripe(authorised)).status == "succeeded"


async def test_what_is_let_go_is_not_charged_and_the_books_come_back(
    authorised: Shopper, shop: ShopUnderTest
) -> None:
    order = await release_order(shop.db, gateway(shop), order_id(authorised))
    assert order.status is OrderStatus.CANCELED
    assert (await stock_and_held(shop, DREAM))[1] == 0
    assert "Nothing was charged." in text(await authorised.look())
    with pytest.raises(CaptureRefused, match="The order is canceled"):
        await capture(shop, authorised)


async def test_an_authorisation_that_ran_out_at_the_bank(authorised: Shopper, shop: ShopUnderTest) -> None:
    await authorised.stripe.v1.payment_intents.cancel_async(authorised.intent_id)
    with pytest.raises(CaptureRefused, match="The order is canceled"):
        await capture(shop, authorised)
    assert (await stock_and_held(shop, DREAM))[1] == 0


async def test_more_or_less_than_the_orders_total_is_not_captured(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await send_no_webhooks(shopper)
    await shopper.check_out(DREAM)
    intent = await shopper.intent()
    await shopper.stripe.v1.payment_intents.update_async(
        intent.id, {"amount": 100, "capture_method": "manual"}
    )
    await shopper.confirm()
    with pytest.raises(CaptureRefused, match=r"\$1\.00 is authorised, not \$35\.00"):
        await capture(shop, shopper)


async def test_on_stripes_page_too(shopper: Shopper, shop: ShopUnderTest) -> None:
    shop.app.extensions["settings"] = replace(shop.settings, capture_method="manual")
    await send_no_webhooks(shopper)
    await shopper.check_out(DREAM)
    await shopper.pay_session(await shopper.open_session())
    assert "Your order is placed" in text(await shopper.look())
    assert (await capture(shop, shopper)).status is OrderStatus.PAID


async def test_let_go_after_stripes_page_it_is_cancelled_for_good(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    shop.app.extensions["settings"] = replace(shop.settings, capture_method="manual")
    await send_no_webhooks(shopper)
    await shopper.check_out(DREAM)
    await shopper.pay_session(await shopper.open_session())
    await shopper.look()
    order = await release_order(shop.db, gateway(shop), order_id(shopper))
    assert order.status is OrderStatus.CANCELED


async def test_an_e_book_comes_when_it_is_captured(shopper: Shopper, shop: ShopUnderTest) -> None:
    shop.app.extensions["settings"] = replace(shop.settings, capture_method="manual")
    await shopper.check_out(LAST)
    await shopper.pay()
    assert 'action="/downloads/' not in (await shopper.look()).text
    await capture(shop, shopper)
    assert 'action="/downloads/' in (await shopper.look()).text


async def test_an_order_that_waits_for_its_shopper_has_nothing_to_capture(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await shopper.check_out(DREAM)
    with pytest.raises(CaptureRefused, match="The order is pending"):
        await capture(shop, shopper)


@pytest.mark.parametrize(
    ("words", "says"), [([], "is paid: $35.00."), (["--release"], "nothing was charged.")]
)
async def test_by_command(
    authorised: Shopper,
    shop: ShopUnderTest,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    says: str,
) -> None:
    for name, value in (
        ("DATABASE_URL", shop.settings.database_url),
        ("STRIPE_API_BASE", shop.sandbox),
        ("INSTANCE_PATH", str(shop.settings.instance)),
    ):
        monkeypatch.setenv(name, value)
    ended = await asyncio.to_thread(main, ["capture", order_id(authorised), *words])
    log_apart()
    assert (ended, capsys.readouterr().out.strip().endswith(says)) == (0, True)
