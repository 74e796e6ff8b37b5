"""Books as whoever runs the shop looks after them: found, withdrawn ones too, and given another price or stock."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import select

from shop.book_row import Cells, book_row
from shop.catalogue import book_by_slug
from shop.db import Database, retried
from shop.errors import BadInput, Conflict
from shop.models import Book
from shop.money import MAXIMUM, digits, money
from shop.search import find_words, matching, read_isbn
from shop.words import _

log = structlog.get_logger()
PAGE_SIZE = 50


@dataclass(frozen=True)
class Page:
    books: Sequence[Book]
    after: str | None = None  # the slug after which there are more


@dataclass(frozen=True)
class Edit:
    """What was typed, and what the page had shown."""

    price: str  # in the major unit of the book's currency
    stock: str  # nothing for a file, which is never sold out
    seen_price: int | None
    seen_stock: int | None


class BadField(BadInput):
    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


async def list_books(db: Database, q: str, after: str) -> Page:
    """By the order in which they came in."""
    async with db.read() as session:
        query = select(Book).order_by(Book.id).limit(PAGE_SIZE + 1)
        if q:
            isbn = read_isbn(q)
            found = (
                Book.isbn == isbn if isbn else Book.id.in_(matching(session, find_words(q), on_sale=False))
            )
            query = query.where(found)
        if after:
            query = query.where(Book.id > select(Book.id).where(Book.slug == after).scalar_subquery())
        books = (await session.scalars(query)).all()
    shown = books[:PAGE_SIZE]
    return Page(shown, shown[-1].slug if len(books) > PAGE_SIZE else None)


@retried
async def edit_book(db: Database, slug: str, edit: Edit) -> Book:
    """Raises NotFound, BadField, and Conflict where the book is not as the page showed it, or copies are held."""
    async with db.write() as session:
        book = await book_by_slug(session, slug)
        await session.refresh(book, with_for_update=True)
        price, stock = _read(book, edit)
        if (edit.seen_price, edit.seen_stock) != (book.price, book.stock):
            raise Conflict(
                _(
                    "Since that page was made, %(title)s has got another price or stock: it is at %(price)s, with "
                    "%(stock)s copies. Look at the new numbers and save again.",
                    title=book.title,
                    price=money(book.price, book.currency),
                    stock=book.stock,
                )
            )
        if stock < book.held:
            raise BadField(
                "stock",
                _(
                    "%(held)s copies are being paid for at this moment: keep at least as many.",
                    held=book.held,
                ),
            )
        was, book.price, book.stock = (book.price, book.stock), price, stock
    log.info("staff.book_changed", book=slug, price=price, stock=stock, was=was)
    return book


def _read(book: Book, edit: Edit) -> tuple[int, int]:
    """By the rules of catalogue files. Raises BadField."""
    cells = {"title": book.title, "authors": book.authors, "currency": book.currency, "file": book.file or ""}
    cells |= {"price_cents": _minor_units(edit.price, book.currency), "stock": edit.stock}
    row = book_row(checked := Cells(1, cells, []))
    for problem in checked.problems:
        if field := {"price_cents": "price", "stock": "stock"}.get(problem.column or ""):
            raise BadField(field, f"{problem.reason[0].upper()}{problem.reason[1:]}.")
    return row.price, row.stock


def _minor_units(typed: str, currency: str) -> str:
    """As a catalogue file has it. Raises BadField."""
    places, (whole, _point, decimals) = digits(currency), typed.partition(".")
    if not re.fullmatch("[0-9]+", whole) or not re.fullmatch(f"[0-9]{{0,{places}}}", decimals):
        example = {0: "1250", 2: "12.50", 3: "12.500"}[places]
        told = {"currency": currency.upper(), "example": example}
        raise BadField("price", _("Write the price in %(currency)s like %(example)s.", **told))
    cents = whole + decimals.ljust(places, "0")
    if len(cents) > 20 or int(cents) > MAXIMUM:
        raise BadField("price", _("Nothing costs more than %(most)s here.", most=money(MAXIMUM, currency)))
    return cents
