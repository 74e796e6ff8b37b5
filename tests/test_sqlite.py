"""What holds on SQLite, whose statements are run by a thread."""

import aiosqlite
import pytest
from sqlalchemy import select, update

from shop.db import Database
from shop.models import Book

DATABASE = "sqlite"


async def test_a_statement_is_one_trip_to_the_thread(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    trips: list[object] = []
    make_trip = aiosqlite.Connection._execute
    db = Database(database_url)
    async with db.read() as session:
        stock = select(Book.stock).where(Book.slug == "flatland")
        before = await session.scalar(stock)
    monkeypatch.setattr(aiosqlite.Connection, "_execute", lambda *a: trips.append(a) or make_trip(*a))
    async with db.write() as session:
        await session.execute(update(Book).values(stock=Book.stock + 1))
    assert len(trips) == 3  # BEGIN, UPDATE, COMMIT
    async with db.read() as session:
        assert await session.scalar(stock) == before + 1
    assert len(trips) == 6  # BEGIN, SELECT, ROLLBACK
    monkeypatch.undo()
    await db.close()
