"""Work that would hold up the shop's event loop: reading a whole catalogue file, holding every order against Stripe."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from shop.db import Database
from shop.settings import Settings

T = TypeVar("T")


async def apart(settings: Settings, work: Callable[[Database], Awaitable[T]]) -> T:
    """Do it in a thread, on a loop and connections of its own, as the command line would beside the running shop."""

    async def alone() -> T:
        db = Database(settings.database_url)
        try:
            return await work(db)
        finally:
            await db.close()

    return await asyncio.to_thread(lambda: asyncio.run(alone()))
