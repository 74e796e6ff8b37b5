"""The shelf: pages of books that meet what a shopper asks for."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shop.errors import NotFound
from shop.filters import Filters, Sort
from shop.listing import COUNTING_EACH, Begins, Key, counting, listing, ranking
from shop.models import Book, BookFormat
from shop.nearest import nearest
from shop.revision import Catalogue, Revision
from shop.search import MOST, bound, find_words
from shop.words import _, counted, number

PAGE_SIZE = 24
NEAR = 40  # pages: so many may be skipped while everybody else waits
MOST_PLACES = 100  # of each shelf: those looked at last
LONG = 6  # letters of a word with which not many words begin


class ShelfBook(NamedTuple):
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
    categories: tuple[str, ...]
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
    rows: Sequence[Row[Any]] = ()
    near: Sequence[Book] = ()
    async with _reading(catalogue, filters) as session:
        connection = await session.connection()
        counts = catalogue.known("categories")
        if counts is None:
            counts = dict(iter(await connection.execute(COUNTING_EACH)))
            catalogue.remember("categories", counts, revision)
        if filters.q:
            rows, found = await _ranked(connection, filters)
            near = () if found else await nearest(session, find_words(filters.q))
        else:
            found = await _found(connection, catalogue, filters, revision)
        bounded = bool(filters.q) and found > MOST
        found = MOST if bounded else found
        pages = max(1, -(-found // PAGE_SIZE))
        if not 1 <= page <= pages:
            raise NotFound(
                _("There are %(pages)s pages of these books, and no page %(page)s.", pages=pages, page=page)
            )
        if found and not filters.q:
            rows = await _listed(connection, catalogue, filters, revision)
    ranked = found - (page - 1) * PAGE_SIZE if bounded else PAGE_SIZE
    books = [_on_shelf(row) for row in rows[: min(PAGE_SIZE, ranked)]]
    return Shelf(books, found, bounded, page, pages, tuple(name for name in counts if name), near)


def _reading(catalogue: Catalogue, filters: Filters) -> AbstractAsyncContextManager[AsyncSession]:
    """What takes a fraction of a millisecond is asked at once: a thread's answer may wait for fifteen others."""
    conditions = filters.conditions.keys()
    if filters.q:
        words = find_words(filters.q)
        ranked_first = len(words) == 1 and filters.sort == Sort.FEATURED  # of as many as begin with it
        few = not conditions and (ranked_first or all(len(word) >= LONG for word in words))
    else:
        indexed = not conditions or (conditions == {"category"} and filters.sort == Sort.FEATURED)
        few = indexed and int(filters.page) - _place(catalogue, filters)[0] <= NEAR
    return catalogue.db.glance() if few and catalogue.known("categories") else catalogue.db.read()


async def _ranked(connection: AsyncConnection, filters: Filters) -> tuple[Sequence[Row[Any]], int]:
    """The books on the page, and how many have the words: up to one more than MOST."""
    words, conditions = find_words(filters.q), filters.conditions
    if not words:
        return (), 0
    query = ranking(connection.dialect.name, len(words), tuple(conditions), Sort(filters.sort))
    skipped = min(max(0, int(filters.page) - 1) * PAGE_SIZE, MOST)
    for skipping in dict.fromkeys((skipped, 0)):  # past the last there is nobody to tell the number
        values = {**bound(words), **_values(conditions), "rows": PAGE_SIZE, "skipped": skipping}
        if rows := (await connection.execute(query, values)).all():
            return (rows if skipping == skipped else ()), rows[0].found
    return (), 0


async def _found(
    connection: AsyncConnection, catalogue: Catalogue, filters: Filters, revision: Revision
) -> int:
    counts, conditions = catalogue.known("categories"), filters.conditions
    if counts is not None and conditions.keys() <= {"category"}:
        return counts.get(filters.category, 0) if filters.category else sum(counts.values())
    shelf = replace(filters, page="1", sort=Sort.FEATURED)  # as many books, whatever their order
    found: int | None = catalogue.known(shelf)
    if found is None:
        found = await connection.scalar(counting(tuple(conditions)), _values(conditions)) or 0
        catalogue.remember(shelf, found, revision)
    return found


async def _listed(
    connection: AsyncConnection, catalogue: Catalogue, filters: Filters, revision: Revision
) -> Sequence[Row[Any]]:
    """The books on the page, and the first of the next.

    Pages have numbers, since people, links and crawlers use them. Which book each begins with is remembered as pages
    are looked at, until the catalogue changes; what lies between the nearest of them and the one that is wanted is
    skipped in the index. So the next page, and any near one that was seen, costs as much as the second, and a leap
    30 ns for each book leapt over, once: it lands some pages before, for whoever goes on backwards. (Addresses that
    name the last book instead would know no page 40.)"""
    page = int(filters.page)
    if page - _place(catalogue, filters)[0] > NEAR:
        await _page(connection, catalogue, replace(filters, page=str(page - NEAR)), revision)
    return await _page(connection, catalogue, filters, revision)


async def _page(
    connection: AsyncConnection, catalogue: Catalogue, filters: Filters, revision: Revision
) -> Sequence[Row[Any]]:
    page, conditions, (near, key) = int(filters.page), filters.conditions, _place(catalogue, filters)
    begins: Begins = "first" if key is None else "unknown" if key.value is None else "value"
    skipped = (page - near) * PAGE_SIZE
    values = {**_values(conditions), **(key._asdict() if key else {})}
    values |= {"rows": PAGE_SIZE + 1, "skipped": skipped, "reach": skipped + PAGE_SIZE + 1}
    query = listing(tuple(conditions), Sort(filters.sort), begins)
    rows: Sequence[Row[Any]] = (await connection.execute(query, values)).all()
    begin = {
        n: Key(row[0].key, row[0].id) for n, row in ((page, rows[:1]), (page + 1, rows[PAGE_SIZE:])) if row
    }
    places = {**_places(catalogue, filters), **begin}
    latest = dict(list(places.items())[-MOST_PLACES:])
    # Anew, and not into what is there: that may be of a revision that came meanwhile.
    catalogue.remember(_shelf(filters), latest, revision)
    return rows


def _place(catalogue: Catalogue, filters: Filters) -> tuple[int, Key | None]:
    """The nearest page up to the wanted one of which it is known where it begins."""
    places, page = _places(catalogue, filters), int(filters.page)
    near = page if page in places else max((number for number in places if number < page), default=1)
    return near, places.get(near)


def _places(catalogue: Catalogue, filters: Filters) -> Mapping[int, Key]:
    return catalogue.known(_shelf(filters)) or {}


def _shelf(filters: Filters) -> tuple[str, Filters]:
    return "places", replace(filters, page="1")


def _values(conditions: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {name: value for values in conditions.values() for name, value in values.items()}


def _on_shelf(row: Row[Any]) -> ShelfBook:
    available = not row.withdrawn and (row.file is not None or row.stock > row.held)
    return ShelfBook._make((*row[:9], available))
