"""Undoing the latest changes of a cart, with and without htmx."""

import asyncio
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from shop.cart_changes import KEPT
from shop.db import now
from shop.jobs import FORGOTTEN, sweep
from shop.models import Book, Cart, CartChange
from tests.conftest import NewShopper, ShopUnderTest
from tests.shopper import Shopper, text

DREAM, CODE, FLATLAND = "the-dream-machine", "the-code-book", "flatland"


async def lines(shopper: Shopper) -> list[tuple[str, int]]:
    """The cart as its page shows it, from top to bottom."""
    page = (await shopper.get("/cart")).text
    found = re.findall(r'id="quantity-([\w-]+)" name="quantity" value="(\d+)"', page)
    return [(slug, int(quantity)) for slug, quantity in found]


async def changes(shopper: Shopper) -> list[int]:
    """Those that the cart's page offers to undo, the newest first."""
    page = (await shopper.get("/cart")).text.partition("cart-changes")[2]
    return [int(number) for number in re.findall(r'name="change" value="(\d+)"', page)]


async def test_a_removed_line_comes_back_in_its_place_and_number(shopper: Shopper) -> None:
    for slug, quantity in ((DREAM, 1), (CODE, 3), (FLATLAND, 1)):
        await shopper.add(slug, quantity)
    reply = await shopper.post(f"/cart/items/{CODE}", quantity=0)
    page = await shopper.get(reply.headers["Location"])
    assert "Removed The Code Book. 2 books in your cart." in text(page)
    rows = re.findall(r'<li class="cart-(\w+)" id="\w+-([\w-]+?)"', page.text)
    assert rows == [("line", DREAM), ("removed", CODE), ("line", FLATLAND)]
    reply = await shopper.post("/cart/undo", change=(await changes(shopper))[0])
    assert reply.status_code == 303
    assert await lines(shopper) == [(DREAM, 1), (CODE, 3), (FLATLAND, 1)]
    assert "Undone" not in text(await shopper.get("/cart"))


async def test_the_place_of_a_removed_line_stays_until_the_next_change(shopper: Shopper) -> None:
    await shopper.add(DREAM)
    await shopper.add(CODE)
    reply = await shopper.post(f"/cart/items/{CODE}", htmx=True, quantity=0)
    assert re.search(r'id="removed-the-code-book".*?action="/cart/undo".*?data-focus', reply.text, re.S)
    reply = await shopper.post(f"/cart/items/{DREAM}", htmx=True, quantity=2)
    assert 'data-book="the-code-book"' not in reply.text


async def test_each_kind_of_change_is_undone_and_the_undoing_too(shopper: Shopper) -> None:
    await shopper.add(DREAM)
    await shopper.add(CODE, 2)
    await shopper.post(f"/cart/items/{CODE}", quantity=5)
    for expected in ([(DREAM, 1), (CODE, 2)], [(DREAM, 1), (CODE, 5)]):
        reply = await shopper.post("/cart/undo", htmx=True, change=(await changes(shopper))[0])
        assert f"Undone. {expected[1][1]} × The Code Book." in text(reply)
        assert await lines(shopper) == expected
    added = (await changes(shopper))[-1]
    await shopper.post("/cart/undo", change=added)
    assert await lines(shopper) == [(CODE, 5)]
    await shopper.post("/cart/undo", change=(await changes(shopper))[0])
    assert await lines(shopper) == [(DREAM, 1), (CODE, 5)]


async def test_remove_pressed_twice_removes_once_and_still_offers_undo(shopper: Shopper) -> None:
    await shopper.add(DREAM, 2)
    for _ in range(2):
        reply = await shopper.post(f"/cart/items/{DREAM}", htmx=True, quantity=0, seen="1.page")
        assert "Removed The Dream Machine. Your cart is empty." in text(reply)
        assert 'id="removed-the-dream-machine"' in reply.text
    assert len(await changes(shopper)) == 1


async def test_undo_pressed_twice_at_once_undoes_once(shopper: Shopper) -> None:
    await shopper.add(DREAM, 2)
    await shopper.post(f"/cart/items/{DREAM}", quantity=0)
    replies = await asyncio.gather(*(shopper.post("/cart/undo", change=2) for _ in range(3)))
    assert {reply.status_code for reply in replies} == {303}
    assert await lines(shopper) == [(DREAM, 2)]


async def test_the_last_ten_changes_can_be_undone_and_no_more(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.add(FLATLAND)
    for quantity in range(2, 14):
        await shopper.post(f"/cart/items/{FLATLAND}", quantity=quantity)
    assert await changes(shopper) == list(range(13, 3, -1))
    reply = await shopper.post("/cart/undo", change=3)
    assert reply.status_code == 409
    assert "That change cannot be undone any more." in text(reply)
    await shopper.post("/cart/undo", change=4)
    assert await lines(shopper) == [(FLATLAND, 3)]
    async with shop.db.read() as session:
        assert await session.scalar(select(func.count(CartChange.id))) == KEPT


@pytest.mark.parametrize(
    ("stock", "says"), [(0, "The Code Book is sold out."), (1, "There is only 1 copy of The Code Book left.")]
)
async def test_undo_keeps_to_the_stock(shopper: Shopper, shop: ShopUnderTest, stock: int, says: str) -> None:
    await shopper.add(CODE, 2)
    await shopper.post(f"/cart/items/{CODE}", quantity=0)
    async with shop.db.write() as session:
        await session.execute(update(Book).where(Book.slug == CODE).values(stock=stock))
    reply = await shopper.post("/cart/undo", change=2)
    assert reply.status_code == 409
    assert says in text(reply)
    assert await lines(shopper) == []


async def test_undo_keeps_to_the_limit_of_a_cart(shopper: Shopper) -> None:
    for slug in (FLATLAND, "neuromancer", "snow-crash"):
        await shopper.add(slug, 20)
    await shopper.post(f"/cart/items/{FLATLAND}", quantity=0)
    await shopper.add(CODE)
    assert "A cart holds at most 60 books." in text(await shopper.post("/cart/undo", change=4))


async def test_what_was_bought_is_not_brought_back(shopper: Shopper) -> None:
    await shopper.add(CODE, 3)
    await shopper.post(f"/cart/items/{CODE}", quantity=2)
    await shopper.add(FLATLAND)
    await shopper.post(f"/cart/items/{FLATLAND}", quantity=0)
    await shopper.check_out()
    await shopper.pay()
    for change in range(1, 5):
        assert (await shopper.post("/cart/undo", change=change)).status_code == 409
    assert await lines(shopper) == []
    await shopper.add(DREAM)
    assert await lines(shopper) == [(DREAM, 1)]


async def test_nobody_undoes_what_another_did(shopper: Shopper, new_shopper: NewShopper) -> None:
    await shopper.add(CODE)
    other = new_shopper()
    assert (await other.post("/cart/undo", change=1)).status_code == 409
    await other.add(DREAM)
    await other.post("/cart/undo", change=1)
    assert await lines(shopper) == [(CODE, 1)]


async def test_the_changes_go_with_the_cart(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.add(CODE)
    async with shop.db.write() as session:
        await session.execute(update(Cart).values(updated_at=now() - FORGOTTEN - timedelta(days=1)))
    await sweep(shop.db, shop.app.extensions["gateway"])
    async with shop.db.read() as session:
        assert await session.scalar(select(func.count(CartChange.id))) == 0
