"""The shop's database as one file, made while the shop runs, and put back while it does not."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, make_url

from shop import backup_postgresql, backup_sqlite
from shop.db import Database
from shop.errors import NothingDone
from shop.migrating import migrate, revisions
from shop.settings import Settings


def back_up(settings: Settings, file: Path) -> None:
    """Everything that was committed when it began, and nothing that came later. Raises NothingDone."""
    url = make_url(settings.database_url)
    with _new(file) as partial, _told(file):
        if _is_sqlite(url):
            backup_sqlite.copy(_path(url), partial)
        else:
            backup_postgresql.dump(url, partial)


async def restore(settings: Settings, file: Path, *, force: bool) -> None:
    """Check the file, put it in the place of the database as a whole or not at all, and migrate it.

    Raises NothingDone: if anybody uses the database, or if it holds something, unless with `force`."""
    url = make_url(settings.database_url)
    with _told(file):
        version = _checked_version(url, file)
        if version not in revisions():
            raise ValueError(f"it was made by a newer version of the shop (its migration is {version})")
        if _is_sqlite(url):
            await asyncio.to_thread(backup_sqlite.restore, file, _path(url), force=force)
        else:
            await backup_postgresql.restore(url, file, force=force)
    db = Database(settings.database_url)
    try:
        await migrate(db)
    finally:
        await db.close()


def _checked_version(url: URL, file: Path) -> str:
    if not file.is_file():
        raise ValueError("there is no such file")
    return backup_sqlite.checked_version(file) if _is_sqlite(url) else backup_postgresql.checked_version(file)


@contextmanager
def _new(file: Path) -> Iterator[Path]:
    """Another name to write to, for its owner's eyes only; it gets its own name once it is whole and on the disk."""
    if file.exists():
        raise NothingDone(f"{file} exists: name a file that does not.")
    partial = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        yield partial
        _write_through(partial)
        partial.rename(file)
        _write_through(file.parent)
    except OSError as error:
        raise NothingDone(f"{file} cannot be written: {error.strerror or error}.") from error
    finally:
        partial.unlink(missing_ok=True)


def _write_through(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _told(file: Path) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise NothingDone(f"{file}: {error}.") from error


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _path(url: URL) -> Path:
    return Path(url.database or "")
