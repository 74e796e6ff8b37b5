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

from shop.checks import ConfigurationError
from shop.connections import BoundedConnection
from shop.factory import create_app
from shop.metrics_app import create_metrics_app
from shop.migrating import migrate
from shop.sandbox import SandboxSettings, create_sandbox
from shop.settings import Settings
from shop.stocking import stock_demo_books

DEMO_CODES = (
    ("WELCOME10", {"percent_off": 10, "name": "Welcome"}),
    ("FIVEOFF", {"amount_off": 500, "currency": "usd", "name": "Five dollars off"}),
)


class Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # `serve` listens for signals, for all servers at once


async def run(settings: Settings) -> None:
    """Migrate, stock an empty shelf, serve until SIGINT or SIGTERM, and let running requests finish.

    Raises ConfigurationError."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(bind(settings.host, settings.port))]
        if settings.runs_sandbox:
            sockets.append(stack.enter_context(bind(settings.host, settings.port + 1)))
        if settings.metrics:
            sockets.append(stack.enter_context(bind(*settings.metrics)))
        app = create_app(settings)
        await migrate(app.extensions["db"])
        await stock_demo_books(app.extensions["db"])
        apps = [app, *([_sandbox(settings)] if settings.runs_sandbox else [])]
        if settings.metrics:
            apps.append(create_metrics_app(app.extensions["db"]))
        print(_welcome(settings), flush=True)  # noqa: T201
        _leave_garbage()
        await serve(list(zip(apps, sockets, strict=True)), settings.shutdown_grace)


def _leave_garbage() -> None:
    """What has been made so far stays: looking through it again and again for garbage would take longer than
    most requests do."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


async def serve(apps: list[tuple[Any, socket.socket]], grace: int = 10) -> None:
    """Serve each app on its socket until SIGINT or SIGTERM. Then each in turn takes no more connections and finishes
    what is running, for `grace` seconds at most; those that come later in the list may be needed for it. A second
    signal ends the process at once."""
    servers = [Server(config(app, timeout_graceful_shutdown=grace)) for app, _ in apps]
    loop, ending = asyncio.get_running_loop(), (signal.SIGINT, signal.SIGTERM)

    def stop() -> None:
        servers[0].should_exit = True
        for number in ending:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)

    for number in ending:
        loop.add_signal_handler(number, stop)
    async with asyncio.TaskGroup() as group:
        for server, following, (_, sock) in zip(servers, [*servers[1:], None], apps, strict=True):
            group.create_task(_serve(server, sock, following))


def config(app: Any, **more: Any) -> uvicorn.Config:
    """How the shop wants to be served. Who stands before it is for `BehindProxies` to say."""
    return uvicorn.Config(
        app, http=BoundedConnection, proxy_headers=False, server_header=False, log_config=None, **more
    )


async def _serve(server: Server, sock: socket.socket, following: Server | None) -> None:
    await server.serve(sockets=[sock])
    if following:
        following.should_exit = True


def bind(host: str, port: int) -> socket.socket:
    """A listening address. Raises ConfigurationError if it cannot be had."""
    if not 0 < port < 65536:
        raise ConfigurationError(f"{port} is not a port: give a number from 1 to 65535.")
    try:
        family, *_, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        sock.listen(1024)
    except OSError as error:
        raise ConfigurationError(
            f"Port {port} on {host} cannot be used ({error.strerror}): stop what uses it, or choose another port."
        ) from error
    return sock


def _sandbox(settings: Settings) -> Any:
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


def _welcome(settings: Settings) -> str:
    address = f"http://{settings.host}:{settings.port}"
    if settings.sandbox_url:
        code = f"  A discount code to try at the cart: {DEMO_CODES[0][0]}.\n" if settings.runs_sandbox else ""
        return (
            f"\n  Colophon is open at {address}\n"
            f"  Payments go to the Stripe sandbox at {settings.sandbox_url}: no card is charged.\n"
            f"  Pay with 4242 4242 4242 4242, any future date, any CVC.\n{code}"
        )
    mode = "live keys: real cards are charged" if "_live_" in settings.stripe_secret_key else "test keys"
    hooks = (
        ""
        if settings.stripe_webhook_secret
        else (
            "  STRIPE_WEBHOOK_SECRET is not set: webhooks are refused, the return page still finds payments.\n"
            f"  To receive them: stripe listen --forward-to {address}/webhooks/stripe\n"
        )
    )
    letters = (
        ""
        if settings.mail_server
        else f"  SMTP_URL is not set: letters go to {settings.mailbox}.\n"
        if settings.mailbox
        else "  SMTP_URL is not set: receipts wait until there is a mail server.\n"
    )
    card = (
        ""
        if "_live_" in settings.stripe_secret_key
        else "  Pay with 4242 4242 4242 4242, any future date, any CVC.\n"
    )
    return f"\n  Colophon is open at {address}\n  Payments go to Stripe with {mode}.\n{card}{hooks}{letters}"
