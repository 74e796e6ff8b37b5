"""What search engines ask for."""

from collections.abc import AsyncIterator

from quart import Blueprint, Response

from shop import sitemap
from shop.web import absolute, db

crawlers = Blueprint("crawlers", __name__)
PATIENCE = 600  # seconds that a slow reader may take for a sitemap
# Besides, pages of carts and orders say X-Robots-Tag: noindex, for who comes to them all the same.
PRIVATE = ("/cart", "/checkout", "/orders/", "/downloads/", "/mailbox", "/suggestions")


@crawlers.get("/robots.txt")
async def robots() -> Response:
    lines = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in PRIVATE),
        "",
        f"Sitemap: {absolute('/sitemap.xml')}",
    ]
    return Response("".join(f"{line}\n" for line in lines), mimetype="text/plain")


@crawlers.get("/sitemap.xml")
async def index() -> Response:
    return _streamed(sitemap.index_of_parts(db(), absolute("")))


@crawlers.get("/sitemap-shelf.xml")
async def shelves() -> Response:
    return _streamed(sitemap.shelves(db(), absolute("")))


# The last part ends where the ids do, at 2 ** 31.
@crawlers.get("/sitemap-books-<int(max=42949):part>.xml")
async def books(part: int) -> Response:
    return _streamed(sitemap.books(db(), absolute(""), part))


def _streamed(xml: AsyncIterator[str]) -> Response:
    response = Response((text.encode() async for text in xml), mimetype="application/xml")
    response.timeout = PATIENCE
    return response
