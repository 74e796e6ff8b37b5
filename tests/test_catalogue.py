"""The shelf: categories, sorting and pages, each state a plain link."""

import re

import pytest

from tests.shelving import titles
from tests.shopper import Shopper, text


async def test_each_book_is_an_article_with_a_form_that_adds_it(shopper: Shopper) -> None:
    page = await shopper.get("/?q=dream+machine")
    [article] = re.findall(r"<article.*?</article>", page.text, re.S)
    assert "The Dream Machine" in article
    assert 'action="/cart/items" method="post"' in article
    assert "Add to cart</button>" in article
    assert "$35.00" in article


async def test_no_other_form_of_the_shelf_speaks_of_the_cart(shopper: Shopper) -> None:
    page = await shopper.get("/")
    actions = re.findall(r'<form[^>]*action="([^"]*)"', page.text)
    assert set(actions) == {"/", "/cart/items"}


async def test_a_category_shows_its_books_only(shopper: Shopper) -> None:
    page = await shopper.http.get("/", params={"category": "Design"})
    assert titles(page) == ["The Design of Everyday Things"]
    assert "1 book" in text(page)


async def test_sorting_by_price(shopper: Shopper) -> None:
    assert titles(await shopper.get("/?sort=price"))[0] == "Flatland"
    assert (
        titles(await shopper.get("/?sort=-price"))[0] == "Structure and Interpretation of Computer Programs"
    )


async def test_the_pages_hold_all_books_once(shopper: Shopper) -> None:
    pages = [titles(await shopper.get(f"/?page={number}")) for number in (1, 2)]
    assert [len(page) for page in pages] == [24, 11]
    assert len({title for page in pages for title in page}) == 35


@pytest.mark.parametrize(
    "query", ["page=3", "page=0", "page=x", "page=-1", "sort=nonsense", "page=99999999999"]
)
async def test_a_page_that_is_not_there(shopper: Shopper, query: str) -> None:
    page = await shopper.get(f"/?{query}")
    assert page.status_code == 404
    assert "Look at the books" in text(page)


async def test_a_book_has_its_page(shopper: Shopper) -> None:
    page = text(await shopper.get("/books/godel-escher-bach"))
    for shown in (
        "An Eternal Golden Braid",
        "Douglas R. Hofstadter",
        "$26.99",
        "978-0-465-02656-2",
        "First published 1979",
    ):
        assert shown in page


async def test_an_unknown_book_is_not_found(shopper: Shopper) -> None:
    page = await shopper.get("/books/no-such-book")
    assert page.status_code == 404
    assert "We do not have that book." in text(page)


async def test_a_cover_is_kept_for_ever_under_its_own_tag(shopper: Shopper) -> None:
    page = await shopper.get("/books/flatland")
    [src] = re.findall(r'<img class="cover" src="([^"]+)" width="600" height="900"', page.text)
    cover = await shopper.get(src)
    assert cover.headers["Content-Type"].startswith("image/svg+xml")
    assert "immutable" in cover.headers["Cache-Control"]
    assert (await shopper.get("/books/flatland/cover.svg")).headers["Cache-Control"] == "no-cache"
    assert (await shopper.get(src, **{"If-None-Match": cover.headers["ETag"]})).status_code == 304
