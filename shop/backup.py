"""The shop's database as one file, made while the shop runs, and put back while it does not."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, make_url

from shop import backup_postgresql, backup_sqlite
from shop.backup_aside import aside, breakable
from shop.errors import NothingDone
from shop.migrating import revisions
from shop.settings import Settings


def back_up(settings: Settings, file: Path) -> None:
    """Everything that was committed when it began, and nothing that came later. It gets its name once it is whole and
    on the disk. Raises NothingDone."""
    url = make_url(settings.database_url)
    with _told(file):
        if file.exists():
            raise NothingDone(f"{file} exists: name a file that does not.")
        with aside(file) as partial, breakable():
            if _is_sqlite(url):
                backup_sqlite.copy(_path(url), partial)
            else:
                backup_postgresql.dump(url, partial)
            _write_through(partial)
            partial.rename(file)
        _write_through(file.parent)


async def restore(settings: Settings, file: Path, *, force: bool) -> None:
    """Check the file, migrate what it holds, and put that in the place of the database as a whole or not at all.

    Raises NothingDone: if anybody uses the database, or if it holds something, unless with `force`."""
    url = make_url(settings.database_url)
    with _told(file):
        version = _checked_version(url, file)
        if version not in revisions():
            raise ValueError(f"it was made by a newer version of the shop (its migration is {version})")
        if _is_sqlite(url):
            await backup_sqlite.restore(file, _path(url), force=force)
        else:
            await backup_postgresql.restore(url, file, force=force)


def _checked_version(url: URL, file: Path) -> str:
    if not file.is_file():
        raise ValueError("there is no such file")
    return backup_sqlite.checked_version(file) if _is_sqlite(url) else backup_postgresql.checked_version(file)


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
    except OSError as error:
        raise NothingDone(f"{error.filename or file} cannot be used: {error.strerror or error}.") from error


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _path(url: URL) -> Path:
    return Path(url.database or "")
