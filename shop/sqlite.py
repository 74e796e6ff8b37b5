"""SQLite with few trips to the connection's thread, where the driver makes four for a statement (a cursor, the
statement, its rows, the cursor's end): each trip wakes two threads, which costs ten times what most statements do.

What may have to wait, for a lock, a disk or a thousand rows, is one trip. What cannot (in a transaction that has the
write lock, or that finds its rows by their keys) is none: it is done `at_once`."""

import asyncio
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any, cast

import aiosqlite

PATIENCE = 5000  # ms to wait for the write lock of another process
LOOK_AGAIN = 5  # ms


def connect(*args: Any, **kwargs: Any) -> aiosqlite.Connection:
    """For SQLAlchemy's `async_creator_fn`; the arguments are those of `sqlite3.connect`."""
    # Two threads use it, one at a time.
    connection = _Connection(
        lambda: sqlite3.connect(*args, **{**kwargs, "check_same_thread": False}), iter_chunk_size=64
    )
    connection._thread.daemon = True
    return connection


class _Connection(aiosqlite.Connection):
    asked, done = 0, 0  # statements; the one is counted by the loop and the other by the thread
    at_once = False  # whether statements of the transaction are run by the loop's own thread
    is_locked = False  # whether `begin_writing` found that another process writes

    @property
    def is_free(self) -> bool:
        """Whether no statement runs: one that nobody waits for any more may just be about to begin a transaction."""
        return self.asked == self.done

    def begin_reading(self) -> None:
        """Waits for nothing, since it does not touch the file; by SQLAlchemy it would cost as much as a statement."""
        self._conn.execute("BEGIN DEFERRED").close()

    def begin_writing(self) -> bool:
        """Whether the write lock was free and is ours now."""
        self.is_locked = False
        if not self.is_free:
            return False
        try:
            with self.impatient():
                self._conn.execute("BEGIN IMMEDIATE").close()
        except sqlite3.OperationalError as error:
            self.is_locked = error.sqlite_errorcode == sqlite3.SQLITE_BUSY
            return False
        return True

    async def wait_to_write(self) -> bool:
        """`begin_writing` once the lock of another process is free; false where that takes too long, or does not help.

        SQLite's own way of waiting looks ever more seldom, in the end ten times a second: whoever writes much would
        have to leave the lock alone for as long, and who came first would not be the next."""
        until = time.monotonic() + PATIENCE / 1000
        while (self.is_locked or not self.is_free) and time.monotonic() < until:
            await asyncio.sleep(LOOK_AGAIN / 1000)
            if self.begin_writing():
                return True
        return False

    @contextmanager
    def impatient(self) -> Iterator[None]:
        self._conn.execute("PRAGMA busy_timeout=0").close()
        try:
            yield
        finally:
            self._conn.execute(f"PRAGMA busy_timeout={PATIENCE}").close()

    async def rollback(self) -> None:
        """SQLAlchemy rolls back twice, and after a commit too."""
        if not self.is_free:
            await super().rollback()
        elif self._conn.in_transaction:
            self._conn.rollback()

    def cursor(self) -> "_Cursor":  # type: ignore[override]
        return _Cursor(self)


class _Cursor:
    """What SQLAlchemy asks of a cursor. It wants all rows at once, so they are fetched with the statement."""

    arraysize = 1

    def __init__(self, connection: _Connection) -> None:
        self.connection = connection
        self.description: Any = None
        self.rowcount, self.lastrowid = -1, cast(int | None, None)
        self.rows: list[Any] = []

    async def __aenter__(self) -> "_Cursor":
        return self

    async def execute(self, sql: str, parameters: Iterable[Any] = ()) -> None:
        await self._ask("execute", sql, parameters)

    async def executemany(self, sql: str, parameters: Iterable[Iterable[Any]]) -> None:
        await self._ask("executemany", sql, parameters)

    async def fetchall(self) -> list[Any]:
        return self.rows

    async def close(self) -> None:
        pass  # with the statement

    async def _ask(self, verb: str, sql: str, parameters: Any) -> None:
        at_once = self.connection.at_once and self.connection.is_free and verb == "execute"
        self.connection.asked += 1
        if at_once:
            self._run(verb, sql, parameters)
        else:
            await self.connection._execute(self._run, verb, sql, parameters)  # type: ignore[no-untyped-call]

    def _run(self, verb: str, sql: str, parameters: Any) -> None:
        try:
            with closing(self.connection._conn.cursor()) as cursor:
                getattr(cursor, verb)(sql, parameters)
                self.description = cursor.description
                self.rows = cursor.fetchall() if cursor.description else []
                self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
        finally:
            self.connection.done += 1
