"""The order's page: seven states of an intent, each with a page of its own, and nobody else's order."""

import re

from sqlalchemy import select, update

from shop.models import Book, Order, OrderStatus
from tests.conftest import NewShopper, ShopUnderTest
from tests.shopper import CHALLENGE, VISA, Shopper, text

DREAM, CODE = "the-dream-machine", "the-code-book"


async def test_requires_payment_method(shopper: Shopper) -> None:
    await shopper.check_out(DREAM)
    page = await shopper.look()
    assert "This order is not paid yet" in text(page)
    assert f'href="{shopper.order}/pay"' in page.text
    assert "pi_" not in page.text


async def test_requires_confirmation(shopper: Shopper) -> None:
    await shopper.check_out(DREAM)
    intent = await shopper.intent()
    await shopper.stripe.v1.payment_intents.update_async(intent.id, {"payment_method": "pm_card_visa"})
    assert "Your card is known but the payment was not confirmed." in text(await shopper.look())


async def test_requires_action(shopper: Shopper) -> None:
    await shopper.check_out(DREAM)
    await shopper.confirm(CHALLENGE)
    assert "Your bank is waiting for you" in text(await shopper.look())


async def test_processing(shopper: Shopper) -> None:
    await shopper.check_out(DREAM)
    await shopper.confirm("pm_usBankAccount_processing")
    page = await shopper.look()
    assert "Your payment is being processed" in text(page)
    assert 'hx-trigger="every 2s"' in page.text
    assert '<noscript><meta http-equiv="refresh"' in page.text


async def test_requires_capture(shopper: Shopper) -> None:
    await shopper.check_out(DREAM)
    intent = await shopper.intent()
    await shopper.stripe.v1.payment_intents.update_async(intent.id, {"capture_method": "manual"})
    await shopper.confirm()
    page = text(await shopper.look())
    assert "Your order is placed" in page
    assert "$35.00 is reserved on your card" in page


async def test_canceled(shopper: Shopper) -> None:
    await shopper.check_out(DREAM)
    await shopper.stripe.v1.payment_intents.cancel_async((await shopper.intent()).id)
    page = text(await shopper.look())
    assert "This payment was cancelled" in page
    assert "Check out again" in page


async def test_succeeded(shopper: Shopper) -> None:
    await shopper.check_out(DREAM)
    page = text(await shopper.pay())
    assert "Thank you: your order is paid" in page
    assert "Charged $35.00" in page


async def test_the_confirmation_tells_all_that_a_customer_needs(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await shopper.add(CODE)
    await shopper.check_out(DREAM, CODE)
    page = await shopper.pay()
    async with shop.db.read() as session:
        order = (await session.scalars(select(Order))).one()
    intent = (await shopper.stripe.v1.payment_intents.list_async()).data[0].id
    for told in (
        *(f"Order {order.code}", "Charged $70.98", "Currency USD", f"PaymentIntent {intent}"),
        *("Email ada@example.com", "The Dream Machine × 1", "The Code Book × 2", "Total $70.98"),
    ):
        assert told in text(page)
    assert "Thank you: your order is paid · Colophon" in text(page)  # the title
    for offer in ("newsletter", "account", "sign up"):
        assert offer not in text(page).lower()
    assert not [name for name in ("email", "password") if f'name="{name}"' in page.text]


async def test_title_and_heading_tell_the_outcome_and_take_the_focus(new_shopper: NewShopper) -> None:
    told = []
    for card in (VISA, "pm_usBankAccount_processing", CHALLENGE):
        shopper = new_shopper()
        await shopper.check_out(CODE)
        await shopper.confirm(card)
        page = await shopper.look()
        found = re.search(r"<h1 [^>]*data-focus>([^<]+)</h1>", page.text)
        assert found, page.text
        assert f"<title>{found[1]} · Colophon</title>" in page.text
        told.append(found[1])
    assert len(set(told)) == 3


async def test_the_cart_is_empty_once_it_is_paid_and_not_before(shopper: Shopper) -> None:
    first = await shopper.check_out(DREAM)
    await shopper.press()
    assert "The Dream Machine" in text(await shopper.get("/cart"))
    await shopper.confirm()
    await shopper.look()
    assert "There is nothing in it yet." in text(await shopper.get("/cart"))
    second = await shopper.check_out(CODE)
    assert second != first
    assert "The Dream Machine" not in text(await shopper.get(f"{second}/pay"))


async def test_the_poll_answers_the_state_as_a_fragment_and_stops_when_it_is_final(shopper: Shopper) -> None:
    await shopper.check_out(DREAM)
    await shopper.pay()
    reply = await shopper.get(f"{shopper.order}/status", **{"HX-Request-Type": "partial"})
    assert "Thank you: your order is paid" in text(reply)
    assert "<html" not in reply.text
    assert "hx-trigger" not in reply.text


async def test_a_late_failure_offers_to_put_the_books_back(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.check_out(DREAM)
    await shopper.confirm("pm_usBankAccount_accountClosed")
    await shopper.look()
    await shopper.http.post(f"{shop.sandbox}/_sandbox/settle")
    assert "Put the books back in my cart" in text(await shopper.look())
    reply = await shopper.post(f"{shopper.order}/cart")
    assert "The Dream Machine" in text(await shopper.get(reply.headers["Location"]))
    assert "This payment was cancelled" in text(await shopper.look())


async def test_an_order_needs_no_cookie(shopper: Shopper, new_shopper: NewShopper) -> None:
    await shopper.check_out(DREAM)
    await shopper.pay()
    assert "Charged $35.00" in text(await new_shopper().get(shopper.order))


async def test_an_address_that_is_wrong_by_a_letter_shows_nothing(shopper: Shopper) -> None:
    order = await shopper.check_out(DREAM)
    wrong = order[:-1] + ("B" if order[-1] == "A" else "A")
    for path in (wrong, f"{wrong}/pay", f"{wrong}/status", f"{order}x", "/orders/1"):
        page = await shopper.get(path)
        assert page.status_code == 404
        assert "We do not know this order" in text(page)


async def test_a_foreign_intent_in_the_address_shows_nothing_of_anyones(
    shopper: Shopper, new_shopper: NewShopper
) -> None:
    other = new_shopper()
    await other.check_out(CODE)
    foreign = await other.intent()
    await other.pay(email="bob@example.com")
    await shopper.check_out(DREAM)
    reply = await shopper.get(f"{shopper.order}?payment_intent={foreign.id}&redirect_status=succeeded")
    assert reply.status_code == 303
    assert reply.headers["Location"] == shopper.order
    page = await shopper.look()
    assert "This order is not paid yet" in text(page)
    assert foreign.id not in page.text
    assert "bob@example.com" not in page.text


async def test_an_order_that_costs_nothing_is_complete_without_an_intent(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await set_price(shop, CODE, 0)
    await shopper.check_out(CODE)
    page = text(await shopper.look())
    assert "There was nothing to pay." in page
    assert (await shopper.stripe.v1.payment_intents.list_async()).data == []


async def test_less_than_a_card_can_be_charged_is_refused_in_words(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await set_price(shop, CODE, 49)
    await shopper.add(CODE)
    reply = await shopper.post("/checkout")
    assert reply.status_code == 422
    assert "Cards cannot be charged less than $0.50. Add another book." in text(reply)


async def test_more_than_stripe_charges_is_refused_in_words(shopper: Shopper, shop: ShopUnderTest) -> None:
    await set_price(shop, CODE, 60_000_000)
    await shopper.add(CODE, 2)
    reply = await shopper.post("/checkout")
    assert reply.status_code == 422
    assert "One payment can be at most $999,999.99." in text(reply)


async def test_yen_are_charged_as_yen(shopper: Shopper, shop: ShopUnderTest) -> None:
    async with shop.db.write() as session:
        await session.execute(update(Book).where(Book.slug == CODE).values(currency="jpy", price=2400))
    await shopper.check_out(CODE)
    intent = await shopper.intent()
    assert (intent.amount, intent.currency) == (2400, "jpy")
    assert "Charged ¥2,400" in text(await shopper.pay())


async def test_what_was_sold_does_not_change_with_the_catalogue(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await shopper.check_out(CODE)
    await set_price(shop, CODE, 9900)
    page = text(await shopper.pay())
    assert "Charged $17.99" in page
    async with shop.db.read() as session:
        assert await session.scalar(select(Order.status)) == OrderStatus.PAID


async def set_price(shop: ShopUnderTest, slug: str, price: int) -> None:
    async with shop.db.write() as session:
        await session.execute(update(Book).where(Book.slug == slug).values(price=price))
