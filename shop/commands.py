"""What commands work on, outside the server: the shop's database, and Stripe."""

# ruff: noqa: PLC0415 (what only some commands need is loaded for them)
import asyncio
import logging
from typing import TYPE_CHECKING, TypeVar

from shop.db import Database
from shop.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from shop.gateway import Gateway

T = TypeVar("T")


def with_database(settings: Settings, work: "Callable[[Database], Coroutine[Any, Any, T]]") -> T:
    async def opened() -> T:
        db = Database(settings.database_url)
        try:
            return await work(db)
        finally:
            await db.close()

    return asyncio.run(opened())


def with_stripe(settings: Settings, work: "Callable[[Database, Gateway], Coroutine[Any, Any, T]]") -> T:
    from shop.gateway import Gateway
    from shop.logs import set_up_logs

    set_up_logs(logging.WARNING)  # beside what the command prints

    async def connected(db: Database) -> T:
        gateway = Gateway.from_settings(settings)
        try:
            return await work(db, gateway)
        finally:
            await gateway.close()

    return with_database(settings, connected)
