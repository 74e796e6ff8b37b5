"""A book's price and stock in the back office, while others buy it."""

import asyncio
import re

import httpx
import pytest
from sqlalchemy import update

from shop.models import Book
from tests.conftest import ShopUnderTest
from tests.shopper import Shopper, text
from tests.test_payment_races import change
from tests.test_stock import stock_and_held

DREAM, EBOOK = "the-dream-machine", "the-last-page"


async def seen(staff: httpx.AsyncClient, slug: str = DREAM) -> dict[str, str]:
    """The form as the book's page has it."""
    page = (await staff.get(f"/staff/books/{slug}")).text
    form = dict(re.findall(r'name="(seen_price|seen_stock)" value="(\d+)"', page))
    return form | dict(re.findall(r'name="(price|stock)"[^>]* value="([^"]*)"', page))


async def save(staff: httpx.AsyncClient, form: dict[str, str], slug: str = DREAM) -> httpx.Response:
    return await staff.post(f"/staff/books/{slug}", data=form)


async def test_a_new_price_and_stock_are_in_the_shop_at_once(
    shopper: Shopper, shop: ShopUnderTest, staff: httpx.AsyncClient
) -> None:
    await shopper.add(DREAM)
    reply = await save(staff, await seen(staff) | {"price": "40", "stock": "1"})
    assert (reply.status_code, "Saved." in text(await staff.get(reply.headers["Location"]))) == (303, True)
    assert "$40.00" in text(await shopper.get(f"/books/{DREAM}"))
    assert "$40.00" in text(await shopper.get("/cart"))
    assert await stock_and_held(shop, DREAM) == (1, 0)


async def test_what_is_no_price_or_stock_is_told_at_its_field(staff: httpx.AsyncClient) -> None:
    form = await seen(staff)
    wrong = {
        "price": {"": "like 12.50", "12,50": "like 12.50", "1.234": "like 12.50", "-1": "like 12.50",
                  "1000000": "more than $999,999.99", "9" * 2000: "more than"},
        "stock": {"": "Is empty.", "-1": "is not a whole number of copies", "1.5": "not a whole number",
                  "1000001": "is not between 0 and 1000000", "²": "is not a whole number"},
    }  # fmt: skip
    for name, cases in wrong.items():
        for typed, why in cases.items():
            reply = await save(staff, form | {name: typed})
            assert (reply.status_code, why in text(reply)) == (422, True), (name, typed, text(reply))
            assert f'href="#book-{name}"' in reply.text
    assert await seen(staff) == form


async def test_copies_that_are_being_paid_for_stay(
    shopper: Shopper, shop: ShopUnderTest, staff: httpx.AsyncClient
) -> None:
    await shopper.add(DREAM, 2)
    await shopper.check_out()
    await shopper.press()
    reply = await save(staff, await seen(staff) | {"stock": "1"})
    assert (reply.status_code, "2 copies are being paid for at this moment" in text(reply)) == (422, True)
    assert (await save(staff, await seen(staff) | {"stock": "2"})).status_code == 303
    assert await stock_and_held(shop, DREAM) == (2, 2)


async def test_a_page_that_is_older_than_a_sale_overwrites_nothing(
    shopper: Shopper, shop: ShopUnderTest, staff: httpx.AsyncClient
) -> None:
    form = await seen(staff)
    await shopper.check_out(DREAM)
    await shopper.pay()
    reply = await save(staff, form | {"price": "40"})
    assert (reply.status_code, "has got another price or stock" in text(reply)) == (409, True)
    assert (await seen(staff))["price"] == "35.00"
    both = await seen(staff)
    replies = await asyncio.gather(*(save(staff, both | {"stock": stock}) for stock in ("50", "60")))
    assert sorted(reply.status_code for reply in replies) == [303, 409]


async def test_a_file_has_a_price_and_no_stock_and_currencies_keep_their_decimals(
    shop: ShopUnderTest, staff: httpx.AsyncClient
) -> None:
    assert "stock" not in await seen(staff, EBOOK)
    assert (await save(staff, await seen(staff, EBOOK) | {"price": "0"}, EBOOK)).status_code == 303
    assert (await save(staff, await seen(staff, EBOOK) | {"stock": "5"}, EBOOK)).status_code == 422
    await change(shop, update(Book).where(Book.slug == DREAM).values(currency="jpy", price=3500))
    assert (await seen(staff))["price"] == "3500"
    assert (await save(staff, await seen(staff) | {"price": "3500.5"})).status_code == 422
    await change(shop, update(Book).where(Book.slug == DREAM).values(currency="kwd", price=3500))
    reply = await save(staff, await seen(staff) | {"price": "3.505"})
    assert "must end in 0" in text(reply)


async def test_books_are_found_withdrawn_ones_too_and_page_by_page(
    shop: ShopUnderTest, staff: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await change(shop, update(Book).where(Book.slug == DREAM).values(withdrawn=True))
    found = await staff.get("/staff/books", params={"q": "dream mach"})
    assert f"/staff/books/{DREAM}" in found.text
    assert "hardcover, withdrawn" in text(found)
    assert "There is no such book." in text(await staff.get("/staff/books?q=zzzz"))
    monkeypatch.setattr("shop.staff.books.PAGE_SIZE", 20)
    page, slugs = "/staff/books", []
    while page:
        html = (await staff.get(page)).text
        slugs += re.findall(r'href="/staff/books/([\w-]+)"', html)
        page = next(iter(re.findall(r'href="(/staff/books\?after=[\w-]+)"', html)), "")
    assert len(slugs) == len(set(slugs)) > 20
