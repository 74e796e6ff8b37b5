"""Narrowing the shelf: everything stands in the address, and counts together."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import update

from shop.catalogue_file import BookRow, read_catalogue
from shop.models import Book, BookFormat
from shop.stocking import DEMO_BOOKS
from tests.conftest import ShopUnderTest
from tests.shelving import search, stock, titles
from tests.shopper import Shopper

FILTERS: list[tuple[dict[str, str], Callable[[BookRow], bool]]] = [
    ({"format": "paperback"}, lambda book: book.format == BookFormat.PAPERBACK),
    ({"price_from": "20", "price_to": "$24.00"}, lambda book: 2000 <= book.price <= 2400),
    ({"price_to": "12,50"}, lambda book: book.price <= 1250),
    ({"price_from": "9999999"}, lambda book: False),
    ({"in_stock": "1"}, lambda book: book.stock > 0 and book.title != "Flatland"),
    (
        {"category": "Computing history", "format": "paperback", "price_from": "19", "q": "the"},
        lambda book: book.category == "Computing history" and book.format == "paperback" and book.price >= 1900
        and any(word.startswith("the") for word in f"{book.title} {book.subtitle}".lower().split()),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("query", "meets"), FILTERS)
async def test_filters_show_the_books_that_meet_all_of_them(
    shopper: Shopper, shop: ShopUnderTest, query: dict[str, str], meets: Callable[[BookRow], bool]
) -> None:
    async with shop.db.write() as session:
        await session.execute(update(Book).where(Book.slug == "flatland").values(held=Book.stock))
    expected = {book.title for book in read_catalogue(DEMO_BOOKS.read_bytes()) if meets(book)}
    pages = [await shopper.http.get("/", params={**query, "sort": "price"})]
    if len(expected) > 24:
        pages.append(await shopper.http.get("/", params={**query, "sort": "price", "page": "2"}))
    assert {title for page in pages for title in titles(page)} == expected
    prices = re.findall(r'book-price">\$([\d.]+)', "".join(page.text for page in pages))
    assert prices == sorted(prices, key=float)


async def test_a_price_is_in_the_currency_of_each_book(shopper: Shopper, shop: ShopUnderTest) -> None:
    await stock(shop, ",Zyen,Quill,2000,jpy,1", ",Zdollar,Quill,2000,usd,1", ",Zdinar,Quill,21000,kwd,1")
    assert set(titles(await search(shopper, "quill", price_to="20.50"))) == {"Zdollar"}
    assert set(titles(await search(shopper, "quill", price_to="21"))) == {"Zdollar", "Zdinar"}
    assert set(titles(await search(shopper, "quill", price_from="20.5"))) == {"Zyen", "Zdinar"}


@pytest.mark.parametrize("htmx", [False, True])
async def test_a_price_that_is_none_is_told_beside_it_and_does_not_count(
    shopper: Shopper, htmx: bool
) -> None:
    page = await search(shopper, "flatland", htmx, price_from="cheap", price_to="10")
    assert (page.status_code, titles(page)) == (422, ["Flatland"])
    assert (
        '<p class="problem" id="price-problem">“cheap” is no price: write it like 12 or 12.50.' in page.text
    )
    assert page.text.count('aria-invalid="true" aria-describedby="price-problem"') == 1
    assert 'value="cheap"' in page.text


async def test_htmx_gets_the_shelf_its_address_and_one_announcement(shopper: Shopper) -> None:
    page = await search(shopper, "the", htmx=True, format="hardcover", category="", price_from="", page="1")
    assert "HX-Request-Type" in page.headers["Vary"]
    assert page.headers["HX-Push-Url"] == "/?q=the&format=hardcover"
    count = len(titles(page))
    assert page.text.count(f'<p class="hidden">{count} books found.</p>') == 1
    assert "<title>Search: the · Colophon</title>" in page.text
    assert "<header" not in page.text
    assert titles(await shopper.get(page.headers["HX-Push-Url"])) == titles(page)


async def test_links_of_a_filtered_shelf_keep_the_filters(shopper: Shopper) -> None:
    page = await shopper.get("/?format=paperback&in_stock=1&sort=title&q=the")
    assert (
        'href="/?q=the&amp;category=Design&amp;format=paperback&amp;in_stock=1&amp;sort=title"' in page.text
    )
    assert 'href="/?q=the&amp;format=paperback&amp;in_stock=1&amp;sort=price"' in page.text
    for kept in (
        'name="q" value="the"',
        'name="sort" value="title"',
        'value="paperback" selected',
        "checked>",
    ):
        assert kept in page.text
