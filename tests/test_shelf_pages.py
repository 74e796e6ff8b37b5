"""Pages of a large shelf: wherever somebody begins, each book stands on one of them, in its order."""

import random
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, insert

from shop.models import Book, BookFormat
from tests.conftest import ShopUnderTest
from tests.shopper import Shopper

MANY = 250
Made = dict[str, Any]
ORDERS: dict[str, Callable[[Made], Any]] = {
    "featured": lambda book: book["id"],
    "title": lambda book: (book["search_title"], book["id"]),
    "price": lambda book: (book["price"], book["id"]),
    "-price": lambda book: (-book["price"], -book["id"]),
    "newest": lambda book: (-(book["year"] or 0), book["id"]),
}


def made(number: int) -> Made:
    """Many are alike in their price, year and title."""
    chance = random.Random(number)
    title = f"pulp {chance.choice('abc')}"
    return {
        "id": 1000 + number, "slug": f"pulp-{number}", "title": title, "search_title": title, "authors": "Ann",
        "search_text": f"{title} n{number}", "subtitle": "", "publisher": "", "blurb": "", "currency": "usd",
        "stock": 1, "held": 0, "price": chance.choice((500, 700, 900)), "year": chance.choice((None, None, 1999, 2005)),
        "category": chance.choice(("Pulp", "Pulp", "Noir")), "withdrawn": chance.random() < 0.1,
        "format": chance.choice((BookFormat.PAPERBACK, BookFormat.HARDCOVER)),
    }  # fmt: skip


async def stock_many(shop: ShopUnderTest) -> list[Made]:
    """Instead of those that were there. Returns those on sale."""
    books = [made(number) for number in range(MANY)]
    async with shop.db.write() as session:
        await session.execute(delete(Book))
        await session.execute(insert(Book), books)
    return [book for book in books if not book["withdrawn"]]


async def slugs_on(shopper: Shopper, **query: str | int) -> list[str]:
    page = await shopper.http.get("/", params=query)
    assert page.status_code == 200
    return re.findall(r'<h2 class="book-title"><a href="/books/([^"]+)"', page.text)


@pytest.mark.parametrize("sort", ORDERS)
@pytest.mark.parametrize(
    "filters", [{}, {"category": "Pulp"}, {"format": "paperback", "price_to": "7"}], ids=str
)
async def test_all_pages_hold_each_book_once_in_its_order_from_wherever_one_comes(
    shopper: Shopper, shop: ShopUnderTest, sort: str, filters: dict[str, str]
) -> None:
    on_sale = await stock_many(shop)
    meant = [
        book
        for book in on_sale
        if all(book[name] == value for name, value in filters.items() if name != "price_to")
        and ("price_to" not in filters or book["price"] <= 700)
    ]
    expected = [book["slug"] for book in sorted(meant, key=ORDERS[sort])]
    wanted = list(range(1, -(-len(expected) // 24) + 1))
    random.Random(sort).shuffle(wanted)
    pages = {page: await slugs_on(shopper, page=page, sort=sort, **filters) for page in wanted}
    assert [slug for page in sorted(pages) for slug in pages[page]] == expected
