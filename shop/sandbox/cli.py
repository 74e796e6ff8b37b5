"""The sandbox as a program of its own."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import uvicorn
from quart import Quart

from . import create_sandbox
from .settings import SandboxSettings

SECRET = "whsec_sandbox"  # noqa: S105 (of a double that moves no money)
PRICES = (("price_sandbox", 2000, "usd"),)
"""There from the start: Stripe's samples, for one, are told of a price by its id."""


class Mimicry(NamedTuple):
    """Where to answer to Stripe's own host names, and what to prove them with."""

    socket: socket.socket
    certificate: Path
    key: Path


class Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # `serve` listens for signals, for both servers at once


async def run(
    sock: socket.socket, url: str, database: Path, forward_to: str | None, mimicry: Mimicry | None = None
) -> None:
    """Serve until SIGINT or SIGTERM."""
    endpoints = ((forward_to, SECRET),) if forward_to else ()
    app = create_sandbox(SandboxSettings(database, url, endpoints, PRICES, mimic=mimicry is not None))
    await serve(app, sock, mimicry)


async def serve(app: Quart, sock: socket.socket, mimicry: Mimicry | None) -> None:
    """One app at both doors. The app begins before either opens, and ends when both are closed."""
    plain = uvicorn.Config(app, lifespan="off", log_level="warning", timeout_graceful_shutdown=5)
    servers = [(Server(plain), sock)]
    if mimicry:
        secure = uvicorn.Config(
            app,
            lifespan="off",
            log_level="warning",
            timeout_graceful_shutdown=5,
            ssl_certfile=mimicry.certificate,
            ssl_keyfile=mimicry.key,
        )
        servers.append((Server(secure), mimicry.socket))

    def stop() -> None:
        for server, _ in servers:
            server.should_exit = True

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    await app.startup()
    try:
        async with asyncio.TaskGroup() as group:
            for server, own in servers:
                group.create_task(server.serve(sockets=[own]))
    finally:
        await app.shutdown()
