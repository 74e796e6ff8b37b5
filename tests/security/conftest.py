"""What attacks have in common."""

import contextlib
import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest_asyncio

from shop.factory import create_app
from tests.conftest import Serve, ShopUnderTest

Reopen = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest_asyncio.fixture
async def reopen(shop: ShopUnderTest, serve: Serve) -> AsyncIterator[Reopen]:
    """The same shop, served with other settings: `visitor = await reopen(secret_key="…")`."""
    async with contextlib.AsyncExitStack() as stack:

        async def start(**changes: Any) -> httpx.AsyncClient:
            app = create_app(dataclasses.replace(shop.settings, **changes))
            client = httpx.AsyncClient(base_url=await serve(app), timeout=20, verify=False)
            return await stack.enter_async_context(client)

        yield start
