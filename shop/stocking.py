"""Putting the books of a catalogue file on the shelf."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from shop.catalogue_file import BookRow, read_catalogue
from shop.db import Database
from shop.files import keep
from shop.models import UNLIMITED, Book
from shop.search import fold, search_text, search_title
from shop.settings import ROOT

DEMO_BOOKS = ROOT / "shop/data/demo_books.csv"


@dataclass(frozen=True)
class Stocked:
    added: int
    updated: int


async def import_catalogue(
    db: Database, data: bytes, folder: Path | None = None, files: Path | None = None
) -> Stocked:
    """The content of a catalogue file: all or nothing, and safe to repeat. The e-books that lie in its folder are
    copied to `files`; without the two, they are those that are there. Raises CatalogueErrors, OSError."""
    rows = read_catalogue(data, folder)
    if folder and files:
        rows = await asyncio.to_thread(_keep_files, rows, folder, files)
    return await stock(db, rows)


def _keep_files(rows: Sequence[BookRow], folder: Path, files: Path) -> list[BookRow]:
    return [replace(row, file=keep(folder / row.file, files)) if row.file else row for row in rows]


async def stock_demo_books(db: Database) -> None:
    """Fill an empty catalogue with the demo books."""
    rows = read_catalogue(await asyncio.to_thread(DEMO_BOOKS.read_bytes))
    async with db.write() as session:
        await _alone(session)
        if not await session.scalar(select(func.count(Book.id))):
            await _stock(session, rows)


async def stock(db: Database, rows: Sequence[BookRow]) -> Stocked:
    """Add each book, or bring the one with its ISBN, else with its title and authors, up to date.

    A book keeps its address for good, whatever becomes of its title."""
    async with db.write() as session:
        await _alone(session)
        return await _stock(session, rows)


async def _alone(session: AsyncSession) -> None:
    """One import at a time, so that none adds what the other has just added. (SQLite has one writer anyway.)"""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("LOCK TABLE books IN SHARE ROW EXCLUSIVE MODE"))


async def _stock(session: AsyncSession, rows: Sequence[BookRow]) -> Stocked:
    added = 0
    books = list(await session.scalars(select(Book)))
    by_isbn = {book.isbn: book for book in books if book.isbn}
    by_name = {(book.title, book.authors): book for book in books}
    slugs = {book.slug for book in books}
    for row in rows:
        book = by_isbn.get(row.isbn) if row.isbn else by_name.get((row.title, "; ".join(row.authors)))
        if book is None:
            added += 1
            book = _new_book(session, row, slugs)
        _fill(book, row)
    return Stocked(added, len(rows) - added)


def _new_book(session: AsyncSession, row: BookRow, taken: set[str]) -> Book:
    base = re.sub(r"[^a-z0-9]+", "-", fold(row.title).replace("'", "")).strip("-")[:180]
    base = base or row.isbn or "book"
    slug, number = base, 2
    while slug in taken:
        slug, number = f"{base}-{number}", number + 1
    taken.add(slug)
    book = Book(slug=slug)
    session.add(book)
    return book


def _fill(book: Book, row: BookRow) -> None:
    book.isbn = row.isbn or book.isbn
    book.title, book.subtitle, book.authors = row.title, row.subtitle, "; ".join(row.authors)
    book.publisher, book.year, book.first_published = row.publisher, row.year, row.first_published
    book.format, book.category, book.blurb = row.format, row.category, row.blurb
    book.file = row.file or book.file  # whoever bought it may fetch it still
    book.price, book.currency, book.stock = row.price, row.currency, UNLIMITED if book.file else row.stock
    words = (row.title, row.subtitle, book.authors, row.publisher, row.category, row.format, book.isbn or "")
    book.search_title, book.search_text = search_title(row.title, row.subtitle), search_text(*words)
