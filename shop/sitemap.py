"""All addresses of the shop that search engines should know (sitemaps.org), in parts of at most 50,000.

However large the catalogue, little of it is in memory at a time, and no transaction stays open while a reader that is
slow takes what it was sent."""

from collections.abc import AsyncIterator, Iterable
from html import escape
from urllib.parse import quote, urlencode

from sqlalchemy import select

from shop.db import Database
from shop.filters import ON_SALE
from shop.models import Book

PART = 50_000
BATCH = 1_000
SCHEMA = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


async def index_of_parts(db: Database, shop: str) -> AsyncIterator[str]:
    """The parts that there are. A part holds the books whose ids fall into its range."""
    yield f"{DECLARATION}<sitemapindex {SCHEMA}>\n"
    yield f"<sitemap><loc>{escape(shop)}/sitemap-shelf.xml</loc></sitemap>\n"
    last = 0
    while first := await _next_id(db, last):
        part = -(-first // PART)
        yield f"<sitemap><loc>{escape(shop)}/sitemap-books-{part}.xml</loc></sitemap>\n"
        last = part * PART
    yield "</sitemapindex>\n"


async def shelves(db: Database, shop: str) -> AsyncIterator[str]:
    """The shelf, and that of each category."""
    async with db.read() as session:
        named = select(Book.category).where(Book.category != "", ON_SALE).distinct().order_by(Book.category)
        categories = list(await session.scalars(named.limit(PART - 2)))
    paths = ["/", "/help", *(f"/?{urlencode({'category': name})}" for name in categories)]
    yield f"{DECLARATION}<urlset {SCHEMA}>\n"
    yield _entries(shop, paths)
    yield "</urlset>\n"


async def books(db: Database, shop: str, part: int) -> AsyncIterator[str]:
    yield f"{DECLARATION}<urlset {SCHEMA}>\n"
    last, end = (part - 1) * PART, part * PART
    while True:
        async with db.read() as session:
            here = (Book.id > last, Book.id <= end, ON_SALE)
            batch = select(Book.id, Book.slug).where(*here).order_by(Book.id)
            rows = (await session.execute(batch.limit(BATCH))).all()
        if not rows:
            break
        yield _entries(shop, (f"/books/{quote(slug)}" for _, slug in rows))
        last = rows[-1][0]
    yield "</urlset>\n"


async def _next_id(db: Database, after: int) -> int | None:
    async with db.read() as session:
        return await session.scalar(select(Book.id).where(Book.id > after).order_by(Book.id).limit(1))


def _entries(shop: str, paths: Iterable[str]) -> str:
    return "".join(f"<url><loc>{escape(shop + path)}</loc></url>\n" for path in paths)
