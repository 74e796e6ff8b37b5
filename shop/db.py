"""The database: engine, transactions, and the types that models are made of."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Connection, DateTime, Dialect, Enum, MetaData, TypeDecorator, event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

_open_transactions: ContextVar[int] = ContextVar("open_transactions", default=0)


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
    writers of one process take turns, since SQLite's own waiting is unfair.
    """

    def __init__(self, url: str) -> None:
        self.engine = create_async_engine(url, pool_size=5, max_overflow=0, pool_timeout=10)
        sqlite = self.engine.dialect.name == "sqlite"
        if sqlite:
            _set_up_sqlite(self.engine)
        self._turn: AbstractAsyncContextManager[Any] = asyncio.Lock() if sqlite else nullcontext()
        self._readers = async_sessionmaker(self.engine, expire_on_commit=False)
        self._writers = async_sessionmaker(self.writing_engine, expire_on_commit=False)

    @property
    def writing_engine(self) -> AsyncEngine:
        return self.engine.execution_options(sqlite_begin="IMMEDIATE")

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        with _Counted():
            async with self._readers() as session:
                yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        with _Counted():
            async with self._turn, self._writers() as session, session.begin():
                yield session

    async def close(self) -> None:
        await self.engine.dispose()


def transaction_is_open() -> bool:
    """Whether the running task holds a transaction: it must not while it waits for Stripe."""
    return _open_transactions.get() > 0


class _Counted:
    def __enter__(self) -> None:
        _open_transactions.set(_open_transactions.get() + 1)

    def __exit__(self, *_: object) -> None:
        _open_transactions.set(_open_transactions.get() - 1)


def _set_up_sqlite(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver must not emit BEGIN; we do, below
        cursor = connection.cursor()
        # FULL: a shop that takes money must not lose its last commits with the power.
        for pragma in ("busy_timeout=10000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        kind = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {kind}")


def now() -> datetime:
    return datetime.now(UTC)
