"""SQLite with one trip to the connection's thread for a statement, where the driver makes four (a cursor, the
statement, its rows, the cursor's end): each trip wakes two threads, which costs more than most statements."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from typing import Any, cast

import aiosqlite


def connect(*args: Any, **kwargs: Any) -> aiosqlite.Connection:
    """For SQLAlchemy's `async_creator_fn`; the arguments are those of `sqlite3.connect`."""
    connection = _Connection(lambda: sqlite3.connect(*args, **kwargs), iter_chunk_size=64)
    connection._thread.daemon = True
    return connection


class _Connection(aiosqlite.Connection):
    asked, done = 0, 0  # statements; the one is counted by the loop and the other by the thread

    async def rollback(self) -> None:
        """SQLAlchemy rolls back twice, and after a commit too; but a statement that nobody waits for any more may just
        be about to begin a transaction."""
        if self.asked != self.done or self._conn.in_transaction:
            await super().rollback()

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
        self.connection.asked += 1
        await self.connection._execute(self._run, verb, sql, parameters)  # type: ignore[no-untyped-call]

    def _run(self, verb: str, sql: str, parameters: Any) -> None:
        """In the connection's thread."""
        try:
            with closing(self.connection._conn.cursor()) as cursor:
                getattr(cursor, verb)(sql, parameters)
                self.description = cursor.description
                self.rows = cursor.fetchall() if cursor.description else []
                self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
        finally:
            self.connection.done += 1
