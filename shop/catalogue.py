"""The books on the shelf."""

import functools
import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from stdnum import isbn

from shop.covers import EDITION, CoverText, cover_svg
from shop.db import Database
from shop.errors import NotFound
from shop.models import Book

PAGE_SIZE = 24


class Sort(StrEnum):
    FEATURED = "featured"
    TITLE = "title"
    PRICE = "price"
    PRICE_DOWN = "-price"
    NEWEST = "newest"


ORDERS = {
    Sort.FEATURED: (Book.id,),
    Sort.TITLE: (Book.search_text, Book.id),
    Sort.PRICE: (Book.price, Book.id),
    Sort.PRICE_DOWN: (Book.price.desc(), Book.id),
    Sort.NEWEST: (Book.year.desc().nulls_last(), Book.id),
}


@dataclass(frozen=True)
class Shelf:
    """One page of the books that match, and what the page's links need."""

    books: Sequence[Book]
    found: int
    page: int
    pages: int
    categories: Sequence[str]


async def list_books(
    db: Database, words: str = "", category: str = "", sort: Sort = Sort.FEATURED, page: int = 1
) -> Shelf:
    """The books with every one of the words in title, subtitle, authors, publisher or ISBN.

    Raises NotFound for a page past the last."""
    async with db.read() as session:
        query = _matching(words, category)
        found = await session.scalar(select(func.count()).select_from(query.subquery())) or 0
        pages = max(1, -(-found // PAGE_SIZE))
        if not 1 <= page <= pages:
            raise NotFound(f"There are {pages} pages of these books, and no page {page}.")
        books = await session.scalars(
            query.order_by(*ORDERS[sort]).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)
        )
        categories = await session.scalars(
            select(Book.category).where(Book.category != "").distinct().order_by(Book.category)
        )
        return Shelf(books.all(), found, page, pages, categories.all())


async def find_book(db: Database, slug: str) -> Book:
    """Raises NotFound."""
    async with db.read() as session:
        return await book_by_slug(session, slug)


async def book_by_slug(session: AsyncSession, slug: str) -> Book:
    book = await session.scalar(select(Book).where(Book.slug == slug))
    if book is None:
        raise NotFound("We do not have that book. Perhaps the search finds what you are looking for.")
    return book


def search_text(*parts: str) -> str:
    """What searching looks at: no case, no accents, single spaces, nothing unprintable (databases refuse NUL)."""
    text = unicodedata.normalize("NFKD", " ".join(part for part in parts if part)).replace("’", "'")
    text = "".join(c if c.isprintable() else " " for c in text if not unicodedata.combining(c))
    return " ".join(text.casefold().split())


def cover(book: Book) -> str:
    """The book's cover, an SVG of 600 by 900 units."""
    return _drawn(_on_cover(book))


def cover_tag(book: Book) -> str:
    """Names what stands on the cover: it changes when the cover does."""
    return hashlib.sha256(f"{EDITION} {_on_cover(book)}".encode()).hexdigest()[:12]


@functools.lru_cache(maxsize=512)
def _drawn(text: CoverText) -> str:
    return cover_svg(text)


def _on_cover(book: Book) -> CoverText:
    return CoverText(book.title, book.subtitle, tuple(book.authors.split("; ")), book.publisher, book.slug)


def _matching(words: str, category: str) -> Select[Book]:
    query = select(Book)
    if category:
        query = query.where(Book.category == category)
    number = isbn.compact(words)
    if isbn.is_valid(number):
        return query.where(Book.isbn == isbn.to_isbn13(number))
    for word in search_text(words).split():
        query = query.where(Book.search_text.contains(word, autoescape=True))
    return query
