"""A sandbox on a free port, and the real SDK pointed at it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
import stripe
from quart import Quart

from shop.sandbox import SandboxSettings, create_sandbox, testing
from tests.conftest import bound_socket, serving

from . import shapes

trouble = testing.trouble
NO_REDIRECTS = {"automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}}
BOOK = {"amount": 1999, "currency": "usd", **NO_REDIRECTS}


@dataclass
class Sandbox:
    settings: SandboxSettings
    app: Quart
    url: str
    wrong: list[str]
    """What its answers in the SDK's version had that Stripe's have not, since the test began."""


@contextlib.asynccontextmanager
async def sandbox_at(database: Path, **settings: Any) -> AsyncIterator[Sandbox]:
    sock, url = bound_socket()
    chosen = SandboxSettings(
        database=database, url=url, **{"settle_after": 0.05, "retry_after": (0.05, 0.05, 0.05), **settings}
    )
    app = create_sandbox(chosen)
    wrong = shapes.watch(app)
    async with serving(app, sock):
        yield Sandbox(chosen, app, url, wrong)


@pytest_asyncio.fixture(scope="session")
async def one_for_all(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sandbox]:
    async with sandbox_at(tmp_path_factory.mktemp("sandbox") / "sandbox.db") as running:
        yield running


@pytest_asyncio.fixture
async def sandbox(one_for_all: Sandbox) -> AsyncIterator[Sandbox]:
    """A running sandbox that has forgotten everything: quicker than a new one, and as empty. Whatever a test
    is about, each answer that it got must be one that Stripe could have given."""
    async with httpx.AsyncClient(base_url=one_for_all.url, verify=False) as client:
        assert (await client.post("/_sandbox/reset")).status_code == 200
    one_for_all.wrong.clear()
    yield one_for_all
    assert sorted(set(one_for_all.wrong)) == []


ClientFor = Callable[..., stripe.StripeClient]


@pytest_asyncio.fixture
async def client_for() -> AsyncIterator[ClientFor]:
    """`client_for(url, key=…, **options)`: an async StripeClient, closed after the test."""
    opened: list[stripe.HTTPXClient] = []

    def make(url: str, key: str = "sk_test_sandbox", **options: Any) -> stripe.StripeClient:
        opened.append(stripe.HTTPXClient(timeout=10, verify_ssl_certs=False))
        return stripe.StripeClient(key, http_client=opened[-1], base_addresses={"api": url}, **options)

    yield make
    for client in opened:
        await client.close_async()


@pytest_asyncio.fixture
async def stripe_client(sandbox: Sandbox, client_for: ClientFor) -> stripe.StripeClient:
    return client_for(sandbox.url)


@pytest_asyncio.fixture
async def http(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    """Plain HTTP with the secret key."""
    async with httpx.AsyncClient(base_url=sandbox.url, auth=("sk_test_sandbox", "")) as client:
        yield client


async def until(holds: Callable[[], Any], seconds: float = 5) -> None:
    """Wait until an (async) condition holds."""
    async with asyncio.timeout(seconds):
        while not await holds():  # noqa: ASYNC110  the other end of a wire has no event to wait for
            await asyncio.sleep(0.01)
