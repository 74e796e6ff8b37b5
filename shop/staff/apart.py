"""Work that would hold up the shop's event loop: reading a whole catalogue file, holding every order against Stripe."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import TypeVar

from shop.db import Database
from shop.settings import Settings

T = TypeVar("T")


async def apart(settings: Settings, work: Callable[[Database], Awaitable[T]]) -> T:
    """Do it in a thread, on a loop and connections of its own, as the command line would beside the running shop. Who
    waits may give up; the work goes on, to its end or that of the process."""
    result: Future[T] = Future()

    async def alone() -> T:
        db = Database(settings.database_url)
        try:
            return await work(db)
        finally:
            await db.close()

    def run() -> None:
        try:
            result.set_result(asyncio.run(alone()))
        except BaseException as error:
            result.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return await asyncio.shield(asyncio.wrap_future(result))
