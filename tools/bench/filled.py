"""Databases with as many books as wanted, in the shop's own schema. They are kept from run to run."""

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import make_url

from shop.db import Database
from shop.migrating import migrate, revisions
from shop.stocking import stock_demo_books

from .books import COLUMNS, Base, books
from .postgresql import KeptPostgreSQL

STAYS = ("books", "catalogue_changes", "alembic_version")
BOOKS = ", ".join(COLUMNS)


async def make_room(folder: Path, key: str, server: KeptPostgreSQL) -> None:
    """Keep what was made of one file only, with the newest migration."""
    _forget_files(folder, key)
    admin = await asyncpg.connect(driverless(server.url("postgres")))
    for (name,) in await admin.fetch("SELECT datname FROM pg_database WHERE datname LIKE '%books%'"):
        if not name.startswith(_name(key).replace("-", "_")):
            await admin.execute(f"DROP DATABASE {name}")
    await admin.close()


def _forget_files(folder: Path, key: str) -> None:
    for file in [*folder.glob("books-*"), *folder.glob("import-*")]:
        if not file.name.startswith((_name(key), f"import-{key}-")):
            file.unlink()


def _name(key: str) -> str:
    return f"books-{key}-{revisions()[0]}-"


async def sqlite(folder: Path, key: str, common: Sequence[Base], count: int) -> Path:
    """The file, without carts and orders. It is filled in one go, and its indexes are built at the end."""
    file = folder / f"{_name(key)}{count}.db"
    if not file.exists():
        making = file.with_suffix(".making")
        making.unlink(missing_ok=True)
        await _migrate(f"sqlite+aiosqlite:///{making}")
        with contextlib.closing(sqlite3.connect(making, isolation_level=None)) as db:
            _fill_sqlite(db, books(common, count))
        making.rename(file)
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as db:
        tables = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            if table not in STAYS and not table.startswith(("book_search", "sqlite_")):
                db.execute(f"DELETE FROM {table}")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return file


async def demo(folder: Path, key: str, count: int) -> Path:
    """One with the books that the shop begins with."""
    file = folder / f"{_name(key)}{count}.db"
    db = Database(f"sqlite+aiosqlite:///{file}")
    await migrate(db)
    await stock_demo_books(db)
    await db.close()
    return file


def _fill_sqlite(db: sqlite3.Connection, rows: Iterator[tuple[object, ...]]) -> None:
    db.execute("PRAGMA journal_mode = OFF")  # who fills it begins again after a crash
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA cache_size = -200000")
    later = db.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE tbl_name = 'books' AND type IN ('index', 'trigger') "
        "AND sql IS NOT NULL"
    ).fetchall()
    for kind, name, _ in later:
        db.execute(f"DROP {kind} {name}")
    db.execute("BEGIN")
    db.executemany(f"INSERT INTO books ({BOOKS}) VALUES ({', '.join('?' * len(COLUMNS))})", rows)
    db.execute("COMMIT")
    db.execute("INSERT INTO book_search (book_search) VALUES ('rebuild')")
    for _, _, sql in later:
        db.execute(sql)
    db.execute("UPDATE catalogue_changes SET id = id + 1")
    db.execute("PRAGMA journal_mode = WAL")


async def postgresql(server: KeptPostgreSQL, file: Path) -> str:
    """The address of a database with the books of one of SQLite, without carts and orders."""
    name = file.stem.replace("-", "_")
    admin = await asyncpg.connect(driverless(server.url("postgres")))
    known = await admin.fetchval("SELECT true FROM pg_database WHERE datname = $1", name)
    if not known:
        await admin.execute(f"DROP DATABASE IF EXISTS making_{name}")
        await admin.execute(f"CREATE DATABASE making_{name}")
        await _migrate(server.url(f"making_{name}"))
        db = await asyncpg.connect(driverless(server.url(f"making_{name}")))
        await _fill_postgresql(db, file)
        await db.close()
        await admin.execute(f"ALTER DATABASE making_{name} RENAME TO {name}")
    await admin.close()
    db = await asyncpg.connect(driverless(server.url(name)))
    tables = await db.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    others = ", ".join(table for (table,) in tables if table not in STAYS)
    await db.execute(f"TRUNCATE {others}")
    await db.close()
    return server.url(name)


async def _fill_postgresql(db: Any, file: Path) -> None:
    await db.execute("SET maintenance_work_mem = '512MB'")
    later = await db.fetch(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'books' "
        "AND indexname NOT IN (SELECT conname FROM pg_constraint)"
    )
    for index, _ in later:
        await db.execute(f"DROP INDEX {index}")
    with contextlib.closing(sqlite3.connect(file)) as source:
        rows = source.execute(f"SELECT {BOOKS} FROM books ORDER BY id")
        while some := rows.fetchmany(50_000):
            await db.copy_records_to_table("books", records=some, columns=COLUMNS)
    for _, made in later:
        await db.execute(made)
    await db.execute("SELECT setval(pg_get_serial_sequence('books', 'id'), max(id)) FROM books")
    await db.execute("VACUUM ANALYZE books")


async def _migrate(url: str) -> None:
    db = Database(url)
    await migrate(db)
    await db.close()


def driverless(url: str) -> str:
    """As PostgreSQL's own programs write it, for asyncpg."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
