"""The database: engine, transactions, and the types that models are made of."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import StrEnum
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

import structlog
from sqlalchemy import (
    JSON,
    URL,
    Connection,
    DateTime,
    Dialect,
    Enum,
    MetaData,
    Table,
    TypeDecorator,
    UpdateBase,
    event,
    make_url,
)
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, NotSupportedError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.util import await_only, greenlet_spawn

from shop.errors import DatabaseUnavailable, NoText
from shop.sqlite import PATIENCE
from shop.sqlite import connect as connect_sqlite

P = ParamSpec("P")
T = TypeVar("T")
log = structlog.get_logger()
ONCE_COMMITTED = "once committed"
ADVICE = {
    "53300": "it has no connection left for us. Each process takes up to DATABASE_CONNECTIONS: lower it, raise the "
    "server's max_connections, or put PgBouncer before it.",
    "08P01": "if a PgBouncer stands before it, add ?pgbouncer=true to DATABASE_URL.",
}
UNREADABLE = "22021"  # PostgreSQL keeps no text with a zero byte in it
POOLED = "pgbouncer"  # in an address: `?pgbouncer=true`
WRITES_BOOKS = ("INSERT INTO books", "UPDATE books", "DELETE FROM books")
_open_transactions: ContextVar[int] = ContextVar("open_transactions", default=0)
_books_written: ContextVar[bool] = ContextVar("books_written", default=False)


class Timestamp(TypeDecorator[datetime]):
    """A moment in UTC; SQLite forgets the zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and (value.replace(tzinfo=UTC) if value.tzinfo is None else value)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 (read by SQLAlchemy, never written)
        datetime: Timestamp,
        dict[str, Any]: JSON,
        list[dict[str, Any]]: JSON,
        # Values, not names: what the table holds is what Stripe and the templates say.
        StrEnum: Enum(
            StrEnum, values_callable=lambda enum: [m.value for m in enum], native_enum=False, length=32
        ),
    }


class Database:
    """Transactions on one engine.

    `async with db.write() as session:` commits when the block ends. On SQLite a write transaction takes the
    write lock at its start (BEGIN IMMEDIATE), since a reader that turns into a writer is refused at once, and
    writers of one process take turns, since SQLite's own waiting is unfair. On PostgreSQL writers lock the rows they
    read to change (FOR UPDATE, in the order payment, order, cart, books).

    Both raise DatabaseUnavailable where the database is lost, locked, full or too slow."""

    # Commits of this process that wrote to books, whichever of its databases they went to.
    changes_of_books = 0

    def __init__(self, url: str, connections: int = 4, page_cache: int = 1) -> None:
        """`connections`: to PostgreSQL, at most. Ten did no measurably more, and with four each, twenty
        processes have room at one server as it comes. `page_cache`: MB of an SQLite file that each connection keeps;
        with two, searches and pages of books took as long."""
        address = make_url(url)
        sqlite, pooled = address.get_backend_name() == "sqlite", is_pooled(address)
        self.engine = create_async_engine(
            address.difference_update_query([POOLED]),
            max_overflow=0,
            pool_timeout=10,
            hide_parameters=True,
            **(SQLITE if sqlite else _postgresql(connections, pooled=pooled)),
        )
        if sqlite:
            _set_up_sqlite(self.engine, page_cache)
        if pooled:
            event.listen(self.engine.sync_engine, "begin", _limit_transaction)
        event.listen(self.engine.sync_engine, "before_cursor_execute", _notice_books)
        self._patience = None if sqlite else 20.0  # seconds; SQLite has its busy_timeout
        self._turn: AbstractAsyncContextManager[Any] = asyncio.Lock() if sqlite else nullcontext()
        # A page sees one state of things, though others write meanwhile; SQLite's readers always do.
        snapshots = (
            self.engine if sqlite else self.engine.execution_options(isolation_level="REPEATABLE READ")
        )
        self._readers = async_sessionmaker(snapshots, expire_on_commit=False)
        at_once = snapshots.execution_options(sqlite_at_once=True)
        self._glancers = async_sessionmaker(at_once, expire_on_commit=False)
        self._looking = at_once.sync_engine
        self._writers = async_sessionmaker(self.writing_engine, expire_on_commit=False)

    @property
    def writing_engine(self) -> AsyncEngine:
        return self.engine.execution_options(sqlite_begin="IMMEDIATE")

    def glance(self) -> AbstractAsyncContextManager[AsyncSession]:
        """`read`, of a few rows by their keys: SQLite is asked at once, and everybody else waits as long."""
        return self._reading(self._glancers)

    def read(self) -> AbstractAsyncContextManager[AsyncSession]:
        return self._reading(self._readers)

    async def look(self, reading: Callable[[Connection], T]) -> T:
        """`glance` without a session, for rows: `reading` asks and is answered at once. Three statements by a session
        take 0.6 ms, of which SQLite takes 0.1; like this 0.3."""

        def look() -> T:
            with self._looking.connect() as connection:
                return reading(connection)

        with _Counted(), _Translated():
            async with asyncio.timeout(self._patience):
                return await greenlet_spawn(look)

    @asynccontextmanager
    async def _reading(self, sessions: async_sessionmaker[AsyncSession]) -> AsyncIterator[AsyncSession]:
        with _Counted(), _Translated():
            async with asyncio.timeout(self._patience), sessions() as session:
                yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        with _Counted(), _Translated() as told:
            _books_written.set(False)
            async with self._turn, asyncio.timeout(self._patience), self._writers.begin() as session:
                yield session
                await session.flush()
                told.committing = True
            if _books_written.get():
                Database.changes_of_books += 1
        for tell in session.info.get(ONCE_COMMITTED, ()):
            tell()

    async def close(self) -> None:
        await self.engine.dispose()


# One writes, since writers take turns. Each has a thread with memory of its own: two more took 12 MB and did no more.
SQLITE: dict[str, Any] = {
    "pool_size": 3,
    "pool_use_lifo": True,  # the others stay small
    "connect_args": {"async_creator_fn": connect_sqlite},
}
LIMITS = {"lock_timeout": "8s", "statement_timeout": "12s", "idle_in_transaction_session_timeout": "30s"}
# Before it stands a PgBouncer that gives a connection for one transaction: nothing may be kept on it beyond that.
IN_TRANSACTION = "SELECT " + ", ".join(
    f"set_config('{name}', '{value}', true)" for name, value in LIMITS.items()
)
KEEPS_NOTHING = {
    "statement_cache_size": 0,
    "prepared_statement_cache_size": 0,
    "prepared_statement_name_func": str,  # without a name
}


def is_pooled(url: URL) -> bool:
    """Whether it leads to a PgBouncer."""
    return url.query.get(POOLED) == "true"


def _postgresql(connections: int, *, pooled: bool) -> dict[str, Any]:
    settings = {"application_name": "colophon", **({} if pooled else LIMITS)}
    more = KEEPS_NOTHING if pooled else {}
    return {
        "pool_size": connections,
        "pool_pre_ping": True,  # a connection that was lost in the pool is replaced unseen
        "connect_args": {"timeout": 5, "server_settings": settings, **more},
    }


def _limit_transaction(connection: Connection) -> None:
    connection.exec_driver_sql(IN_TRANSACTION)


def retried(verb: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """For a verb that is one write transaction: run it again where the database broke it off and wrote nothing
    (a deadlock, a serialization failure, a connection lost before the commit)."""

    @wraps(verb)
    async def again(*args: P.args, **kwargs: P.kwargs) -> T:
        for pause in (0.02, 0.1, 0.5):
            try:
                return await verb(*args, **kwargs)
            except DatabaseUnavailable as error:
                if not error.worth_repeating:
                    raise
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 (no secret)
        return await verb(*args, **kwargs)

    return again


def table(model: type[Base]) -> Table:
    """For statements that are sent often and are about no objects: of its columns they take two thirds of the time that
    they take of a model's, for which the ORM sees to the session."""
    return cast(Table, model.__table__)


async def changed(session: AsyncSession, statement: UpdateBase, values: dict[str, Any] | None = None) -> bool:
    """Whether the statement changed its row: of several that want to make the same change, one did."""
    return await count_changed(session, statement, values) > 0


async def count_changed(
    session: AsyncSession, statement: UpdateBase, values: dict[str, Any] | None = None
) -> int:
    """How many rows."""
    result = await session.execute(statement, values)
    assert isinstance(result, CursorResult)
    return result.rowcount


def once_committed(session: AsyncSession, tell: Callable[[], None]) -> None:
    """Have something counted if what the transaction has done holds good."""
    session.info.setdefault(ONCE_COMMITTED, []).append(tell)


def advice(error: BaseException | None) -> str | None:
    """What an operator can do about what the driver raised."""
    return ADVICE.get(getattr(error, "sqlstate", None) or "")


def transaction_is_open() -> bool:
    """Whether the running task holds a transaction: it must not while it waits for Stripe."""
    return _open_transactions.get() > 0


class _Counted:
    def __enter__(self) -> None:
        _open_transactions.set(_open_transactions.get() + 1)

    def __exit__(self, *_: object) -> None:
        _open_transactions.set(_open_transactions.get() - 1)


class _Translated:
    """Turns what drivers raise into DatabaseUnavailable; faults of ours (a violated constraint, bad SQL) pass."""

    committing = False

    def __enter__(self) -> "_Translated":
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        match error:
            case IntegrityError() | ProgrammingError() | DataError() | NotSupportedError():
                return
            case DBAPIError():
                state = getattr(error.orig, "sqlstate", None) or ""
                if state == UNREADABLE:
                    raise NoText from error
                broken_off = error.connection_invalidated or state.startswith(("40", "57P"))
                raise self._unavailable(error.orig, passing=broken_off) from error
            case PoolTimeout() | TimeoutError() | OSError():
                raise self._unavailable(error) from error

    def _unavailable(self, cause: BaseException | None, *, passing: bool = False) -> DatabaseUnavailable:
        more = {"advice": told} if (told := advice(cause)) else {}
        log.warning(
            "database.unavailable", cause=repr(cause), committing=self.committing, passing=passing, **more
        )
        return DatabaseUnavailable(undone=not self.committing, passing=passing)


def _notice_books(_connection: object, _cursor: object, statement: str, *_: object) -> None:
    if statement.startswith(WRITES_BOOKS):
        _books_written.set(True)


def _set_up_sqlite(engine: AsyncEngine, page_cache: int) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver must not emit BEGIN; we do, below
        cursor = connection.cursor()
        # FULL: a shop that takes money must not lose its last commits with the power.
        for pragma in (f"busy_timeout={PATIENCE}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.execute(f"PRAGMA cache_size={page_cache * -1000}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        kind, driver = options.get("sqlite_begin", "DEFERRED"), connection.connection.driver_connection
        assert driver
        if kind == "IMMEDIATE":  # may wait for the write lock; after it there is nothing more to wait for
            driver.at_once = False
            if not driver.begin_writing() and not await_only(driver.wait_to_write()):
                with driver.impatient():
                    connection.exec_driver_sql("BEGIN IMMEDIATE")  # which says why not
            driver.at_once = True
        else:
            driver.begin_reading()
            driver.at_once = options.get("sqlite_at_once", False)


def now() -> datetime:
    return datetime.now(UTC)
