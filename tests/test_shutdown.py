"""The real server as a process: what a signal ends, and what it lets finish."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest_asyncio

from shop.sandbox.testing import arm
from shop.settings import ROOT
from tests.test_settings import free_port


@dataclass
class Running:
    process: asyncio.subprocess.Process
    shop: httpx.AsyncClient
    sandbox: str

    async def slow_checkout(self, delay: float) -> asyncio.Task[httpx.Response]:
        """A check-out whose call to Stripe is under way."""
        await self.shop.post("/cart/items", data={"book": "the-dream-machine"})
        return await self.slowly(delay, "/checkout")

    async def slowly(self, delay: float, path: str) -> asyncio.Task[httpx.Response]:
        await arm(self.sandbox, "slow", delay=delay)
        task = asyncio.create_task(self.shop.post(path))
        async with asyncio.timeout(10), httpx.AsyncClient(verify=False) as control:
            while (await control.get(f"{self.sandbox}/_sandbox/faults")).json()["coming"]:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        return task

    async def is_closed(self) -> None:
        """Until nobody new is let in."""
        async with asyncio.timeout(10):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", self.shop.base_url.port)
                except ConnectionRefusedError:
                    return
                writer.close()
                await asyncio.sleep(0.02)

    def end(self, number: int = signal.SIGTERM) -> None:
        self.process.send_signal(number)


Start = Callable[[], Awaitable[Running]]


@pytest_asyncio.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Runs `shop run` with a sandbox of its own; each start finds what the one before has left."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("STRIPE", "SHOP"))}
    env = {**own, "INSTANCE_PATH": str(tmp_path), "SHUTDOWN_GRACE": "2"}
    async with contextlib.AsyncExitStack() as stack:

        async def run() -> Running:
            port = free_port()
            command, quiet = (sys.executable, "-m", "shop", "run"), asyncio.subprocess.DEVNULL
            process = await asyncio.create_subprocess_exec(
                *command, env={**env, "PORT": str(port)}, cwd=ROOT, stdout=quiet
            )
            stack.push_async_callback(gone, process)
            url = f"http://127.0.0.1:{port}"
            shop = await stack.enter_async_context(httpx.AsyncClient(base_url=url, timeout=20, verify=False))
            async with asyncio.timeout(20):
                while True:
                    with contextlib.suppress(httpx.TransportError):
                        await shop.get("/help")
                        return Running(process, shop, f"http://127.0.0.1:{port + 1}")
                    await asyncio.sleep(0.05)

        yield run


async def gone(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()


async def test_a_purchase_that_is_under_way_is_finished_and_nobody_new_is_let_in(start: Start) -> None:
    first = await start()
    order = (await (await first.slow_checkout(0))).headers["Location"].removesuffix("/pay")
    to_stripe = await first.slowly(1, f"{order}/session")  # the first of several calls
    first.end()
    await first.is_closed()
    assert not to_stripe.done()
    reply = await to_stripe
    assert (reply.status_code, await first.process.wait()) == (303, 0)
    second = await start()
    second.shop.cookies = first.shop.cookies
    assert "You are paying on Stripe’s page" in (await second.shop.get(f"{order}/pay")).text
    same = await second.shop.post(f"{order}/session")
    assert same.headers["Location"].rpartition("/")[2] == reply.headers["Location"].rpartition("/")[2]


async def test_a_second_signal_ends_it_at_once(start: Start) -> None:
    running = await start()
    checkout = await running.slow_checkout(30)
    running.end()
    await running.is_closed()
    began = time.monotonic()
    running.end()
    assert await running.process.wait() == -signal.SIGTERM
    assert time.monotonic() - began < 1
    await asyncio.wait([checkout])
    assert isinstance(checkout.exception(), httpx.TransportError)


async def test_what_takes_too_long_does_not_keep_it_from_ending(start: Start) -> None:
    running = await start()
    checkout = await running.slow_checkout(30)
    running.end(signal.SIGINT)
    assert await asyncio.wait_for(running.process.wait(), 10) == 0
    await asyncio.wait([checkout])
    again = await start()
    again.shop.cookies = running.shop.cookies
    assert (await again.shop.post("/checkout")).status_code == 303
