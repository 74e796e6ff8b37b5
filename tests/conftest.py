"""Fixtures that every test may use: a server on a free port and a real browser."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest_asyncio
import uvicorn
from playwright.async_api import Browser, async_playwright

ROOT = Path(__file__).resolve().parent.parent
BROWSER_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


class Server(uvicorn.Server):
    """A uvicorn server inside the test's own event loop; signals stay with pytest."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def serving(app: Any, sock: socket.socket) -> AsyncIterator[None]:
    """Serve an ASGI app on a bound socket until the block ends."""
    server = Server(uvicorn.Config(app, lifespan="on", log_level="warning", timeout_graceful_shutdown=2))
    task = asyncio.create_task(server.serve(sockets=[sock]))
    while not server.started:
        if task.done():
            await task
            raise RuntimeError("the server ended before it started")
        await asyncio.sleep(0.005)
    try:
        yield
    finally:
        server.should_exit = True
        await task


def bound_socket() -> tuple[socket.socket, str]:
    """A socket on a free loopback port, and the http address it answers to."""
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    return sock, f"http://127.0.0.1:{sock.getsockname()[1]}"


Serve = Callable[[Any], Awaitable[str]]


@pytest_asyncio.fixture
async def serve() -> AsyncIterator[Serve]:
    """Serve an app for the length of a test: `base_url = await serve(app)`."""
    async with contextlib.AsyncExitStack() as stack:

        async def start(app: Any, sock: socket.socket | None = None) -> str:
            sock, url = (sock, f"http://127.0.0.1:{sock.getsockname()[1]}") if sock else bound_socket()
            await stack.enter_async_context(serving(app, sock))
            return url

        yield start


def browser_path() -> str:
    found = os.environ.get("SHOP_BROWSER") or (ROOT / ".venv/browser.ok").read_text().strip()
    assert found, "no browser: run `make test`, which finds or installs one"
    return found


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=browser_path(), args=BROWSER_FLAGS)
        yield chromium
        await chromium.close()
