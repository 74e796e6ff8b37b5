"""A copy of an SQLite database that others write to, and the way back. Raises NothingDone, and ValueError with what is
wrong with the copy."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from shop.errors import NothingDone


def copy(database: Path, target: Path) -> None:
    """In one step, of one moment: writers go on meanwhile, since the journal is written ahead."""
    if not database.is_file():
        raise NothingDone(f"There is no database {database}.")
    with _words(), closing(sqlite3.connect(database)) as here, closing(sqlite3.connect(target)) as there:
        here.backup(there)
        there.execute("PRAGMA journal_mode=DELETE")  # one file, and none beside it


def checked_version(file: Path) -> str:
    """The migration that it is at."""
    with (
        _words(),
        closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as it,
    ):
        [[verdict], *_] = it.execute("PRAGMA integrity_check(1)").fetchall()
        if verdict != "ok":
            raise ValueError(f"it is damaged ({verdict.splitlines()[-1]})")
        if not it.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
            raise ValueError("it is no backup of a shop")
        [version] = it.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(version)


def restore(file: Path, database: Path, *, force: bool) -> None:
    """Into the database that is there, as one transaction: a crash leaves the old one."""
    database.parent.mkdir(parents=True, exist_ok=True)
    with _words(), closing(sqlite3.connect(database, timeout=0, isolation_level=None)) as there:
        _take_alone(there)
        if not force and there.execute("SELECT 1 FROM sqlite_master").fetchone():
            raise NothingDone(f"{database} is not empty: `shop backup` it, then --force writes over it.")
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as it:
            it.backup(there)


def _take_alone(connection: sqlite3.Connection) -> None:
    """SQLite leaves its write-ahead log only where nobody else has the database open, and then keeps them out."""
    try:
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("COMMIT")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise
        raise NothingDone("The shop runs, or something else has its database open: stop it first.") from error


@contextmanager
def _words() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise ValueError(str(error)) from error
