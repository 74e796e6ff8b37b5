"""What holds on SQLite, whose statements are run by a thread."""

import asyncio
import contextlib
import os
import random
import shutil
from pathlib import Path

import aiosqlite
import pytest
from sqlalchemy import make_url, select, text, update

from shop.db import Database
from shop.models import Book
from shop.revision import LOOKED_AGAIN
from tests.conftest import NewShopper, ShopUnderTest
from tests.shopper import Shopper
from tests.test_health import readiness
from tests.test_kept_pages import VISIT

DATABASE = "sqlite"


async def test_the_thread_is_asked_for_what_may_have_to_wait(
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
    assert len(trips) == 1  # COMMIT, which waits for the disk
    async with db.glance() as session:
        assert await session.scalar(stock) == before + 1
    assert len(trips) == 1
    async with db.read() as session:
        assert await session.scalar(stock) == before + 1
    assert len(trips) == 2  # SELECT
    monkeypatch.undo()
    await db.close()


async def test_who_waits_for_the_write_lock_of_another_process_keeps_nobody_else_waiting(
    database_url: str,
) -> None:
    db, of_another_process = Database(database_url), Database(database_url)

    async def write(stock: int) -> None:
        async with db.write() as session:
            await session.execute(update(Book).values(stock=stock))

    async with of_another_process.write() as session:
        await session.execute(update(Book).values(stock=77))
        waiting = asyncio.create_task(write(78))
        for _ in range(5):
            await asyncio.sleep(0.01)
            async with db.glance() as reading:
                assert await reading.scalar(select(Book.stock).where(Book.stock == 77)) is None
    await waiting
    async with db.glance() as session:
        assert set(await session.scalars(select(Book.stock))) == {78}
    await db.close()
    await of_another_process.close()


async def test_a_broken_off_write_leaves_no_lock(database_url: str) -> None:
    db = Database(database_url)
    for _ in range(20):

        async def write() -> None:
            async with db.write() as session:
                await session.execute(update(Book).values(stock=Book.stock + 1))
                await asyncio.sleep(0)

        task = asyncio.create_task(write())
        await asyncio.sleep(random.uniform(0, 0.003))
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    async with asyncio.timeout(5), db.write() as session:
        await session.execute(update(Book).values(stock=1))
    async with db.glance() as session:
        assert set(await session.scalars(select(Book.stock))) == {1}
    await db.close()


async def test_each_visitor_gets_an_id_for_buy_now_though_no_page_can_be_kept(
    new_shopper: NewShopper, shop: ShopUnderTest
) -> None:
    async with shop.db.write() as session:
        await session.execute(text("ALTER TABLE catalogue_changes RENAME TO gone"))
    await asyncio.sleep(LOOKED_AGAIN + 0.1)
    pages = [await new_shopper().get("/books/flatland") for _ in range(2)]
    assert len({VISIT.findall(page.text)[0] for page in pages}) == 2


async def test_a_file_that_was_moved_away_is_told(shopper: Shopper, shop: ShopUnderTest) -> None:
    assert "database" not in (await readiness(shopper))[1]
    path = Path(make_url(shop.settings.database_url).database or "")
    os.rename(path, kept := path.with_name("kept.db"))
    assert await readiness(shopper) == (503, {"database"})
    shutil.copy(kept, path)
    assert await readiness(shopper) == (503, {"database"})
    os.rename(kept, path)
    assert "database" not in (await readiness(shopper))[1]
