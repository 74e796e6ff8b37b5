"""The books on the shelf."""

import functools
import hashlib
from collections.abc import Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.covers import EDITION, CoverText, cover_svg
from shop.db import Database
from shop.errors import NotFound
from shop.models import Book
from shop.search import bound, by_rank, find_words, matching, read_isbn
from shop.shelf import ShelfBook
from shop.words import _

SUGGESTIONS = 6
BY_SLUG = select(Book).where(Book.slug == bindparam("slug"))  # to build it anew took a tenth of a book's page
BY_ISBN = select(Book.slug).where(Book.isbn == bindparam("isbn"))


async def suggest(db: Database, typed: str) -> Sequence[Book]:
    """The few books that somebody who has typed so far may mean."""
    words = find_words(typed)
    if len("".join(words)) < 2:
        return []
    async with db.read() as session:
        query = select(Book).where(Book.id.in_(matching(session, words, on_sale=True)))
        query = query.order_by(by_rank(len(words)), Book.search_title, Book.id).limit(SUGGESTIONS)
        return (await session.scalars(query.params(bound(words)))).all()


async def find_isbn(db: Database, typed: str) -> str | None:
    """The address of the book with this ISBN, if it is one, and ours."""
    number = read_isbn(typed)
    if number is None:
        return None
    async with db.glance() as session:
        return await session.scalar(BY_ISBN, {"isbn": number})


async def find_book(db: Database, slug: str) -> Book:
    """Raises NotFound."""
    async with db.glance() as session:
        return await book_by_slug(session, slug)


async def book_by_slug(session: AsyncSession, slug: str) -> Book:
    book = await session.scalar(BY_SLUG, {"slug": slug})
    if book is None:
        raise no_such_book()
    return book


def no_such_book() -> NotFound:
    return NotFound(_("We do not have that book. Perhaps the search finds what you are looking for."))


def cover(book: Book) -> str:
    """The book's cover, an SVG of 600 by 900 units."""
    return _drawn(_on_cover(book))


def cover_tag(book: Book | ShelfBook) -> str:
    """Names what stands on the cover: it changes when the cover does."""
    return _tag(_on_cover(book))


@functools.lru_cache(maxsize=2048)
def _tag(text: CoverText) -> str:
    return hashlib.sha256(f"{EDITION} {text}".encode()).hexdigest()[:12]


@functools.lru_cache(maxsize=128)
def _drawn(text: CoverText) -> str:
    return cover_svg(text)


def _on_cover(book: Book | ShelfBook) -> CoverText:
    return CoverText(book.title, book.subtitle, tuple(book.authors.split("; ")), book.publisher, book.slug)
