"""Late news, lapsed presses, refused requests and foreign hands: what has gone wrong in other shops."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import stripe
from sqlalchemy import select, update

from shop.db import now
from shop.models import Book, Order, Payment
from tests.conftest import ShopUnderTest
from tests.shopper import CHALLENGE, DECLINED, Shopper, text
from tests.test_payments import fail_next, intents, send_no_webhooks

DREAM, CODE = "the-dream-machine", "the-code-book"


async def change(shop: ShopUnderTest, statement: Any) -> None:
    async with shop.db.write() as session:
        await session.execute(statement)


async def lapse(shop: ShopUnderTest) -> None:
    """The ten minutes of a press are over."""
    await change(shop, update(Order).values(lease_until=now() - timedelta(seconds=1)))


async def statuses(shopper: Shopper) -> list[str]:
    return [intent.status for intent in await intents(shopper.stripe)]


async def test_a_cancel_that_was_refused_once_is_asked_again_before_books_go_back(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    order = await shopper.check_out(DREAM)
    await shopper.confirm("pm_usBankAccount_insufficientFunds")
    await shopper.look()
    await shopper.post(f"{order}/cancellation")  # refused: the bank is at it
    await shopper.http.post(f"{shop.sandbox}/_sandbox/settle")
    await shopper.look()
    assert (await shopper.post(f"{order}/cart")).headers["Location"] == "/cart"
    assert await statuses(shopper) == ["canceled"]


async def test_late_news_of_a_decline_does_not_end_the_next_press(shopper: Shopper) -> None:
    await send_no_webhooks(shopper)
    await shopper.check_out(DREAM)
    await shopper.press()
    with pytest.raises(stripe.CardError):
        await shopper.confirm(DECLINED)
    await shopper.press()
    await shopper.look()  # the decline is known by now
    await shopper.add(CODE)
    assert (await shopper.post("/checkout")).status_code == 409
    assert (await intents(shopper.stripe))[0].amount == 3500


async def test_a_bank_that_takes_longer_than_the_lease_cannot_confirm_another_amount(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await shopper.check_out(DREAM)
    await shopper.press()
    await shopper.confirm(CHALLENGE)
    await lapse(shop)
    await shopper.check_out(CODE)
    new, old = await intents(shopper.stripe)
    assert (old.status, old.amount, new.amount) == ("canceled", 3500, 5299)


async def test_a_press_that_lapsed_without_an_outcome_cannot_charge_another_amount(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await shopper.check_out(DREAM)
    await shopper.press()
    await lapse(shop)
    await shopper.check_out(CODE)
    assert await statuses(shopper) == ["requires_payment_method", "canceled"]


async def test_prices_in_two_currencies_are_never_added_up(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.add(DREAM)
    await shopper.add(CODE)
    await change(shop, update(Book).where(Book.slug == CODE).values(currency="jpy", price=2400))
    cart = await shopper.get("/cart")
    assert "Total" not in text(cart)
    assert "is sold in JPY" in text(cart)
    assert (await shopper.post("/checkout")).status_code == 409
    assert await intents(shopper.stripe) == []


async def test_a_free_cart_after_a_paid_one_cancels_the_intent(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.check_out(CODE)
    await change(shop, update(Book).where(Book.slug == CODE).values(price=0))
    await shopper.check_out()
    assert "There was nothing to pay." in text(await shopper.look())
    assert await statuses(shopper) == ["canceled"]


async def test_what_stripe_refuses_is_told_and_a_changed_cart_is_taken(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await shopper.add(CODE)
    await fail_next(shopper, shop, status=400, type="invalid_request_error", code="amount_too_small")
    reply = await shopper.post("/checkout")
    assert reply.status_code == 422
    assert "The payment service does not accept this order." in text(reply)
    await shopper.check_out(DREAM)
    assert (await intents(shopper.stripe))[0].amount == 5299


async def test_a_refused_change_does_not_block_the_next(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.check_out(CODE)
    await shopper.add(DREAM)
    await fail_next(shopper, shop, status=400, type="invalid_request_error", code="amount_too_large")
    assert (await shopper.post("/checkout")).status_code == 422
    await shopper.check_out("flatland")
    assert (await intents(shopper.stripe))[0].amount == 5799


@pytest.mark.parametrize("effect", [True, False])
async def test_a_change_whose_answer_was_lost_is_sent_again(
    shopper: Shopper, shop: ShopUnderTest, effect: bool
) -> None:
    order = await shopper.check_out(CODE)
    await shopper.add(DREAM)
    await fail_next(shopper, shop, status=500, after_effect=effect, times=1 if effect else 3)
    assert (await shopper.post("/checkout")).status_code == 502
    page = await shopper.get(f"{order}/pay")
    assert page.headers.get("Location") is None
    assert "Pay $52.99" in text(page)
    [intent] = await intents(shopper.stripe)
    assert (intent.amount, intent.metadata["revision"]) == (5299, "2")


async def test_an_intent_that_came_late_is_found_however_old(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.add(DREAM)
    await fail_next(shopper, shop, status=500, after_effect=True, times=3)
    await shopper.post("/checkout")
    await change(shop, update(Payment).values(attempted_at=now() - timedelta(hours=2)))
    await shopper.check_out()
    assert len(await intents(shopper.stripe)) == 1


async def test_the_pay_page_of_an_intent_that_was_closed_behind_a_lost_change(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    order = await shopper.check_out(CODE)
    intent = await shopper.intent()
    await shopper.add(DREAM)
    await fail_next(shopper, shop, status=500, times=3)
    await shopper.post("/checkout")
    await shopper.stripe.v1.payment_intents.cancel_async(intent.id)
    assert (await shopper.get(f"{order}/pay")).headers["Location"] == order
    assert "This payment was cancelled" in text(await shopper.look())


async def test_thirty_looks_at_once(shopper: Shopper) -> None:
    order = await shopper.check_out(DREAM)
    pages = await asyncio.gather(*(shopper.get(order) for _ in range(30)))
    assert {page.status_code for page in pages} == {200}


@pytest.mark.parametrize("metadata", [{"revision": "99"}, {"revision": ""}, {"order": "x"}, ""])
async def test_metadata_that_somebody_wrote_over_parks_the_payment(shopper: Shopper, metadata: Any) -> None:
    await shopper.check_out(DREAM)
    intent = await shopper.intent()
    await shopper.stripe.v1.payment_intents.update_async(intent.id, {"metadata": metadata})
    assert "This order is not paid yet" in text(await shopper.look())
    await shopper.confirm()
    assert "We are looking at your payment" in text(await shopper.look())
    assert "There is nothing in it yet." in text(await shopper.get("/cart"))  # not to be paid a second time


async def test_an_order_of_a_sandbox_that_was_reset_can_be_checked_out_again(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    order = await shopper.check_out(DREAM)
    await shopper.http.post(f"{shop.sandbox}/_sandbox/reset")
    assert (await shopper.get(f"{order}/pay")).headers["Location"] == order
    assert "This payment was cancelled" in text(await shopper.look())
    again = await shopper.post(f"{order}/checkout")
    shopper.order = again.headers["Location"].removesuffix("/pay")
    assert "Thank you: your order is paid" in text(await shopper.pay())


async def test_checking_out_a_changed_cart_after_a_reset(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.check_out(DREAM)
    await shopper.http.post(f"{shop.sandbox}/_sandbox/reset")
    await shopper.check_out(CODE)
    assert [intent.amount for intent in await intents(shopper.stripe)] == [5299]


async def test_the_email_is_kept_when_the_total_has_changed(shopper: Shopper) -> None:
    order = await shopper.check_out(DREAM)
    await shopper.check_out(CODE)
    await shopper.press(email="ada@example.com", total=3500)
    assert 'value="ada@example.com"' in (await shopper.get(f"{order}/pay")).text


async def test_a_press_without_scripts_holds_nothing(shopper: Shopper) -> None:
    order = await shopper.check_out(DREAM)
    reply = await shopper.post(f"{order}/pay", email="ada@example.com", total=3500)
    assert reply.status_code == 422
    assert "Card details are entered with JavaScript." in text(reply)
    assert 'value="ada@example.com"' in reply.text
    await shopper.check_out(CODE)


async def test_checking_out_again_while_a_payment_is_under_way_offers_to_cancel_it(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    old = await shopper.check_out(DREAM)
    await shopper.stripe.v1.payment_intents.cancel_async((await shopper.intent()).id)
    await shopper.look()
    await shopper.check_out()
    await shopper.press()
    await shopper.add(CODE)
    reply = await shopper.post(f"{old}/checkout")
    assert reply.status_code == 409
    assert f'action="{shopper.order}/cancellation"' in reply.text


async def test_an_order_whose_cart_was_released_keeps_to_what_it_is_paid_for(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    order = await shopper.check_out(DREAM)
    await shopper.add(CODE)
    await fail_next(shopper, shop, status=500, times=3)
    await shopper.post("/checkout")
    [intent] = await intents(shopper.stripe)
    await shopper.stripe.v1.payment_intents.confirm_async(
        intent.id,
        {"payment_method": "pm_usBankAccount_insufficientFunds", "return_url": "https://example.com/"},
    )
    await shopper.look()
    await shopper.http.post(f"{shop.sandbox}/_sandbox/settle")
    await shopper.look()
    page = await shopper.get(f"{order}/pay")
    assert "Pay $35.00" in text(page)
    async with shop.db.read() as session:
        assert await session.scalar(select(Order.revision)) == 1


async def test_whoever_pressed_pay_is_never_told_that_nothing_was_charged(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await send_no_webhooks(shopper)
    order = await shopper.check_out(DREAM)
    await shopper.press()
    await shopper.confirm()
    await fail_next(shopper, shop, drop=True, times=6)
    assert (await shopper.get(f"{order}/pay")).headers["Location"] == order
    assert "We are checking your payment" in text(await shopper.look())
