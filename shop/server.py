"""Running the shop, and the sandbox beside it, in one process."""

import asyncio
import contextlib
import gc
import signal
import socket
import sqlite3
from collections.abc import Iterator
from typing import Any

import uvicorn
from quart import Quart

from shop.checks import ConfigurationError
from shop.connections import BoundedConnection
from shop.demo_books import fill_empty_shelf
from shop.doors import Doors, open_doors
from shop.factory import create_app
from shop.metrics_app import create_metrics_app
from shop.migrating import migrate
from shop.settings import Settings
from shop.welcome import DEMO_CODES, welcome


class Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # `serve` listens for signals, for all servers at once


async def run(settings: Settings) -> None:
    """Migrate, stock an empty shelf, serve until SIGINT or SIGTERM, and let running requests finish.

    Raises ConfigurationError."""
    with contextlib.ExitStack() as stack:
        doors = open_doors(settings, stack)
        app = create_app(settings)
        await migrate(app.extensions["db"])
        await fill_empty_shelf(app.extensions["db"])
        apps = _at_doors(app, doors)
        if doors.sandbox:
            apps.insert(1, (_sandbox(settings), doors.sandbox))
        print(welcome(settings), flush=True)  # noqa: T201
        _leave_garbage()
        await serve(apps, settings.shutdown_grace)


async def serve_shop(settings: Settings, doors: Doors, parent: int) -> None:
    """Be one worker of several, of a shop that is migrated and stocked. For `parent` see `serve`."""
    apps = _at_doors(create_app(settings), doors)
    _leave_garbage()
    await serve(apps, settings.shutdown_grace, parent)


async def serve_sandbox(settings: Settings, sock: socket.socket, parent: int) -> None:
    """Raises ConfigurationError."""
    await serve([(_sandbox(settings), sock)], settings.shutdown_grace, parent)


def _at_doors(app: Quart, doors: Doors) -> list[tuple[Any, socket.socket]]:
    """The shop and its metrics."""
    metrics = [(create_metrics_app(app.extensions["db"]), doors.metrics)] if doors.metrics else []
    return [(app, doors.shop), *metrics]


def _leave_garbage() -> None:
    """What has been made so far stays: looking through it again and again for garbage would take longer than
    most requests do."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 50)
    gc.enable()


async def serve(apps: list[tuple[Any, socket.socket]], grace: int = 10, parent: int | None = None) -> None:
    """Serve each app on its socket until SIGINT or SIGTERM. Then each in turn takes no more connections and finishes
    what is running, for `grace` seconds at most; those that come later in the list may be needed for it. A second
    signal ends the process at once.

    `parent`: a descriptor that can be read once the process is gone that we were started by, which is a signal too."""
    servers = [Server(config(app, timeout_graceful_shutdown=grace)) for app, _ in apps]
    loop, ending = asyncio.get_running_loop(), (signal.SIGINT, signal.SIGTERM)

    def stop() -> None:
        servers[0].should_exit = True
        if parent is not None:
            loop.remove_reader(parent)
        for number in ending:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)

    for number in ending:
        loop.add_signal_handler(number, stop)
    if parent is not None:
        loop.add_reader(parent, stop)
    async with asyncio.TaskGroup() as group:
        for server, following, (_, sock) in zip(servers, [*servers[1:], None], apps, strict=True):
            group.create_task(_serve(server, sock, following))


def config(app: Any, **more: Any) -> uvicorn.Config:
    """How the shop wants to be served. Who stands before it is for `BehindProxies` to say."""
    return uvicorn.Config(
        app,
        http=BoundedConnection,
        ws="none",
        proxy_headers=False,
        server_header=False,
        log_config=None,
        **more,
    )


async def _serve(server: Server, sock: socket.socket, following: Server | None) -> None:
    await server.serve(sockets=[sock])
    if following:
        following.should_exit = True


def _sandbox(settings: Settings) -> Any:
    from shop.sandbox import SandboxSettings, create_sandbox  # noqa: PLC0415 (a seventh of all that is loaded)

    assert settings.sandbox_url
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104
    database = settings.instance / "sandbox.db"
    webhook = (f"http://{host}:{settings.port}/webhooks/stripe", settings.stripe_webhook_secret)
    try:
        return create_sandbox(
            SandboxSettings(database, settings.sandbox_url, (webhook,), promotion_codes=DEMO_CODES)
        )
    except (sqlite3.Error, OSError) as error:
        raise ConfigurationError(
            f"The sandbox's database {database} cannot be used ({error}): `make reset` makes a new one."
        ) from error
