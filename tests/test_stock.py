"""The last copy: held by whoever presses Pay, sold to whoever pays, and no charge kept without a book."""

import asyncio

import httpx
import pytest
import stripe
from sqlalchemy import select, update

from shop.models import Book
from tests.conftest import NewShopper, ShopUnderTest
from tests.shopper import CHALLENGE, DECLINED, Shopper, text
from tests.test_payment_races import change

DREAM, CODE = "the-dream-machine", "the-code-book"


async def leave(shop: ShopUnderTest, copies: int, slug: str = DREAM) -> None:
    await change(shop, update(Book).where(Book.slug == slug).values(stock=copies))


async def stock_and_held(shop: ShopUnderTest, slug: str = DREAM) -> tuple[int, int]:
    async with shop.db.read() as session:
        book = (await session.scalars(select(Book).where(Book.slug == slug))).one()
        return book.stock, book.held


async def two_at_the_last_copy(shop: ShopUnderTest, new_shopper: NewShopper) -> tuple[Shopper, Shopper]:
    await leave(shop, 1)
    ada, bob = new_shopper(), new_shopper()
    await ada.check_out(DREAM)
    await bob.check_out(DREAM)
    return ada, bob


async def one_who_wants_the_last_copy_and_one_who_wants_more(
    shop: ShopUnderTest, new_shopper: NewShopper
) -> tuple[Shopper, Shopper]:
    await leave(shop, 1)
    await leave(shop, 5, CODE)
    ada, bob = new_shopper(), new_shopper()
    await bob.check_out(CODE, DREAM)
    await ada.check_out(DREAM)
    return ada, bob


async def test_the_press_holds_the_books_and_payment_takes_them(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await leave(shop, 5)
    await shopper.check_out(DREAM)
    assert await stock_and_held(shop) == (5, 0)
    await shopper.press()
    assert await stock_and_held(shop) == (5, 1)
    await shopper.confirm()
    await shopper.look()
    assert await stock_and_held(shop) == (4, 0)


async def test_who_comes_second_is_told_and_may_have_it_after_a_decline(
    shop: ShopUnderTest, new_shopper: NewShopper
) -> None:
    ada, bob = await two_at_the_last_copy(shop, new_shopper)
    assert (await ada.press()).status_code == 204
    reply = await bob.press("bob@example.com")
    assert reply.status_code == 409
    assert "Somebody else is paying for the last copies of The Dream Machine" in text(reply)
    with pytest.raises(stripe.CardError):
        await ada.confirm(DECLINED)
    await ada.look()
    assert "Thank you" in text(await bob.pay(email="bob@example.com"))


async def test_the_shelf_says_sold_out_while_the_last_copy_is_being_paid(
    shopper: Shopper, shop: ShopUnderTest, new_shopper: NewShopper
) -> None:
    await leave(shop, 1)
    await shopper.check_out(DREAM)
    await shopper.press()
    assert "sold out" in text(await new_shopper().get(f"/books/{DREAM}")).lower()
    assert "sold out" in text(await new_shopper().add(DREAM))
    assert "sold out" not in text(await shopper.get("/cart"))


async def test_a_hold_stays_through_a_challenge_and_goes_with_a_cancelled_payment(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    order = await shopper.check_out(DREAM)
    before, _ = await stock_and_held(shop)
    await shopper.press()
    await shopper.confirm(CHALLENGE)
    await shopper.look()
    assert await stock_and_held(shop) == (before, 1)
    await shopper.post(f"{order}/cancellation")
    assert await stock_and_held(shop) == (before, 0)


async def test_pressing_again_holds_once(shopper: Shopper, shop: ShopUnderTest) -> None:
    await leave(shop, 1)
    await shopper.check_out(DREAM)
    for _ in range(3):
        assert (await shopper.press()).status_code == 204
    assert await stock_and_held(shop) == (1, 1)


async def test_stripes_page_holds_the_books_too(shop: ShopUnderTest, new_shopper: NewShopper) -> None:
    ada, bob = await two_at_the_last_copy(shop, new_shopper)
    session = await ada.open_session()
    reply = await bob.post(f"{bob.order}/session")
    assert reply.status_code == 409
    assert "Somebody else is paying" in text(reply)
    await ada.stripe.v1.checkout.sessions.expire_async(session)
    await ada.look()
    assert await stock_and_held(shop) == (1, 0)


async def test_a_payment_that_bypassed_the_press_takes_what_is_there(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await leave(shop, 1)
    await shopper.check_out(DREAM)
    await shopper.confirm()
    assert "Thank you" in text(await shopper.look())
    assert await stock_and_held(shop) == (0, 0)


async def test_a_payment_for_books_that_somebody_else_has_is_given_back(
    shop: ShopUnderTest, new_shopper: NewShopper
) -> None:
    ada, bob = await two_at_the_last_copy(shop, new_shopper)
    await ada.pay()
    intent = await bob.confirm()
    page = text(await bob.look())
    assert "The Dream Machine was sold out" in page
    charge = await bob.stripe.v1.charges.retrieve_async(str(intent.latest_charge))
    assert (charge.amount_refunded, charge.refunded) == (3500, True)
    assert await stock_and_held(shop) == (0, 0)


async def test_of_a_payment_that_is_given_back_no_other_book_is_taken_either(
    shop: ShopUnderTest, new_shopper: NewShopper
) -> None:
    ada, bob = await one_who_wants_the_last_copy_and_one_who_wants_more(shop, new_shopper)
    await ada.pay()
    await bob.confirm()
    assert "Your payment was given back" in text(await bob.look())
    assert [await stock_and_held(shop, slug) for slug in (CODE, DREAM)] == [(5, 0), (0, 0)]


async def test_of_several_books_all_or_none_are_taken(shop: ShopUnderTest, new_shopper: NewShopper) -> None:
    ada, bob = await one_who_wants_the_last_copy_and_one_who_wants_more(shop, new_shopper)
    await ada.press()
    assert (await bob.press("bob@example.com")).status_code == 409
    assert await stock_and_held(shop, CODE) == (5, 0)


async def press(buyer: Shopper) -> httpx.Response:
    """As a person would, who is asked to try again in a moment."""
    reply = await buyer.press(total=3500)
    if reply.status_code != 503:
        return reply
    await asyncio.sleep(float(reply.headers["Retry-After"]))
    return await press(buyer)


async def test_of_200_buyers_of_the_last_copy_one_keeps_it(
    shop: ShopUnderTest, new_shopper: NewShopper
) -> None:
    await leave(shop, 1)
    buyers = [new_shopper() for _ in range(200)]
    for buyer in buyers:
        buyer.http.timeout = httpx.Timeout(120)  # it is not about speed
    gate = asyncio.Semaphore(20)

    async def come(buyer: Shopper) -> None:
        async with gate:
            await buyer.check_out(DREAM)

    await asyncio.gather(*(come(buyer) for buyer in buyers))
    replies = await asyncio.gather(*(press(buyer) for buyer in buyers))
    assert sorted(reply.status_code for reply in replies) == [204] + [409] * 199
    assert {text(r) for r in replies if r.status_code == 409} == {
        "Somebody else is paying for the last copies of The Dream Machine at this moment. If they do not finish "
        "within a few minutes, they are yours: try again then, or take it out of your cart. Nothing was charged."
    }
    winner = next(buyer for buyer, reply in zip(buyers, replies, strict=True) if reply.status_code == 204)
    await winner.confirm()
    assert "Thank you" in text(await winner.look())
    assert await stock_and_held(shop) == (0, 0)
