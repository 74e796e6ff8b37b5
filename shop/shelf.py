"""The shelf: pages of books that meet what a shopper asks for."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row, Select, and_, func, literal, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from shop.errors import NotFound
from shop.filters import ON_SALE, Filters, Sort
from shop.models import Book, BookFormat
from shop.revision import Catalogue
from shop.search import MOST, by_rank, find_words, matching, nearest
from shop.words import _, counted, number

PAGE_SIZE = 24

ORDERS = {
    Sort.FEATURED: (Book.id,),
    Sort.TITLE: (Book.search_title, Book.id),
    Sort.PRICE: (Book.price, Book.id),
    Sort.PRICE_DOWN: (Book.price.desc(), Book.id),
    Sort.NEWEST: (Book.year.desc().nulls_last(), Book.id),
}


@dataclass(frozen=True, slots=True)
class ShelfBook:
    """What the shelf shows of a book."""

    slug: str
    title: str
    subtitle: str
    authors: str
    publisher: str
    format: BookFormat
    price: int
    currency: str
    withdrawn: bool
    available: bool


@dataclass(frozen=True)
class Shelf:
    """One page of the books that match, and what the page's links need."""

    books: Sequence[ShelfBook]
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
    revision, page = await catalogue.revision(), int(filters.page)
    shelf = replace(filters, page="1", sort=Sort.FEATURED)  # as many books, whatever their order
    found = catalogue.known(shelf)
    async with catalogue.db.read() as session:
        rows = (await session.execute(_page_of_books(session, filters, found))).all()
        if found is None:
            found = rows[0].found if rows else await _count(session, filters) if page > 1 else 0
            if not filters.q:  # few ask for the same words again
                catalogue.remember(shelf, found, revision)
        bounded = bool(filters.q) and found > MOST
        found = MOST if bounded else found
        pages = max(1, -(-found // PAGE_SIZE))
        if not 1 <= page <= pages:
            raise NotFound(
                _("There are %(pages)s pages of these books, and no page %(page)s.", pages=pages, page=page)
            )
        categories = catalogue.known("categories")
        if categories is None:
            categories = catalogue.remember("categories", await _categories(session), revision)
        near = () if found else await nearest(session, find_words(filters.q), ON_SALE)
        return Shelf([_on_shelf(row) for row in rows], found, bounded, page, pages, categories, near)


SHOWN = (
    Book.slug, Book.title, Book.subtitle, Book.authors, Book.publisher, Book.format, Book.price, Book.currency,
    Book.withdrawn, Book.file, Book.stock, Book.held,
)  # fmt: skip


def _page_of_books(session: AsyncSession, filters: Filters, found: int | None) -> Select[Any]:
    """Rows of SHOWN with `found`, their number, which is counted on the way where it is not known."""
    words, page = find_words(filters.q), int(filters.page)
    ids = _ids(session, filters).cte()
    count = select(func.count()).select_from(ids).scalar_subquery() if found is None else literal(found)
    ranked = words and filters.sort == Sort.FEATURED
    these = Book.id.in_(select(ids.c.id)) if filters.q else and_(true(), *filters.conditions)
    query = select(count.label("found"), *SHOWN).where(these)
    query = query.order_by(*(by_rank(words) if ranked else ORDERS[Sort(filters.sort)]))
    return query.limit(PAGE_SIZE).offset(min(max(0, page - 1) * PAGE_SIZE, 2**31))


async def _count(session: AsyncSession, filters: Filters) -> int:
    ids = _ids(session, filters).subquery()
    return await session.scalar(select(func.count()).select_from(ids)) or 0


def _ids(session: AsyncSession, filters: Filters) -> Select[int]:
    conditions = filters.conditions
    if filters.q:
        return matching(session, find_words(filters.q), *conditions)
    return select(Book.id).where(*conditions)


async def _categories(session: AsyncSession) -> Sequence[str]:
    query = select(Book.category).where(Book.category != "", ON_SALE).distinct().order_by(Book.category)
    return (await session.scalars(query)).all()


def _on_shelf(row: Row[Any]) -> ShelfBook:
    available = not row.withdrawn and (row.file is not None or row.stock > row.held)
    shown: tuple[Any, ...] = (*row[1:10], available)
    return ShelfBook(*shown)
