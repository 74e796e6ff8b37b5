"""A book that is no longer sold: off the shelf, not to be bought, and still there for orders and carts."""

import pytest
from sqlalchemy import update

from shop.models import Book
from tests.conftest import ShopUnderTest
from tests.shelving import search, titles
from tests.shopper import Shopper, text

DATABASE = "sqlite"
FLATLAND, GONE = "flatland", "Flatland is no longer sold."


async def withdraw(shop: ShopUnderTest, slug: str) -> None:
    async with shop.db.write() as session:
        await session.execute(update(Book).where(Book.slug == slug).values(withdrawn=True))


@pytest.mark.both_databases
async def test_what_is_no_longer_sold_is_not_on_the_shelf(shop: ShopUnderTest, shopper: Shopper) -> None:
    assert titles(await search(shopper, "flatland")) == ["Flatland"]
    await withdraw(shop, FLATLAND)
    assert titles(await search(shopper, "flatland")) == []
    shelf = await shopper.get("/")
    assert "34 books" in text(shelf)
    assert "Flatland" not in shelf.text
    suggestions = await shopper.get("/suggestions?q=flatl", **{"HX-Request-Type": "partial"})
    assert "Flatland" not in suggestions.text


async def test_its_page_says_so_and_its_isbn_still_leads_there(shop: ShopUnderTest, shopper: Shopper) -> None:
    await withdraw(shop, FLATLAND)
    assert (await search(shopper, "9780486272634")).headers["Location"] == "/books/flatland"
    page = await shopper.get("/books/flatland")
    assert page.status_code == 410
    assert "We do not sell this book any more." in text(page)
    assert "Add to cart" not in page.text
    assert "Buy now" not in page.text
    refused = [await shopper.add(FLATLAND), await shopper.post("/books/flatland/checkout")]
    assert [(reply.status_code, GONE in text(reply)) for reply in refused] == [(409, True)] * 2


@pytest.mark.both_databases
async def test_a_cart_and_an_order_that_have_it_say_so(shop: ShopUnderTest, shopper: Shopper) -> None:
    order = await shopper.check_out(FLATLAND, "kindred")
    await withdraw(shop, FLATLAND)
    pressed = await shopper.press()
    assert pressed.status_code == 409
    assert f"{GONE} Nothing was charged: take it out" in text(pressed)
    assert GONE in text(await shopper.get("/cart"))
    await shopper.post(f"/cart/items/{FLATLAND}", quantity=0)
    assert await shopper.check_out() == order
    assert "Thank you" in text(await shopper.pay())


async def test_a_file_that_is_no_longer_sold_is_not_paid_for(shop: ShopUnderTest, shopper: Shopper) -> None:
    await shopper.buy_now("the-last-page")
    await withdraw(shop, "the-last-page")
    assert "The Last Page is no longer sold. Nothing was charged." in text(await shopper.press())
