"""Whether this process can do a shop's work at this moment, and if not, which part of it is stuck."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, make_url, select, text
from sqlalchemy.exc import DBAPIError

from shop.db import Database, now
from shop.errors import DatabaseUnavailable
from shop.jobs import RECOVERED, SWEPT
from shop.migrating import revisions
from shop.models import Duty, Mail
from shop.outbox import is_due
from shop.settings import Settings

PATIENCE = 1.0  # seconds for all that is asked of the database
# Seconds since a letter has been due, and since the last recovery and sweep. They come every ten seconds, and every ten
# minutes, but may take long while a mail server or Stripe does.
AT_MOST = 3600.0


@dataclass(frozen=True)
class Check:
    ok: bool
    told: Mapping[str, str | float | None]  # what it was judged by; times in seconds


@dataclass(frozen=True)
class _Seen:
    version: str | None
    oldest_letter: datetime | None
    done: dict[str, datetime]


class _File:
    """Of an SQLite database: while it is open it can be used, though nobody else would find it any more."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, int] | None = None

    @classmethod
    def of(cls, database_url: str) -> "_File | None":
        url = make_url(database_url)
        named = url.get_backend_name() == "sqlite" and "uri" not in url.query
        return cls(Path(url.database or "")) if named else None

    def is_there(self) -> bool:
        """The same as when it was first asked."""
        try:
            found = self.path.stat()
        except OSError:
            return False
        self._seen = self._seen or (found.st_dev, found.st_ino)
        return self._seen == (found.st_dev, found.st_ino)


class Readiness:
    """One look at the database at a time, however many ask: a stuck one must not take a place in the pool for each."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self.db = db
        self.sends_letters = settings.sends_letters
        self._file = _File.of(settings.database_url)
        self._looking: asyncio.Task[_Seen | None] | None = None

    async def checks(self) -> dict[str, Check]:
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        answered, _ = await asyncio.wait({self._looking}, timeout=PATIENCE)
        seen = self._looking.result() if answered else None
        if seen is None:
            return {"database": Check(False, {"within": PATIENCE})}
        if self._file and not self._file.is_there():
            return {"database": Check(False, {"file": "gone, or another one"})}
        return {
            "database": Check(True, {"within": PATIENCE}),
            "migrations": _migrated(seen.version),
            "letters": _young(seen.oldest_letter, or_none=True)
            if self.sends_letters
            else Check(True, {"wait_for": "SMTP_URL"}),
            "recovery": _young(seen.done.get(RECOVERED)),
            "sweep": _young(seen.done.get(SWEPT)),
        }

    async def _look(self) -> _Seen | None:
        try:
            async with self.db.read() as session:
                version = await session.scalar(text("SELECT version_num FROM alembic_version"))
                letter = await session.scalar(select(func.min(Mail.next_attempt_at)).where(*is_due()))
                rows = await session.execute(select(Duty.name, Duty.until))
                return _Seen(version, letter, {row.name: row.until for row in rows})
        except (DatabaseUnavailable, DBAPIError):  # the first is logged where it happened
            return None


def _migrated(version: str | None) -> Check:
    """A version that we do not know is newer than this program, which goes on beside its successor."""
    newest, *older = revisions()
    return Check(version is not None and version not in older, {"database": version, "program": newest})


def _young(moment: datetime | None, *, or_none: bool = False) -> Check:
    age = round((now() - moment).total_seconds(), 1) if moment else None
    return Check(or_none if age is None else age <= AT_MOST, {"age": age, "at_most": AT_MOST})
