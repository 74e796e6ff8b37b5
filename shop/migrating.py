"""Bringing the database to the newest migration."""

import sqlite3
import stat
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection
from sqlalchemy.exc import DBAPIError, ProgrammingError

from shop.checks import ConfigurationError
from shop.db import Database, advice
from shop.settings import ROOT

ONE_AT_A_TIME = 7291640  # names PostgreSQL's lock on the whole database's shape


async def migrate(db: Database) -> None:
    """Upgrade to head in one transaction, safe in several processes at once. Raises ConfigurationError where the
    database cannot be opened or written."""
    url = db.engine.url
    if url.get_backend_name() == "sqlite":
        _check_writable(url)
    try:
        async with db.writing_engine.begin() as connection:
            await connection.run_sync(_upgrade)
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
    """All that this program knows, newest first."""
    scripts = ScriptDirectory.from_config(Config(toml_file=ROOT / "pyproject.toml"))
    return [script.revision for script in scripts.walk_revisions()]


def is_ours(name: str | None, _kind: str, _parents: object) -> bool:
    """Whether the models know of a table or index; the one for searching is made by its migration alone."""
    return not (name or "").startswith("book_search")


def _reason(error: Exception) -> str:
    lines = str(getattr(error, "orig", None) or error).splitlines() or [type(error).__name__]
    return lines[0].rpartition(">: ")[2]


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})")
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
    config = Config(toml_file=ROOT / "pyproject.toml")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


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
            connection.execute("BEGIN IMMEDIATE")
        finally:
            connection.close()
    except (sqlite3.Error, OSError) as error:
        raise ConfigurationError(
            f"The database {path} cannot be used ({error}): check DATABASE_URL, and that the file and its folder are "
            "writable."
        ) from error
