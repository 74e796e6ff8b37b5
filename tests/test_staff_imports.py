"""Catalogue files in the back office: tried out first, then imported once."""

import asyncio
import re

import httpx
from sqlalchemy import func, select

from shop.limits import UPLOADS
from shop.models import Book
from shop.settings import ROOT
from tests.conftest import ShopUnderTest
from tests.shopper import Shopper, text

HEAD = "title,authors,price_cents,currency,stock\n"
NEW = f"{HEAD}A New Book,Ada,1250,usd,3\n<b>Another</b>,Bob,900,usd,1\n"
BAD = f"{NEW}No Price,Bob,x,usd,1\n"


async def upload(staff: httpx.AsyncClient, data: str | bytes, **form: str) -> httpx.Response:
    return await staff.post("/staff/imports", data=form, files={"file": ("books.csv", data)})


async def books(shop: ShopUnderTest) -> int:
    async with shop.db.read() as session:
        return await session.scalar(select(func.count(Book.id))) or 0


async def test_a_file_is_tried_out_and_then_imported(
    shopper: Shopper, shop: ShopUnderTest, staff: httpx.AsyncClient
) -> None:
    before = await books(shop)
    reply = await upload(staff, NEW)
    page = await staff.get(path := reply.headers["Location"])
    assert "A dry run: nothing was written" in text(page)
    assert "Added 2 Changed 0" in text(page)
    assert await books(shop) == before
    replies = await asyncio.gather(*(staff.post(path) for _ in range(2)))  # pressed twice
    assert [reply.status_code for reply in replies] == [303, 303]
    assert await books(shop) == before + 2
    assert "Imported books.csv What came in Added 2 Changed 0" in text(await staff.get(path))
    assert (await shopper.get("/books/a-new-book")).status_code == 200


async def test_bad_books_are_told_and_left_out_only_when_that_is_said(
    shop: ShopUnderTest, staff: httpx.AsyncClient
) -> None:
    before, path = await books(shop), (await upload(staff, BAD)).headers["Location"]
    assert 'line 4, column price_cents: "x" is not' in text(await staff.get(path))
    await staff.post(path)
    page = text(await staff.get(path))
    assert ("A dry run" in page, await books(shop)) == (True, before)
    await staff.post(path, data={"skip_bad": "1"})
    assert "Added 2 Changed 0 Bad 1 (not imported)" in text(await staff.get(path))
    assert await books(shop) == before + 2


async def test_a_file_that_changes_nothing_cannot_be_imported(staff: httpx.AsyncClient) -> None:
    await staff.post((await upload(staff, NEW)).headers["Location"])
    for file in (NEW, "slug,price_cents\nthe-dream-machine,3900\n"):
        page = await staff.get((await upload(staff, file)).headers["Location"])
        assert "nothing to import" in text(page)
        assert "<form class=" not in page.text


async def test_onix_comes_in_on_terms(shop: ShopUnderTest, staff: httpx.AsyncClient) -> None:
    message = (ROOT / "tests/onix/reference.xml").read_bytes()
    path = (await upload(staff, message, currency="usd", copies="2")).headers["Location"]
    assert re.search(r"Added [1-9]", text(await staff.get(path)))
    for wrong in ({"currency": "xx"}, {"copies": "many"}, {"copies": "1000001"}):
        reply = await upload(staff, message, **wrong)
        assert (reply.status_code, f"#import-{next(iter(wrong))}" in reply.text) == (422, True), wrong


async def test_what_is_no_catalogue_or_too_large_is_told(staff: httpx.AsyncClient) -> None:
    assert "Choose a file that is not empty" in text(await upload(staff, b""))
    assert "Choose a file" in text(await staff.post("/staff/imports", data={"copies": "1"}))
    path = (await upload(staff, b"\x00\xff\xfe nonsense" * 100)).headers["Location"]
    assert "Bad 1" in text(await staff.get(path))
    reply = await upload(staff, b"x" * UPLOADS["/staff/imports"])
    assert (reply.status_code, "more than 10 MB is too large" in text(reply)) == (413, True)
    long = "".join(
        f"Book {n}{' ' * 60_000},Ada,1,usd,1\n" for n in range(10)
    )  # more than other forms may bring
    path = (await upload(staff, HEAD + long)).headers["Location"]
    assert "Added 10" in text(await staff.get(path))


async def test_no_other_form_takes_a_file(shopper: Shopper, staff: httpx.AsyncClient) -> None:
    file = {"file": ("books.csv", NEW)}
    assert (await shopper.http.post("/cart/items", files=file)).status_code == 415
    assert (await staff.post("/staff/sign-in", files=file)).status_code == 415
    assert (await shopper.http.post("/staff/imports", files=file)).headers["Location"] == "/staff/sign-in"
    assert (await staff.post("/staff/imports/nowhere")).status_code == 404
