"""Books on the shelf: putting them there, searching, and reading what it shows."""

import html
import io
import re

import httpx

from shop.importing import import_file
from tests.conftest import ShopUnderTest
from tests.shopper import Shopper

HEAD = "isbn13,title,authors,price_cents,currency,stock\n"


async def stock(shop: ShopUnderTest, *rows: str) -> None:
    report = await import_file(shop.db, io.BytesIO((HEAD + "".join(f"{row}\n" for row in rows)).encode()))
    assert not report.bad


async def search(shopper: Shopper, words: str, htmx: bool = False, **more: str) -> httpx.Response:
    headers = {"HX-Request-Type": "partial"} if htmx else {}
    return await shopper.http.get("/", params={"q": words, **more}, headers=headers)


def titles(page: httpx.Response) -> list[str]:
    """Of the books on the shelf, in their order."""
    found = re.findall(r'<h2 class="book-title"><a href="/books/[^"]+">([^<]+)</a>', page.text)
    return [html.unescape(title) for title in found]
