"""What commands work on, outside the server: the shop's database, and Stripe."""

# ruff: noqa: PLC0415 (what only some commands need is loaded for them)
import asyncio
import logging
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from shop.checks import ConfigurationError
from shop.db import Database
from shop.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from shop.gateway import Gateway

T = TypeVar("T")


def share_counts(folder: Path) -> None:
    """Let the processes that come of this one keep their counts there, so that each can tell the sum. It begins anew: a
    counter that is zero again is what Prometheus expects of a restart. Raises ConfigurationError."""
    assert "prometheus_client" not in sys.modules, "it looks for the folder when it is imported"
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700, parents=True)
    except OSError as error:
        raise ConfigurationError(
            f"{folder} cannot be used ({error}): set INSTANCE_PATH to a writable folder."
        ) from error
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def with_database(
    settings: Settings, work: "Callable[[Database], Coroutine[Any, Any, T]]", page_cache: int = 1
) -> T:
    """At the newest migration: a command may come before the restart that an update of the shop wants.
    `page_cache`: see Database."""
    from shop.migrating import migrate

    async def opened() -> T:
        db = Database(settings.database_url, page_cache=page_cache)
        try:
            await migrate(db)
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
