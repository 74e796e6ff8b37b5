"""What is noticed of changes to the catalogue where the server is PostgreSQL."""

import asyncio
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import create_async_engine

from tests.conftest import ShopUnderTest
from tests.shopper import Shopper

DATABASE = "postgresql"


async def test_of_many_who_wait_for_a_database_that_hangs_one_asks(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    asked = []

    def note(_connection: Any, cursor: Any, statement: str, *_: object) -> None:
        if "FROM catalogue_changes" in statement:
            asked.append(statement)
            cursor.execute("SET LOCAL lock_timeout = 500")

    event.listen(shop.db.engine.sync_engine, "before_cursor_execute", note)
    engine = create_async_engine(shop.settings.database_url)
    async with engine.connect() as elsewhere:
        await elsewhere.exec_driver_sql("LOCK TABLE catalogue_changes")
        replies = await asyncio.gather(*(shopper.get(f"/?page={number}") for number in range(1, 7)))
    await engine.dispose()
    event.remove(shop.db.engine.sync_engine, "before_cursor_execute", note)
    assert {reply.status_code for reply in replies} == {503}
    assert len(asked) == 1
