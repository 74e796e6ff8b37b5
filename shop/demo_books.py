"""The demo catalogue, for a shop that has no books yet."""

from sqlalchemy import select

from shop.db import Database
from shop.models import Book


async def fill_empty_shelf(db: Database) -> None:
    """What reads a catalogue is loaded only where there is none."""
    async with db.read() as session:
        if await session.scalar(select(Book.id).limit(1)):
            return
    from shop.stocking import stock_demo_books  # noqa: PLC0415

    await stock_demo_books(db)
