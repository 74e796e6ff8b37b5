"""Bringing the database to the newest migration."""

import re
import sqlite3
import stat
import time
from functools import cache
from pathlib import Path

from sqlalchemy import URL, Connection, inspect, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from shop.checks import ConfigurationError
from shop.db import Database, advice
from shop.settings import ROOT

HEAD = re.compile(r'^revision: str = "(\w+)"\ndown_revision: str \| None = (?:"(\w+)"|None)$', re.MULTILINE)
ONE_AT_A_TIME = 7291640  # names PostgreSQL's lock on the whole database's shape


async def migrate(db: Database) -> None:
    """Upgrade to head in one transaction, safe in several processes at once. Raises ConfigurationError where the
    database cannot be opened or written."""
    url = db.engine.url
    if url.get_backend_name() == "sqlite":
        _check_writable(url)
    try:
        async with db.writing_engine.begin() as connection:
            await connection.run_sync(upgrade)
    except (OSError, TimeoutError, DBAPIError) as error:
        if isinstance(error, ProgrammingError) and url.get_backend_name() == "sqlite":
            raise
        mending = advice(getattr(error, "orig", None)) or (
            "check DATABASE_URL, and that the server runs and lets us in."
        )
        raise ConfigurationError(
            f"The database {url.render_as_string()} cannot be used ({_reason(error)}): {mending}"
        ) from error


@cache
def revisions() -> list[str]:
    """All that this program knows, newest first. They are read from the files: Alembic would have to run them all."""
    following = {}
    for file in (ROOT / "migrations/versions").glob("*.py"):
        head = HEAD.search(file.read_text())
        assert head, f"{file} names its revisions otherwise than the others"
        following[head[2]] = head[1]
    found: list[str] = []
    while (newer := following.get(found[0] if found else None)) is not None:
        found.insert(0, newer)
    return found


def is_ours(name: str | None, _kind: str, _parents: object) -> bool:
    """Whether the models know of a table or index; those for searching and for the shelf's orders, which databases
    write each in its own way, are made by their migrations alone (0003, 0014, 0016)."""
    return not (name or "").startswith(("book_search", "shelf_"))


def _reason(error: Exception) -> str:
    lines = str(getattr(error, "orig", None) or error).splitlines() or [type(error).__name__]
    return lines[0].rpartition(">: ")[2]


def upgrade(connection: Connection) -> None:
    """To head, in the transaction that is open."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})")
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
    if _version(connection) == revisions()[0]:
        return
    from alembic import command  # noqa: PLC0415 (at most starts there is nothing to do for it)
    from alembic.config import Config  # noqa: PLC0415

    config = Config(toml_file=ROOT / "pyproject.toml")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return version


def _check_writable(url: URL) -> None:
    path = Path(url.database or "")
    # Root may write to a read-only file, but whoever made it read-only did not mean a shop to do so.
    if path.is_file() and not path.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
        raise ConfigurationError(
            f"The database {path} is read-only: make it writable or name another in DATABASE_URL."
        )
    try:
        if "uri" not in url.query:
            path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(url.database or "", uri="uri" in url.query)
        try:
            _begin_log(connection)
            connection.execute("BEGIN IMMEDIATE")
        finally:
            connection.close()
    except (sqlite3.Error, OSError) as error:
        raise ConfigurationError(
            f"The database {path} cannot be used ({error}): check DATABASE_URL, and that the file and its folder are "
            "writable."
        ) from error


def _begin_log(connection: sqlite3.Connection) -> None:
    """Of several that open a new database at once, SQLite refuses all but one the write-ahead log, without waiting."""
    for _ in range(100):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            time.sleep(0.05)
        else:
            return
