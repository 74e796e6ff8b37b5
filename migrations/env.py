"""Runs migrations: on the connection that the shop gives at its start, or on one of its own for `alembic`."""

import asyncio
from typing import Literal

from alembic import context
from sqlalchemy import Connection

from shop.db import Base, Database, Timestamp
from shop.migrating import is_ours
from shop.models import Book  # noqa: F401 (importing the models fills the metadata)
from shop.settings import Settings


def render_item(kind: str, item: object, _: object) -> str | Literal[False]:
    """Migrations stand by themselves: they name no type of the shop."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Timestamp) else False


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_server_default=True,
        include_name=is_ours,
        transaction_per_migration=True,
        render_item=render_item,
    )
    with context.begin_transaction():
        context.run_migrations()


async def run_by_itself() -> None:
    db = Database(Settings.from_env().database_url)
    async with db.writing_engine.begin() as connection:
        await connection.run_sync(run)
    await db.close()


given = context.config.attributes.get("connection")
if given is None:
    asyncio.run(run_by_itself())
else:
    run(given)
