"""The books on the shelf."""

import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import and_, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from shop.covers import EDITION, CoverText, cover_svg
from shop.db import Database
from shop.errors import NotFound
from shop.filters import ON_SALE, Filters, Sort
from shop.models import Book
from shop.revision import Catalogue
from shop.search import MOST, by_rank, find_words, matching, nearest, read_isbn
from shop.words import _, counted, number

PAGE_SIZE = 24
SUGGESTIONS = 6

ORDERS = {
    Sort.FEATURED: (Book.id,),
    Sort.TITLE: (Book.search_title, Book.id),
    Sort.PRICE: (Book.price, Book.id),
    Sort.PRICE_DOWN: (Book.price.desc(), Book.id),
    Sort.NEWEST: (Book.year.desc().nulls_last(), Book.id),
}


@dataclass(frozen=True)
class Shelf:
    """One page of the books that match, and what the page's links need."""

    books: Sequence[Book]
    found: int
    bounded: bool  # whether it stopped looking beyond MOST
    page: int
    pages: int
    categories: Sequence[str]
    nearest: Sequence[Book] = ()  # where none matches: what may be meant

    @property
    def count(self) -> str:
        """How many books were found, in words."""
        if self.bounded:
            return _("%(num)s+ books", num=number(MOST))
        return counted("%(num)s book", "%(num)s books", self.found) if self.found else _("No books")

    @property
    def page_numbers(self) -> list[int]:
        """The pages to link to: the first, the last, and those around this one."""
        around = range(max(1, self.page - 3), min(self.pages, self.page + 3) + 1)
        return sorted({1, *around, self.pages})


async def list_books(catalogue: Catalogue, filters: Filters) -> Shelf:
    """The books that meet the filters, with every one of the words in title, subtitle, authors, publisher or ISBN.

    Raises NotFound for a page past the last."""
    words, page, conditions = find_words(filters.q), int(filters.page), filters.conditions
    revision = await catalogue.revision()
    async with catalogue.db.read() as session:
        ids = matching(session, words, *conditions) if filters.q else select(Book.id).where(*conditions)
        shelf = replace(filters, page="1", sort=Sort.FEATURED)  # with as many books, whatever their order
        found = catalogue.known(shelf)
        if found is None:
            found = await session.scalar(select(func.count()).select_from(ids.subquery())) or 0
            catalogue.remember(shelf, found, revision)
        bounded = bool(filters.q) and found > MOST
        found = MOST if bounded else found
        pages = max(1, -(-found // PAGE_SIZE))
        if not 1 <= page <= pages:
            raise NotFound(
                _("There are %(pages)s pages of these books, and no page %(page)s.", pages=pages, page=page)
            )
        ranked = words and filters.sort == Sort.FEATURED
        query = select(Book).where(Book.id.in_(ids) if filters.q else and_(true(), *conditions))
        query = query.order_by(*(by_rank(words) if ranked else ORDERS[Sort(filters.sort)]))
        books = await session.scalars(query.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE))
        categories = catalogue.known("categories")
        if categories is None:
            categories = catalogue.remember("categories", await _categories(session), revision)
        near = () if found else await nearest(session, words, ON_SALE)
        return Shelf(books.all(), found, bounded, page, pages, categories, near)


async def _categories(session: AsyncSession) -> Sequence[str]:
    query = select(Book.category).where(Book.category != "", ON_SALE).distinct().order_by(Book.category)
    return (await session.scalars(query)).all()


async def suggest(db: Database, typed: str) -> Sequence[Book]:
    """The few books that somebody who has typed so far may mean."""
    words = find_words(typed)
    if len("".join(words)) < 2:
        return []
    async with db.read() as session:
        query = select(Book).where(Book.id.in_(matching(session, words, ON_SALE)))
        return (await session.scalars(query.order_by(*by_rank(words)).limit(SUGGESTIONS))).all()


async def find_isbn(db: Database, typed: str) -> str | None:
    """The address of the book with this ISBN, if it is one, and ours."""
    number = read_isbn(typed)
    if number is None:
        return None
    async with db.read() as session:
        return await session.scalar(select(Book.slug).where(Book.isbn == number))


async def find_book(db: Database, slug: str) -> Book:
    """Raises NotFound."""
    async with db.read() as session:
        return await book_by_slug(session, slug)


async def book_by_slug(session: AsyncSession, slug: str) -> Book:
    book = await session.scalar(select(Book).where(Book.slug == slug))
    if book is None:
        raise NotFound(_("We do not have that book. Perhaps the search finds what you are looking for."))
    return book


def cover(book: Book) -> str:
    """The book's cover, an SVG of 600 by 900 units."""
    return _drawn(_on_cover(book))


def cover_tag(book: Book) -> str:
    """Names what stands on the cover: it changes when the cover does."""
    return _tag(_on_cover(book))


@functools.lru_cache(maxsize=4096)
def _tag(text: CoverText) -> str:
    return hashlib.sha256(f"{EDITION} {text}".encode()).hexdigest()[:12]


@functools.lru_cache(maxsize=512)
def _drawn(text: CoverText) -> str:
    return cover_svg(text)


def _on_cover(book: Book) -> CoverText:
    return CoverText(book.title, book.subtitle, tuple(book.authors.split("; ")), book.publisher, book.slug)
