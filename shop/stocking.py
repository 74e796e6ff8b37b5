"""Putting books on the shelf, or bringing them up to date."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, ColumnElement, Row, String, func, insert, literal, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from shop.book_row import BookRow
from shop.catalogue_file import read_catalogue
from shop.db import Database, retried, table
from shop.models import UNLIMITED, Book, BookFormat
from shop.search import fold, search_text, search_title
from shop.settings import ROOT

BOOKS = table(Book)
DEMO_BOOKS = ROOT / "shop/data/demo_books.csv"
SEARCHED = ("title", "subtitle", "authors", "publisher", "category", "format", "isbn")
WRITTEN = (
    *SEARCHED, "year", "first_published", "price", "currency", "stock", "file", "blurb", "withdrawn",
)  # fmt: skip
COLUMNS = ("slug", *WRITTEN, "search_title", "search_text")
LISTED = ", ".join(COLUMNS)
INTO_COMING = f"INSERT INTO coming VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608 (our own names)
INTO_BOOKS = f"INSERT INTO books ({LISTED}) SELECT {LISTED} FROM coming ORDER BY rowid"  # noqa: S608
LATIN = re.compile("[a-z0-9]+")
NUMBERED = range(2, 6)  # how many books of one title get an address that only counts them


class Kind(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"
    UNCHANGED = "unchanged"
    UNKNOWN = "unknown"  # a change or a withdrawal of a book that we do not have


class Outcome(NamedTuple):
    """What became of a row, or would."""

    kind: Kind
    changes: Mapping[str, Any]  # what the book gets, by column
    book_id: int | None = None  # None where there is none yet


class Wanted(NamedTuple):
    """A row, and the book that it would be if we do not have it: at this address, unless another has it."""

    row: BookRow
    new: Mapping[str, Any]


def wanted(row: BookRow) -> Wanted:
    """Made before anything is locked: the words to search by take as long as all the rest."""
    values = _values(row, None)
    return Wanted(row, {**values, **_words(values), "slug": _base(values)})


async def stock_demo_books(db: Database) -> None:
    """Fill an empty catalogue with the demo books."""
    rows = read_catalogue(await asyncio.to_thread(DEMO_BOOKS.read_bytes))
    async with db.write() as session:
        await _alone(session)
        if not await session.scalar(select(func.count(Book.id))):
            await _stock(session, [wanted(row) for row in rows])


@retried
async def stock(db: Database, rows: Sequence[Wanted]) -> list[Outcome]:
    """Add each book, or bring the one with its ISBN, else with its title and authors, up to date. A batch: all of it
    or nothing.

    A book keeps its address for good, whatever becomes of its title."""
    async with db.write() as session:
        await _alone(session)
        return await _stock(session, rows)


async def foresee(db: Database, rows: Sequence[Wanted]) -> list[Outcome]:
    """What `stock` would do."""
    async with db.read() as session:
        return await _compare(session, rows)


async def _alone(session: AsyncSession) -> None:
    """One import at a time, so that none adds what the other has just added. (SQLite has one writer anyway.)"""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("LOCK TABLE books IN SHARE ROW EXCLUSIVE MODE"))


async def _stock(session: AsyncSession, rows: Sequence[Wanted]) -> list[Outcome]:
    outcomes = await _compare(session, rows)
    new = [outcome.changes for outcome in outcomes if outcome.kind is Kind.ADDED]
    if new:
        slugs = await _addresses(session, new)
        new = [{**values, "slug": slug} for values, slug in zip(new, slugs, strict=True)]
        await _insert(session, new)
    changes = [{"id": o.book_id, **o.changes} for o in outcomes if o.book_id and o.changes]
    if changes:  # those of the same columns go together
        await session.execute(update(Book), sorted(changes, key=lambda change: sorted(change)))
    return outcomes


async def _insert(session: AsyncSession, new: Sequence[Mapping[str, Any]]) -> None:
    """On SQLite in one statement for all: after each it writes out its index of words, which for one row at a time
    takes three times as long as all else."""
    if session.get_bind().dialect.name != "sqlite":
        await session.execute(insert(BOOKS), new)
        return
    say = (await session.connection()).exec_driver_sql
    await say(f"CREATE TEMP TABLE IF NOT EXISTS coming ({LISTED})")
    await say(INTO_COMING, list(map(itemgetter(*COLUMNS), new)))
    await say(INTO_BOOKS)
    await say("DELETE FROM coming")


async def _compare(session: AsyncSession, rows: Sequence[Wanted]) -> list[Outcome]:
    columns = [Book.id, *(getattr(Book, name) for name in WRITTEN)]
    numbers = [row.isbn for row, _ in rows if row.isbn]
    titles = [row.title for row, _ in rows if not row.isbn]
    known = await session.execute(select(*columns).where(_among(session, Book.isbn, numbers)))
    by_isbn = {book.isbn: book for book in known}
    named = (
        await session.execute(select(*columns).where(_among(session, Book.title, titles))) if titles else ()
    )
    by_name = {(b.title, b.authors): b for b in named}
    return [
        _outcome(each, by_isbn.get(each.row.isbn) if each.row.isbn else by_name.get(_name(each.row)))
        for each in rows
    ]


def _name(row: BookRow) -> tuple[str, str]:
    return row.title, "; ".join(row.authors)


def _outcome(each: Wanted, book: Row[Any] | None) -> Outcome:
    row = each.row
    if book is None and (row.withdrawn or "title" in row.silent):
        return Outcome(Kind.UNKNOWN, {})
    if book is None:
        return Outcome(Kind.ADDED, each.new)
    values = _values(row, book)
    changes = {name: value for name, value in values.items() if getattr(book, name) != value}
    if not changes:
        return Outcome(Kind.UNCHANGED, {}, book.id)
    words = _words(book._asdict() | values) if changes.keys() & set(SEARCHED) else {}
    return Outcome(Kind.WITHDRAWN if changes.get("withdrawn") else Kind.CHANGED, changes | words, book.id)


def _values(row: BookRow, book: Row[Any] | None) -> dict[str, Any]:
    """What the row says of the book, by column; of a new book, all of them."""
    said = row._asdict() | {"authors": "; ".join(row.authors)}
    del said["silent"]
    if book is None:
        return said
    kept = {name for name in ("isbn", "file") if said[name] is None}  # who bought a file may fetch it still
    if book.file and row.file is None and row.format not in (BookFormat.EBOOK, BookFormat.AUDIOBOOK):
        kept.add("format")
    if row.file or book.file:
        said["stock"] = UNLIMITED
    return {name: value for name, value in said.items() if name not in row.silent | kept}


def _words(values: Mapping[str, Any]) -> dict[str, str]:
    parts = {name: values[name] or "" for name in SEARCHED}
    return {
        "search_title": search_title(parts["title"], parts["subtitle"]),
        "search_text": search_text(*parts.values()),
    }


async def _addresses(session: AsyncSession, new: Sequence[Mapping[str, Any]]) -> list[str]:
    """One for each book: its title; where others have that, with a number or its ISBN."""
    times = Counter(values["slug"] for values in new)
    taken = await _taken(session, list(times))
    shared = [base for base, count in times.items() if count > 1 or base in taken]
    # Where the last number is taken, the others mostly are: of a title that very many have, that is asked once.
    full = await _taken(session, [f"{base}-{NUMBERED[-1]}" for base in shared])
    numbered = {
        base: [] if f"{base}-{NUMBERED[-1]}" in full else [f"{base}-{n}" for n in NUMBERED] for base in shared
    }
    choices = [_choices(values, numbered) for values in new]
    taken |= await _taken(session, [slug for slugs in choices for slug in slugs[1:]])
    found = []
    for slugs in choices:
        slug, number = next((slug for slug in slugs if slug not in taken), None), NUMBERED.stop
        while slug is None:
            choice, number = f"{slugs[0]}-{number}", number + 1
            slug = None if choice in taken or await _taken(session, [choice]) else choice
        taken.add(slug)
        found.append(slug)
    return found


def _choices(values: Mapping[str, Any], numbered: Mapping[str, list[str]]) -> list[str]:
    base, isbn = values["slug"], values["isbn"]
    if base not in numbered:
        return [base]
    return [base, *numbered[base], *([f"{base}-{isbn}"] if isbn else [])]


async def _taken(session: AsyncSession, slugs: Sequence[str]) -> set[str]:
    if not slugs:
        return set()
    return set(await session.scalars(select(Book.slug).where(_among(session, Book.slug, slugs))))


def _among(
    session: AsyncSession, column: InstrumentedAttribute[Any], values: Sequence[str]
) -> ColumnElement[bool]:
    """`column IN values` by one text, however many there are: drivers keep what they have made of each text."""
    if session.get_bind().dialect.name == "sqlite":
        return column.in_(select(func.json_each(json.dumps(values)).table_valued("value").c.value))
    return column == func.any(literal(values, ARRAY(String)))


def _base(values: Mapping[str, Any]) -> str:
    words = LATIN.findall(fold(values["title"]).replace("'", ""))
    return "-".join(words)[:180] or values["isbn"] or "book"
