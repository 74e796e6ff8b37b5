"""Buy now: one book, beside the cart, through the same order, intent and press as everything else."""

import asyncio
import re
from dataclasses import replace

import pytest
import stripe
from sqlalchemy import func, select, update

from shop.jobs import ABANDONED
from shop.models import Book, Cart, Mail, Order
from tests.conftest import NewShopper, ShopUnderTest
from tests.shopper import DECLINED, Shopper, text
from tests.test_hosted_page import sessions
from tests.test_jobs import sweep_after
from tests.test_orders import set_price
from tests.test_payment_races import change, lapse, statuses
from tests.test_payments import intents, send_no_webhooks

DREAM, CODE, FLATLAND = "the-dream-machine", "the-code-book", "flatland"


async def count(shop: ShopUnderTest, *where: object) -> int:
    async with shop.db.read() as session:
        return await session.scalar(select(func.count(Order.id)).where(*where)) or 0  # type: ignore[arg-type]


async def test_it_sells_that_book_and_leaves_the_cart_alone(shopper: Shopper) -> None:
    await shopper.add(CODE)
    await shopper.buy_now(DREAM)
    assert "Your cart stays as it is." in text(await shopper.get(f"{shopper.order}/pay"))
    page = text(await shopper.pay())
    assert "Charged $35.00" in page
    assert "The Code Book" not in page
    cart = text(await shopper.get("/cart"))
    assert "The Code Book" in cart
    assert "Total $17.99" in cart


async def test_a_book_that_is_in_the_cart_too_stays_there(shopper: Shopper) -> None:
    await shopper.add(DREAM, 2)
    await shopper.buy_now(DREAM)
    await shopper.pay()
    assert "Cart 2 books" in text(await shopper.get("/cart"))


async def test_email_is_optional_and_without_one_no_receipt_is_owed(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await shopper.buy_now(DREAM)
    page = await shopper.get(f"{shopper.order}/pay")
    assert "Email (optional)" in text(page)
    assert " required" not in page.text
    assert "Thank you: your order is paid" in text(await shopper.pay(email=""))
    async with shop.db.read() as session:
        assert await session.scalar(select(func.count(Mail.id))) == 0


async def test_an_address_that_is_given_gets_its_receipt_and_a_wrong_one_is_told(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await shopper.buy_now(DREAM)
    assert (await shopper.press(email="ada@")).status_code == 422
    assert "A receipt goes to ada@example.com." in text(await shopper.pay())
    async with shop.db.read() as session:
        assert await session.scalar(select(Mail.recipient)) == "ada@example.com"


async def test_an_order_of_a_cart_needs_an_address(shopper: Shopper) -> None:
    await shopper.check_out(DREAM)
    reply = await shopper.press(email="")
    assert (reply.status_code, "Enter your email address" in text(reply)) == (422, True)


async def test_twice_for_one_book_finds_the_open_order(shopper: Shopper) -> None:
    first = await shopper.buy_now(DREAM)
    other = await shopper.buy_now(FLATLAND)
    assert await shopper.buy_now(DREAM) == first != other
    assert len(await intents(shopper.stripe)) == 2


async def test_ten_presses_at_once_make_one_order(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.add(CODE)
    replies = await asyncio.gather(*(shopper.post(f"/books/{DREAM}/checkout") for _ in range(10)))
    assert len({reply.headers["Location"] for reply in replies}) == 1
    assert (await count(shop), len(await intents(shopper.stripe))) == (1, 1)


async def test_a_double_click_of_somebody_who_has_no_cookie_yet_makes_one_order(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    page = await shopper.get(f"/books/{DREAM}")
    found = re.search(r'name="visit" value="([^"]+)"', page.text)
    assert found
    presses = (shopper.post(f"/books/{DREAM}/checkout", visit=found[1]) for _ in range(5))
    assert len({reply.headers["Location"] for reply in await asyncio.gather(*presses)}) == 1
    assert (await count(shop), len(await intents(shopper.stripe))) == (1, 1)


async def test_nobody_gets_at_a_cart_by_its_id(
    shopper: Shopper, new_shopper: NewShopper, shop: ShopUnderTest
) -> None:
    await shopper.add(CODE)
    async with shop.db.read() as session:
        cart = await session.scalar(select(Cart.public_id))
    eve = new_shopper()
    await eve.post(f"/books/{DREAM}/checkout", visit=cart)
    assert "There is nothing in it yet." in text(await eve.get("/cart"))


async def test_a_cart_with_the_same_book_is_an_order_of_its_own(shopper: Shopper) -> None:
    now_order = await shopper.buy_now(DREAM)
    assert await shopper.check_out(DREAM) != now_order
    assert "Thank you" in text(await shopper.pay())
    shopper.order = now_order
    assert "Thank you" in text(await shopper.pay())
    assert "There is nothing in it yet." in text(await shopper.get("/cart"))


async def test_after_it_is_paid_the_next_press_buys_another(shopper: Shopper, shop: ShopUnderTest) -> None:
    first = await shopper.buy_now(DREAM)
    await shopper.pay()
    assert await shopper.buy_now(DREAM) != first
    await shopper.pay()
    async with shop.db.read() as session:
        assert await session.scalar(select(Book.stock).where(Book.slug == DREAM)) == 7


async def test_a_price_that_changed_updates_the_intent_and_is_told(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    order = await shopper.buy_now(DREAM)
    await set_price(shop, DREAM, 3600)
    assert await shopper.buy_now(DREAM) == order
    assert "The total was $35.00 and is now $36.00." in text(await shopper.press(total=3500))
    assert [intent.amount for intent in await intents(shopper.stripe)] == [3600]


async def test_a_payment_that_nobody_saw_is_found_and_not_made_again(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await send_no_webhooks(shopper)
    order = await shopper.buy_now(DREAM)
    await shopper.press()
    await shopper.confirm()
    await set_price(shop, DREAM, 3600)
    assert await shopper.buy_now(DREAM) == order
    assert (await count(shop), await statuses(shopper)) == (1, ["succeeded"])


@pytest.mark.parametrize("lapsed", [False, True])
async def test_another_price_waits_for_the_press_that_is_under_way(
    shopper: Shopper, shop: ShopUnderTest, lapsed: bool
) -> None:
    order = await shopper.buy_now(DREAM)
    await shopper.press()
    await set_price(shop, DREAM, 3600)
    if lapsed:
        await lapse(shop)
    reply = await shopper.post(f"/books/{DREAM}/checkout")
    assert reply.status_code == (303 if lapsed else 409)
    assert (f'href="{order}/pay"' in reply.text) is not lapsed
    left = [intent.amount for intent in await intents(shopper.stripe) if intent.status != "canceled"]
    assert left == [3600 if lapsed else 3500]


async def test_a_decline_and_then_another_card_on_the_same_intent(shopper: Shopper) -> None:
    await shopper.buy_now(DREAM)
    await shopper.press()
    with pytest.raises(stripe.CardError):
        await shopper.confirm(DECLINED)
    assert "Your card was declined." in text(await shopper.look())
    assert "Thank you" in text(await shopper.pay())
    assert len(await intents(shopper.stripe)) == 1


async def test_the_press_holds_the_copy_and_a_sold_out_book_says_so_on_its_page(
    shopper: Shopper, new_shopper: NewShopper, shop: ShopUnderTest
) -> None:
    await change(shop, update(Book).where(Book.slug == DREAM).values(stock=1))
    order = await shopper.buy_now(DREAM)
    late = new_shopper()
    await late.buy_now(DREAM)
    await shopper.press()
    refused = text(await late.press(total=3500))
    assert "Somebody else is paying for the last copies of The Dream Machine" in refused
    assert "cart" not in refused
    assert await shopper.buy_now(DREAM) == order  # his own hold is not in his way
    reply = await new_shopper().post(f"/books/{DREAM}/checkout")
    assert (reply.status_code, "The Dream Machine is sold out." in text(reply)) == (409, True)


async def test_a_book_that_is_too_cheap_alone_says_what_to_do(shopper: Shopper, shop: ShopUnderTest) -> None:
    await set_price(shop, CODE, 49)
    reply = await shopper.post(f"/books/{CODE}/checkout")
    assert reply.status_code == 422
    assert "Put it in your cart with another book." in text(reply)


async def test_a_free_book_is_there_at_once(shopper: Shopper, shop: ShopUnderTest) -> None:
    await set_price(shop, CODE, 0)
    await shopper.buy_now(CODE)
    assert "There was nothing to pay." in text(await shopper.look())
    first = shopper.order
    assert await shopper.buy_now(CODE) == first  # a double click
    assert await count(shop, Order.status == "paid") == 1


async def test_stripes_page_takes_it_too(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.add(CODE)
    await shopper.buy_now(DREAM)
    await shopper.pay_session(await shopper.open_session())
    assert "Charged $35.00" in text(await shopper.look())
    assert await sessions(shopper) == ["complete"]
    assert "The Code Book" in text(await shopper.get("/cart"))


async def test_after_a_cancellation_the_same_book_can_be_bought_again_and_the_cart_is_not_touched(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await shopper.add(CODE)
    order = await shopper.buy_now(DREAM)
    await shopper.post(f"{order}/cancellation")
    page = text(await shopper.look())
    assert "Check out again" in page
    assert "Put the books back" not in page
    again = await shopper.post(f"{order}/checkout")
    shopper.order = again.headers["Location"].removesuffix("/pay")
    assert "Charged $35.00" in text(await shopper.pay())
    assert "Total $17.99" in text(await shopper.get("/cart"))


async def test_a_bank_debit_that_fails_puts_nothing_in_the_cart_and_can_be_paid_otherwise(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await shopper.buy_now(DREAM)
    await shopper.confirm("pm_usBankAccount_accountClosed")
    await shopper.look()
    await shopper.http.post(f"{shop.sandbox}/_sandbox/settle")
    assert "Put the books back" not in text(await shopper.look())
    await shopper.post(f"{shopper.order}/cart")  # no button leads here
    assert "There is nothing in it yet." in text(await shopper.get("/cart"))


async def test_one_that_nobody_pays_is_swept_away(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.buy_now(DREAM)
    assert await sweep_after(shop, ABANDONED * 2) == (1, 0)
    assert await statuses(shopper) == ["canceled"]


async def test_failed_payments_count_against_the_visitors_other_orders(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    shop.app.extensions["settings"] = replace(shop.settings, failed_payments_per_cart=1)
    await shopper.check_out(CODE)
    cart_order = shopper.order
    await shopper.buy_now(DREAM)
    with pytest.raises(stripe.CardError):
        await shopper.confirm(DECLINED)
    await shopper.look()
    reply = await shopper.post(f"{cart_order}/pay", htmx=True, email="ada@example.com", total=1799)
    assert reply.status_code == 429


async def test_by_setting_it_leads_to_stripes_page_at_once(shopper: Shopper, shop: ShopUnderTest) -> None:
    shop.app.extensions["settings"] = replace(shop.settings, ui_mode="hosted_page")
    reply = await shopper.post(f"/books/{DREAM}/checkout")
    assert reply.headers["Location"].startswith(f"{shop.sandbox}/c/pay/cs_")
