"""The limit below a line: the statements that the shop sends for it, on the bare driver in a loop.

They are overheard from a shop in this process, then sent again. What they write is undone, and one small change is
committed in its place, so that each transaction waits for the disk once, as it did."""

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from itertools import cycle
from typing import Any

import asyncpg
from sqlalchemy import event, make_url

from shop.db import Database
from shop.factory import create_app
from shop.settings import Settings

from .filled import driverless

Statement = tuple[str, Any]
Transaction = list[Statement]
HEARD = 12  # requests of a line
KNOWN = 3  # before that, so that the shop has kept what it keeps
SECONDS = 0.3
NOTHING = "UPDATE carts SET revision = revision + 1 WHERE id = (SELECT max(id) FROM carts)"
CHANGES = ("INSERT", "UPDATE", "DELETE")
FRAMES = ("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")


class Shop:
    """The shop in this process, and what it says to its database."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.app = create_app(Settings.from_env({**env, "JOBS": "0", "PORT": "1"}))
        self.said: list[Transaction] = []
        db: Database = self.app.extensions["db"]
        self.url = str(env["DATABASE_URL"])
        event.listen(db.engine.sync_engine, "begin", lambda _: self.said.append([]))
        event.listen(db.engine.sync_engine, "before_cursor_execute", self._hear)

    def _hear(self, _connection: Any, _cursor: Any, sql: str, parameters: Any, *_: Any) -> None:
        if self.said and not sql.startswith(FRAMES) and "catalogue_changes" not in sql:
            self.said[-1].append((sql, parameters))

    async def hear(self, requests: Sequence[bytes]) -> list[list[Transaction]]:
        """Of each request."""
        client, heard = self.app.test_client(use_cookies=False), []
        for number, request in enumerate(requests[: KNOWN + HEARD]):
            self.said = []
            method, path, headers, body = _taken_apart(request)
            await client.open(path, method=method, headers=headers, data=body)
            if number >= KNOWN:
                heard.append([transaction for transaction in self.said if transaction])
        return heard


@contextlib.asynccontextmanager
async def listening(env: Mapping[str, str]) -> AsyncIterator[Shop]:
    shop = Shop(env)
    async with shop.app.test_app():
        yield shop


def _taken_apart(request: bytes) -> tuple[str, str, dict[str, str], bytes]:
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ")
    return method, path, dict(line.split(": ", 1) for line in lines), body


async def a_second(url: str, heard: Sequence[list[Transaction]]) -> float | None:
    """How often the driver does what it has heard; None where there is nothing to do, 0 where it cannot be repeated."""
    if not any(heard):
        return None
    with contextlib.suppress(sqlite3.Error, asyncpg.PostgresError):
        if make_url(url).get_backend_name() == "sqlite":
            return await asyncio.to_thread(_sqlite, make_url(url).database or "", heard)
        return await _postgresql(driverless(url), heard)
    return 0


def _sqlite(file: str, heard: Sequence[list[Transaction]]) -> float:
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as db:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000"):
            db.execute(f"PRAGMA {pragma}")
        return _rate(_for_a_while(heard), lambda transaction: _once_sqlite(db, transaction))


def _once_sqlite(db: sqlite3.Connection, transaction: Transaction) -> None:
    writes = is_writing(transaction)
    db.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
    if writes:
        db.execute("SAVEPOINT undone")
    for sql, parameters in transaction:
        with contextlib.suppress(sqlite3.IntegrityError):  # it is there already, of the first time
            if isinstance(parameters, list):
                db.executemany(sql, parameters)
            else:
                db.execute(sql, parameters).fetchall()
    if writes:
        db.execute("ROLLBACK TO undone")
        db.execute(NOTHING)
    db.execute("COMMIT")


def _rate(transactions: Iterator[Transaction | None], do: Callable[[Transaction], None]) -> float:
    """`transactions` says None at the end of each request."""
    begun, done = time.perf_counter(), 0
    for transaction in transactions:
        if transaction is None:
            done += 1
        else:
            do(transaction)
    return done / (time.perf_counter() - begun)


def _for_a_while(heard: Sequence[list[Transaction]]) -> Iterator[Transaction | None]:
    until = time.perf_counter() + SECONDS
    for transactions in cycle(heard):
        yield from transactions
        yield None
        if time.perf_counter() > until:
            return


async def _postgresql(url: str, heard: Sequence[list[Transaction]]) -> float:
    db = await asyncpg.connect(url)
    begun, done = time.perf_counter(), 0
    for transaction in _for_a_while(heard):
        if transaction is None:
            done += 1
        else:
            await _once_postgresql(db, transaction)
    taken = time.perf_counter() - begun
    await db.close()
    return done / taken


async def _once_postgresql(db: Any, transaction: Transaction) -> None:
    writes = is_writing(transaction)
    async with db.transaction(isolation="read_committed" if writes else "repeatable_read"):
        if writes:
            await db.execute("SAVEPOINT undone")
        for sql, parameters in transaction:
            for each in parameters if isinstance(parameters, list) else [parameters]:
                try:
                    await db.fetch(sql, *each)
                except asyncpg.IntegrityConstraintViolationError:  # it is there already, of the first time
                    await db.execute("ROLLBACK TO undone")
        if writes:
            await db.execute("ROLLBACK TO undone")
            await db.execute(NOTHING)


def is_writing(transaction: Iterable[Statement]) -> bool:
    return any(sql.startswith(CHANGES) or " FOR UPDATE" in sql for sql, _ in transaction)
