"""Bringing the database to the newest migration."""

import os
import stat
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from shop.db import Database
from shop.settings import ROOT, ConfigurationError


async def migrate(db: Database) -> None:
    """Upgrade to head in one transaction, safe in several processes at once. Raises ConfigurationError where the
    database cannot be opened or written."""
    path = Path(make_url(str(db.engine.url)).database or "")
    _check_writable(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        async with db.writing_engine.begin() as connection:
            await connection.run_sync(_upgrade)
    except (DBAPIError, OSError) as error:
        reason = str(getattr(error, "orig", None) or error)
        raise ConfigurationError(
            f"The database {path} cannot be used ({reason}): check DATABASE_URL and that the file and its folder are "
            "writable."
        ) from error


def _upgrade(connection: Connection) -> None:
    config = Config(toml_file=ROOT / "pyproject.toml")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _check_writable(path: Path) -> None:
    """Root may write to a read-only file, but whoever made it read-only did not mean a shop to do so."""
    if path.exists() and not (
        os.access(path, os.W_OK) and path.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)
    ):
        raise ConfigurationError(
            f"The database {path} is read-only: make it writable or name another in DATABASE_URL."
        )
