"""One order, one PaymentIntent; paid means paid; once."""

import asyncio
from datetime import timedelta

import pytest
import stripe
from sqlalchemy import func, select, update

from shop.db import now
from shop.models import Book, Order, OrderEvent, Payment
from tests.conftest import NewShopper, ShopUnderTest
from tests.shopper import CHALLENGE, DECLINED, Shopper, text

DREAM, CODE, FLATLAND = "the-dream-machine", "the-code-book", "flatland"


async def intents(client: stripe.StripeClient) -> list[stripe.PaymentIntent]:
    return (await client.v1.payment_intents.list_async({"limit": 100})).data


async def test_a_purchase_ends_with_the_charged_total_and_the_intents_id(shopper: Shopper) -> None:
    await shopper.check_out(DREAM, CODE)
    intent = await shopper.intent()
    page = text(await shopper.pay())
    assert "Thank you: your order is paid" in page
    for shown in (
        "$52.99",
        intent.id,
        "ada@example.com",
        "The Dream Machine",
        "The Code Book",
        "Visa ending in 4242",
    ):
        assert shown in page


async def test_the_intent_names_the_order_and_the_revision(shopper: Shopper) -> None:
    order = await shopper.check_out(DREAM)
    intent = await shopper.intent()
    assert intent.metadata["order"] == order.split("/")[-1]
    assert (intent.amount, intent.currency, intent.metadata["revision"]) == (3500, "usd", "1")


async def test_checking_out_twice_finds_the_same_order_and_intent(shopper: Shopper) -> None:
    first = await shopper.check_out(DREAM)
    assert await shopper.check_out() == first
    assert len(await intents(shopper.stripe)) == 1


async def test_ten_presses_on_check_out_at_once_make_one_intent(shopper: Shopper) -> None:
    await shopper.add(DREAM)
    replies = await asyncio.gather(*(shopper.post("/checkout") for _ in range(10)))
    assert len({reply.headers["Location"] for reply in replies}) == 1
    assert len(await intents(shopper.stripe)) == 1


async def test_a_changed_cart_updates_the_intent_it_has(shopper: Shopper) -> None:
    first = await shopper.check_out(DREAM)
    assert await shopper.check_out(CODE) == first
    [intent] = await intents(shopper.stripe)
    assert (intent.amount, intent.metadata["revision"]) == (5299, "2")


async def test_two_shoppers_at_once_are_charged_their_own(new_shopper: NewShopper) -> None:
    ada, bob = new_shopper(), new_shopper()
    await asyncio.gather(ada.check_out(DREAM), bob.check_out(CODE, FLATLAND))
    pages = await asyncio.gather(ada.pay(), bob.pay(email="bob@example.com"))
    assert "$35.00" in text(pages[0])
    assert "$22.99" in text(pages[1])


async def test_a_declined_card_says_why_and_another_card_pays_the_same_intent(shopper: Shopper) -> None:
    await shopper.check_out(DREAM)
    before = await shopper.intent()
    assert (await shopper.press()).status_code == 204
    with pytest.raises(stripe.CardError):
        await shopper.confirm(DECLINED)
    page = text(await shopper.look())
    assert "Your payment did not go through" in page
    assert "Your card was declined." in page
    assert before.id in text(await shopper.pay())


async def test_the_payment_does_not_start_when_the_total_has_changed(shopper: Shopper) -> None:
    await shopper.check_out(DREAM)
    await shopper.check_out(CODE)
    reply = await shopper.press(total=3500)
    assert reply.status_code == 409
    assert "The total was $35.00 and is now $52.99. Nothing has been charged." in text(reply)


async def test_while_a_payment_is_under_way_the_amount_cannot_change(shopper: Shopper) -> None:
    order = await shopper.check_out(DREAM)
    await shopper.press()
    await shopper.add(CODE)
    reply = await shopper.post("/checkout")
    assert reply.status_code == 409
    assert f'href="{order}/pay"' in reply.text
    assert (await intents(shopper.stripe))[0].amount == 3500


async def test_a_payment_under_way_can_be_cancelled_for_the_changed_cart(shopper: Shopper) -> None:
    order = await shopper.check_out(DREAM)
    await shopper.press()
    await shopper.add(CODE)
    assert (await shopper.post(f"{order}/cancellation")).status_code == 303
    assert await shopper.check_out() != order
    new, old = await intents(shopper.stripe)
    assert (old.status, new.status, new.amount) == ("canceled", "requires_payment_method", 5299)


async def test_a_decline_ends_the_lease_on_the_amount(shopper: Shopper) -> None:
    await shopper.check_out(DREAM)
    await shopper.press()
    with pytest.raises(stripe.CardError):
        await shopper.confirm(DECLINED)
    await shopper.look()
    await shopper.check_out(CODE)
    assert (await intents(shopper.stripe))[0].amount == 5299


async def test_a_press_that_came_to_nothing_frees_the_amount_after_ten_minutes(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await shopper.check_out(DREAM)
    await shopper.press()
    async with shop.db.write() as session:
        await session.execute(update(Order).values(lease_until=now() - timedelta(seconds=1)))
    await shopper.check_out(CODE)
    assert (await intents(shopper.stripe))[0].amount == 5299


async def test_the_cart_gives_up_what_was_bought_and_keeps_what_was_added_meanwhile(shopper: Shopper) -> None:
    await shopper.check_out(DREAM)
    await shopper.press()
    await shopper.add(DREAM)
    await shopper.add(CODE)
    await shopper.confirm()
    await shopper.look()
    cart = text(await shopper.get("/cart"))
    assert "The Dream Machine" in cart
    assert "Total $52.99" in cart


async def test_paying_takes_the_books_from_the_stock_once(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.check_out(DREAM)
    await shopper.pay()
    await shopper.look()
    async with shop.db.read() as session:
        assert await session.scalar(select(Book.stock).where(Book.slug == DREAM)) == 8
        paid = select(func.count(OrderEvent.id)).where(OrderEvent.kind == "paid")
        assert await session.scalar(paid) == 1


async def test_a_lost_answer_is_asked_for_again_with_the_same_key(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await shopper.add(DREAM)
    await fail_next(shopper, shop, drop=True, after_effect=True, times=3)
    assert (await shopper.post("/checkout")).status_code == 502
    await shopper.check_out()
    assert len(await intents(shopper.stripe)) == 1


async def test_after_a_server_error_the_intent_is_looked_up_before_another_is_made(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await shopper.add(DREAM)
    await fail_next(shopper, shop, status=500, after_effect=True, times=3)
    assert (await shopper.post("/checkout")).status_code == 502
    await shopper.check_out()
    assert len(await intents(shopper.stripe)) == 1


async def test_after_a_server_error_without_effect_a_new_attempt_is_made(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await shopper.add(DREAM)
    await fail_next(shopper, shop, status=500, times=3)
    assert (await shopper.post("/checkout")).status_code == 502
    await shopper.check_out()
    assert len(await intents(shopper.stripe)) == 1


async def test_after_23_hours_a_new_key_is_used(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.add(DREAM)
    await fail_next(shopper, shop, drop=True, times=3)
    await shopper.post("/checkout")
    async with shop.db.write() as session:
        long_ago = now() - timedelta(hours=23, minutes=1)
        await session.execute(update(Payment).values(created_at=long_ago, attempted_at=long_ago))
    await shopper.check_out()
    async with shop.db.read() as session:
        assert await session.scalar(select(Payment.attempt)) == 2


async def test_a_cancelled_intent_gets_a_page_with_one_button_that_checks_out_again(shopper: Shopper) -> None:
    order = await shopper.check_out(DREAM)
    intent = await shopper.intent()
    await shopper.stripe.v1.payment_intents.cancel_async(intent.id)
    assert (await shopper.get(f"{order}/pay")).headers["Location"] == order
    page = await shopper.look()
    assert "This payment was cancelled" in text(page)
    again = await shopper.post(f"{order}/checkout")
    assert again.headers["Location"] != f"{order}/pay"
    shopper.order = again.headers["Location"].removesuffix("/pay")
    assert "Thank you: your order is paid" in text(await shopper.pay())


async def test_a_payment_that_was_made_while_nobody_looked_is_found_at_the_next_check_out(
    shopper: Shopper,
) -> None:
    await send_no_webhooks(shopper)
    order = await shopper.check_out(DREAM)
    await shopper.confirm()
    reply = await shopper.post("/checkout")
    assert reply.headers["Location"].startswith(order)
    assert "Thank you: your order is paid" in text(await shopper.look())
    assert len(await intents(shopper.stripe)) == 1


async def test_an_amount_that_was_changed_at_stripe_is_parked_for_a_person(shopper: Shopper) -> None:
    await shopper.check_out(DREAM)
    intent = await shopper.intent()
    await shopper.stripe.v1.payment_intents.update_async(intent.id, {"amount": 100})
    await shopper.confirm()
    page = text(await shopper.look())
    assert "We are looking at your payment" in page
    assert "order is paid" not in page


async def test_three_d_secure_waits_for_the_bank(shopper: Shopper) -> None:
    await shopper.check_out(DREAM)
    await shopper.press()
    await shopper.confirm(CHALLENGE)
    assert "Your bank is waiting for you" in text(await shopper.look())


async def test_stripe_being_away_shows_a_page_that_looks_again(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.check_out(DREAM)
    await fail_next(shopper, shop, drop=True, times=3)
    page = await shopper.look()
    assert page.status_code == 200
    assert "We are checking your payment" in text(page)
    assert 'hx-trigger="every 2s"' in page.text


async def send_no_webhooks(shopper: Shopper) -> None:
    for endpoint in (await shopper.stripe.v1.webhook_endpoints.list_async()).data:
        await shopper.stripe.v1.webhook_endpoints.update_async(endpoint.id, {"disabled": True})


async def fail_next(shopper: Shopper, shop: ShopUnderTest, **recipe: object) -> None:
    reply = await shopper.http.post(f"{shop.sandbox}/_sandbox/fail_next", json=recipe)
    assert reply.is_success
