"""Putting books on the shelf."""

import csv
import re

from sqlalchemy import func, select

from shop.catalogue import search_text
from shop.db import Database
from shop.models import Book, BookFormat
from shop.settings import ROOT

DEMO_BOOKS = ROOT / "shop/data/demo_books.csv"


async def stock_demo_books(db: Database) -> None:
    """Fill an empty catalogue with the demo books."""
    async with db.write() as session:
        if await session.scalar(select(func.count(Book.id))):
            return
        with DEMO_BOOKS.open(encoding="utf-8", newline="") as file:
            session.add_all(_book(row) for row in csv.DictReader(file))


def _book(row: dict[str, str]) -> Book:
    return Book(
        slug=slug(row["title"]),
        isbn=row["isbn13"] or None,
        title=row["title"],
        subtitle=row["subtitle"],
        authors=row["authors"],
        publisher=row["publisher"],
        year=int(row["edition_year"]) if row["edition_year"] else None,
        first_published=int(row["first_published"]) if row["first_published"] else None,
        format=BookFormat(row["format"]),
        category=row["category"],
        price=int(row["price_cents"]),
        currency=row["currency"],
        stock=int(row["stock"]),
        blurb=row["blurb"],
        search_text=search_text(row["title"], row["subtitle"], row["authors"], row["publisher"]),
    )


def slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", search_text(title).replace("'", "")).strip("-")
