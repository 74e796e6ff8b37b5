"""What is noticed of changes to the catalogue where the server is PostgreSQL."""

import asyncio
from typing import Any

from sqlalchemy import event, func, select, update
from sqlalchemy.ext.asyncio import create_async_engine

from shop.models import Book, CatalogueChange
from tests.conftest import ShopUnderTest
from tests.shopper import Shopper, text
from tests.test_kept_pages import change_elsewhere

DATABASE = "postgresql"


async def test_of_many_who_wait_for_a_database_that_hangs_one_asks(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    asked = []

    def note(_connection: Any, cursor: Any, statement: str, *_: object) -> None:
        if "FROM catalogue_changes" in statement:
            asked.append(statement)
            cursor.execute("SET LOCAL lock_timeout = 1500")

    event.listen(shop.db.engine.sync_engine, "before_cursor_execute", note)
    engine = create_async_engine(shop.settings.database_url)
    async with engine.connect() as elsewhere:
        await elsewhere.exec_driver_sql("LOCK TABLE catalogue_changes")
        replies = await asyncio.gather(*(shopper.get(f"/?page={number}") for number in range(1, 7)))
    await engine.dispose()
    event.remove(shop.db.engine.sync_engine, "before_cursor_execute", note)
    assert {reply.status_code for reply in replies} == {503}
    assert len(asked) == 1


async def test_changes_are_seen_on_a_server_that_counts_its_transactions_anew(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    """As after a restore: the numbers of the transactions to come stand in the table already."""
    path = "/books/the-dream-machine"
    assert "$43.21" not in text(await shopper.get(path))
    await change_elsewhere(
        shop,
        "INSERT INTO catalogue_changes SELECT generate_series(now + 1, now + 50) "
        "FROM (SELECT pg_current_xact_id()::text::bigint AS now) AS server ON CONFLICT DO NOTHING",
    )
    await asyncio.sleep(0.6)
    await shopper.get(path)
    await change_elsewhere(shop, "UPDATE books SET price = 4321 WHERE slug = 'the-dream-machine'")
    await asyncio.sleep(0.9)
    assert "$43.21" in text(await shopper.get(path))


async def test_a_transaction_is_one_change_however_many_books_it_touches(shop: ShopUnderTest) -> None:
    changes = select(func.count(CatalogueChange.id))
    async with shop.db.write() as session:
        before = await session.scalar(changes) or 0
        for price in (4000, 5000):
            await session.execute(update(Book).values(price=price))
        async with session.begin_nested() as savepoint:
            await session.execute(update(Book).values(price=6000))
            await savepoint.rollback()
    async with shop.db.read() as session:
        assert await session.scalar(changes) == before + 1
