"""A copy of an SQLite database that others write to, and the way back. Raises NothingDone, and ValueError with what is
wrong with the copy."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from shop.backup_aside import aside, breakable
from shop.backup_check import bring_up_to_date
from shop.db import Database
from shop.errors import NothingDone


def copy(database: Path, target: Path) -> None:
    """Of one moment: writers go on meanwhile, since the journal is written ahead."""
    if not database.is_file():
        raise NothingDone(f"There is no database {database}.")
    with _words(), closing(sqlite3.connect(database)) as here, closing(sqlite3.connect(target)) as there:
        here.execute("BEGIN")
        here.execute("SELECT 1 FROM sqlite_master").fetchone()  # only now has it begun
        _copy_pages(here, there)
        there.execute("PRAGMA journal_mode=DELETE")  # one file, and none beside it


def checked_version(file: Path) -> str:
    """The migration that it is at."""
    with _words(), closing(_read_only(file)) as it:
        [[verdict], *_] = it.execute("PRAGMA integrity_check(1)").fetchall()
        if verdict != "ok":
            raise ValueError(f"it is damaged ({verdict.splitlines()[-1]})")
        if not it.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
            raise ValueError("it is no backup of a shop")
        versions = it.execute("SELECT version_num FROM alembic_version").fetchall()
        if len(versions) != 1:
            raise ValueError("it is no backup of a shop")
        return str(versions[0][0])


async def restore(file: Path, database: Path, *, force: bool) -> None:
    """A copy is migrated beside the database, and then replaces what is in it, as one transaction: a crash leaves the
    old one."""
    database.parent.mkdir(parents=True, exist_ok=True)
    with (
        _words(),
        closing(sqlite3.connect(database, timeout=0, isolation_level=None)) as there,
        _alone(there),
    ):
        if not force and there.execute("SELECT 1 FROM sqlite_master").fetchone():
            raise NothingDone(f"{database} is not empty: `shop backup` it, then --force writes over it.")
        with aside(database) as fresh, breakable() as no_more:
            with closing(_read_only(file)) as it, closing(sqlite3.connect(fresh)) as copied:
                _copy_pages(it, copied)
            await _bring_up_to_date(fresh)
            with closing(sqlite3.connect(fresh)) as migrated:
                migrated.execute("PRAGMA journal_mode=DELETE")  # as it is there at this moment
                no_more()
                _copy_pages(migrated, there)


@contextmanager
def _alone(connection: sqlite3.Connection) -> Iterator[None]:
    """SQLite leaves its write-ahead log only where nobody else has the database open, and then keeps them out. It is
    put back to it in any case: without it, nobody would be noticed who has the database open and rests."""
    connection.execute("PRAGMA locking_mode=EXCLUSIVE")
    try:
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("COMMIT")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise
        raise NothingDone("The shop runs, or something else has its database open: stop it first.") from error
    try:
        yield
    finally:
        connection.execute("PRAGMA locking_mode=NORMAL")
        with suppress(sqlite3.OperationalError):  # somebody was waiting: a shop, which does the same
            connection.execute("SELECT 1 FROM sqlite_master").fetchall()  # leaves the lock, and no journal
            connection.execute("PRAGMA journal_mode=WAL")


async def _bring_up_to_date(database: Path) -> None:
    db = Database(f"sqlite+aiosqlite:///{database}")
    try:
        async with db.writing_engine.begin() as connection:
            await connection.run_sync(bring_up_to_date)
    finally:
        await db.close()


def _read_only(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)


def _copy_pages(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """In steps of ten megabytes, between which Python hears signals."""
    source.backup(target, pages=2500, progress=lambda *_: None)


@contextmanager
def _words() -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, SQLAlchemyError) as error:
        raise ValueError(str(error).splitlines()[0]) from error
