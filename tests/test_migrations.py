"""Migrations lead to what the models say, from empty and from what is already there."""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from shop.db import Base, Database
from shop.migrating import is_ours, migrate, revisions
from shop.search import search_text, search_title
from shop.settings import ROOT


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(
        connection, opts={"compare_server_default": True, "include_name": is_ours}
    )
    return list(compare_metadata(context, Base.metadata))


async def test_migrations_make_what_the_models_say(database_url: str) -> None:
    db = Database(database_url)
    async with db.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await db.close()


def test_the_shop_knows_the_migrations_that_alembic_would_run() -> None:
    scripts = ScriptDirectory.from_config(Config(toml_file=ROOT / "pyproject.toml"))
    assert revisions() == [script.revision for script in scripts.walk_revisions()]


async def test_an_older_database_keeps_what_it_holds(tmp_path: Path) -> None:
    db = Database(f"sqlite+aiosqlite:///{tmp_path / 'shop.db'}")
    async with db.writing_engine.begin() as connection:
        await connection.run_sync(to_version, "0001")
        await connection.execute(text(BOOK))
        await connection.execute(text("INSERT INTO carts VALUES (1, 'c', 0, '2026-01-01', '2026-01-01')"))
        await connection.execute(text("INSERT INTO cart_items VALUES (1, 1, 1, 2)"))
    await migrate(db)
    async with db.engine.connect() as connection:
        row = await connection.execute(text("SELECT stock, held, quantity FROM books, cart_items"))
        assert row.all() == [(3, 0, 2)]
        words = await connection.execute(text("SELECT search_title, search_text FROM books"))
        assert words.all() == [
            (search_title("Łódź’s B-Side"), search_text("Łódź’s B-Side", "A", "paperback"))
        ]
        found = await connection.execute(text("SELECT rowid FROM book_search WHERE book_search MATCH 'bsi*'"))
        assert found.all() == [(1,)]
    await db.close()


async def test_withdrawn_books_leave_the_index_of_words_and_come_back(tmp_path: Path) -> None:
    """With the migration, against it, and as they are sold again."""
    db = Database(f"sqlite+aiosqlite:///{tmp_path / 'shop.db'}")
    async with db.writing_engine.begin() as connection:
        await connection.run_sync(to_version, "0015")
        await connection.execute(text(BOOK))
        await connection.execute(text("UPDATE books SET search_text = 'b side', withdrawn = true"))
        assert await connection.scalar(text(SIDES)) == 1
        for move, version, number in ((command.upgrade, "0016", 0), (command.downgrade, "0015", 1)):
            await connection.run_sync(to_version, version, move)
            assert await connection.scalar(text(SIDES)) == number
        await connection.run_sync(to_version, "head")
        for withdrawn, number in (("false", 1), ("true", 0), ("false", 1)):
            await connection.execute(text(f"UPDATE books SET withdrawn = {withdrawn}"))
            assert await connection.scalar(text(SIDES)) == number
        await connection.execute(text("DELETE FROM books"))
        assert await connection.scalar(text("SELECT count(*) FROM book_search_words")) == 0
    await db.close()


SIDES = "SELECT count(*) FROM book_search WHERE book_search MATCH 'side AND b'"


async def test_orders_from_before_there_were_codes_get_one_each(tmp_path: Path) -> None:
    db = Database(f"sqlite+aiosqlite:///{tmp_path / 'shop.db'}")
    async with db.writing_engine.begin() as connection:
        await connection.run_sync(to_version, "0002")
        for public_id in ("a", "b", "c"):
            await connection.execute(text(ORDER), {"id": public_id})
    await migrate(db)
    async with db.engine.connect() as connection:
        codes = (await connection.execute(text("SELECT code FROM orders"))).scalars().all()
    assert len(set(codes)) == 3
    assert all(code.startswith("C-") for code in codes)
    async with db.writing_engine.begin() as connection:
        await connection.run_sync(to_version, "0002", command.downgrade)
        assert (await connection.execute(text("SELECT public_id FROM orders"))).scalars().all() == [*"abc"]
    await db.close()


ORDER = """INSERT INTO orders (public_id, cart_released, status, revision, created_at)
VALUES (:id, false, 'paid', 1, '2026-01-01')"""
BOOK = """INSERT INTO books (id, slug, title, subtitle, authors, publisher, format, category, price, currency, stock,
blurb, search_text) VALUES (1, 'b', 'Łódź’s B-Side', '', 'A', '', 'paperback', '', 900, 'usd', 3, '', 'b')"""


def to_version(
    connection: Connection, version: str, move: Callable[[Config, str], None] = command.upgrade
) -> None:
    config = Config(toml_file=ROOT / "pyproject.toml")
    config.attributes["connection"] = connection
    move(config, version)
