"""What the shop does when its database is lost, locked, full or of two minds."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from sqlalchemy import event, update
from sqlalchemy import text as text_of
from sqlalchemy.ext.asyncio import create_async_engine

from shop.checks import ConfigurationError
from shop.db import Database, retried
from shop.errors import DatabaseUnavailable
from shop.factory import create_app
from shop.migrating import migrate
from shop.models import Book
from shop.settings import Settings
from shop.stocking import stock_demo_books
from tests.conftest import Serve, ShopUnderTest
from tests.postgresql import TemporaryPostgreSQL
from tests.shopper import Shopper, text

DREAM, CODE = "the-dream-machine", "the-code-book"
STATEMENTS = {
    "sqlite": {
        "read only": "PRAGMA query_only = 1",
        "writable": "PRAGMA query_only = 0",
        "hasty": "PRAGMA busy_timeout = 50",
    },
    "postgresql": {
        "read only": "SET default_transaction_read_only = on",
        "writable": "SET default_transaction_read_only = off",
        "hasty": "SET lock_timeout = 50",
    },
}


@contextlib.contextmanager
def each_connection(shop: ShopUnderTest, what: str) -> Iterator[None]:
    """Every connection that the shop uses meanwhile has this said to it first."""
    statement = STATEMENTS[shop.db.engine.dialect.name][what]

    def say(connection: Any, *_: object) -> None:
        connection.cursor().execute(statement)
        if shop.db.engine.dialect.name == "postgresql":
            connection.commit()

    event.listen(shop.db.engine.sync_engine, "checkout", say)
    yield
    event.remove(shop.db.engine.sync_engine, "checkout", say)


@contextlib.asynccontextmanager
async def all_locked(shop: ShopUnderTest) -> AsyncIterator[None]:
    """Another program holds what every writer needs."""
    engine = create_async_engine(shop.settings.database_url)
    sqlite = engine.dialect.name == "sqlite"
    async with engine.connect() as connection:
        await connection.exec_driver_sql(
            "BEGIN IMMEDIATE" if sqlite else "LOCK TABLE carts, cart_items, orders"
        )
        yield
    await engine.dispose()


async def test_clicks_at_the_same_moment_are_all_counted(shopper: Shopper) -> None:
    await shopper.add(DREAM)
    replies = await asyncio.gather(*(shopper.add(DREAM) for _ in range(8)))
    assert {reply.status_code for reply in replies} == {303}
    assert "9 books" in text(await shopper.get("/cart"))


async def test_check_outs_at_the_same_moment_make_one_order(shopper: Shopper) -> None:
    await shopper.add(DREAM)
    replies = await asyncio.gather(*(shopper.post("/checkout") for _ in range(8)))
    assert len({reply.headers["Location"] for reply in replies}) == 1


async def test_a_press_and_a_changed_cart_at_the_same_moment_never_part(shopper: Shopper) -> None:
    """Either the press comes first and the change has to wait, or the change does and the press is told."""
    for _ in range(5):
        await shopper.check_out(DREAM)
        total = (await shopper.intent()).amount
        await shopper.add(CODE)
        pressed, changed = await asyncio.gather(shopper.press(total=total), shopper.post("/checkout"))
        assert (pressed.status_code, changed.status_code) in ((204, 409), (409, 303))
        await shopper.post(f"{shopper.order}/cancellation")
        shopper.http.cookies.clear()


async def test_a_database_that_takes_no_writes_is_told_in_words(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await shopper.add(DREAM)
    with each_connection(shop, "read only"):
        reply = await shopper.add(CODE)
        assert (reply.status_code, reply.headers["Retry-After"]) == (503, "5")
        assert "Nothing was changed, and your cart is as it was." in text(reply)
    with each_connection(shop, "writable"):
        assert "The Dream Machine" in text(await shopper.get("/cart"))
        assert (await shopper.add(CODE)).status_code == 303


async def test_a_locked_database_is_told_in_words(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.add(DREAM)
    with each_connection(shop, "hasty"):
        async with all_locked(shop):
            assert (await shopper.add(DREAM)).status_code == 503
        assert (await shopper.add(DREAM)).status_code == 303


async def test_a_payment_whose_news_could_not_be_written_is_found_later(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await shopper.check_out(DREAM)
    await shopper.press()
    intent = await shopper.intent()
    with each_connection(shop, "read only"):
        await shopper.stripe.v1.payment_intents.confirm_async(
            intent.id, {"payment_method": "pm_card_visa", "return_url": "https://example.com/"}
        )
        assert (await shopper.look()).status_code == 503
    with each_connection(shop, "writable"):
        assert "Thank you: your order is paid" in text(await shopper.look())


async def test_a_deadlock_is_broken_off_and_tried_again(shop: ShopUnderTest) -> None:
    @retried
    async def change(first: str, second: str) -> None:
        async with shop.db.write() as session:
            for slug in (first, second):
                await session.execute(update(Book).where(Book.slug == slug).values(stock=Book.stock + 1))
                await asyncio.sleep(0.1)

    before = await stock(shop, DREAM)
    await asyncio.gather(change(DREAM, CODE), change(CODE, DREAM))
    assert await stock(shop, DREAM) == before + 2


async def stock(shop: ShopUnderTest, slug: str) -> int:
    async with shop.db.read() as session:
        from shop.catalogue import book_by_slug

        return (await book_by_slug(session, slug)).stock


async def test_a_server_that_falls_over_and_comes_back(serve: Serve, tmp_path: Path) -> None:
    server = TemporaryPostgreSQL()
    settings = Settings(
        secret_key="signs the cookies of the tests", database_url=server.url("postgres"), instance=tmp_path
    )
    app = create_app(settings)
    await migrate(app.extensions["db"])
    await stock_demo_books(app.extensions["db"])
    async with httpx.AsyncClient(base_url=await serve(app), verify=False) as client:
        assert (await client.get("/")).status_code == 200
        server.restart()
        assert (await client.post("/cart/items", data={"book": DREAM})).status_code == 303
        server.pause()
        reply = await client.get("/cart")
        assert (reply.status_code, reply.headers["Retry-After"]) == (503, "5")
        server.start()
        assert "The Dream Machine" in (await client.get("/cart")).text
    server.stop()


async def test_a_server_without_a_connection_left_says_what_to_do(postgresql: TemporaryPostgreSQL) -> None:
    async with _role(postgresql, "CONNECTION LIMIT 0") as url:
        db = Database(url)
        with pytest.raises(ConfigurationError, match="lower it, raise the server's max_connections"):
            await migrate(db)
        with pytest.raises(DatabaseUnavailable):
            await _ask(db, "SELECT 1")
        await db.close()


async def test_behind_a_pgbouncer_nothing_is_kept_on_a_connection(postgresql: TemporaryPostgreSQL) -> None:
    async with _role(postgresql, "") as url:
        db = Database(f"{url}&pgbouncer=true")
        for question, answer in (
            ("SELECT count(*) FROM pg_prepared_statements", 0),
            ("SHOW lock_timeout", "8s"),
            ("SELECT reset_val FROM pg_settings WHERE name = 'lock_timeout'", "0"),
        ):
            assert await _ask(db, question) == answer
        await db.close()


@contextlib.asynccontextmanager
async def _role(server: TemporaryPostgreSQL, limit: str) -> AsyncIterator[str]:
    """The address for a user of its own, who is no superuser."""
    connection = await asyncpg.connect(server.url("postgres").replace("+asyncpg", ""))
    await connection.execute(f"CREATE ROLE somebody LOGIN {limit}")
    yield server.url("postgres").replace("shop@", "somebody@")
    await connection.execute("DROP ROLE somebody")
    await connection.close()


async def _ask(db: Database, question: str) -> Any:
    async with db.read() as session:
        return await session.scalar(text_of(question))


async def test_servers_that_start_together_migrate_and_stock_once(
    database_url: str, database: str, tmp_path: Path
) -> None:
    url = database_url if database == "postgresql" else f"sqlite+aiosqlite:///{tmp_path / 'new.db'}"
    databases = [Database(url) for _ in range(4)]
    await asyncio.gather(*(start(db) for db in databases))


async def start(db: Database) -> None:
    await migrate(db)
    await stock_demo_books(db)
    await db.close()
