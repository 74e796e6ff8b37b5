"""A shop and a sandbox in this process, put back to the beginning before each story."""

import asyncio
import json
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol
from unittest.mock import patch

import httpx
import stripe
from quart import Quart

from shop.charges import NO_CHARGES
from shop.db import Database
from shop.factory import create_app
from shop.gateway import Gateway, Patience
from shop.sandbox import SandboxSettings, create_sandbox
from shop.sandbox.delivery import signature
from shop.sandbox.faults import Fault, Faults
from shop.sandbox.store import Store, shown
from shop.settings import Settings
from shop.webhooks import HANDLERS
from tests.conftest import bound_socket, serving
from tests.databases import StockedPostgreSQL, empty_database, stock
from tests.postgresql import TemporaryPostgreSQL

LATE = 0.6  # seconds; longer than the shop waits here
PATIENCE = Patience(connect=LATE / 2, read=LATE / 2, call=4)


class Stage(Protocol):
    """A database that can be put back to the demo catalogue."""

    url: str

    async def reset(self) -> None: ...


@dataclass
class SQLiteFile:
    path: Path
    template: Path

    @property
    def url(self) -> str:
        return f"sqlite+aiosqlite:///{self.path}"

    async def reset(self) -> None:
        for kept in (f"{self.path}-wal", f"{self.path}-shm"):
            Path(kept).unlink(missing_ok=True)  # noqa: ASYNC240 (nobody else waits)
        shutil.copy(self.template, self.path)


@dataclass
class Theatre:
    stage: Stage
    shop: Quart
    sandbox: Quart
    stripe: stripe.StripeClient  # as browsers and the merchant use it

    @property
    def db(self) -> Database:
        found: Database = self.shop.extensions["db"]
        return found

    @property
    def gateway(self) -> Gateway:
        found: Gateway = self.shop.extensions["gateway"]
        return found

    @property
    def settings(self) -> Settings:
        found: Settings = self.shop.extensions["settings"]
        return found

    def configure(self, **changes: Any) -> None:
        """For this story."""
        self.shop.extensions["settings"] = replace(self.settings, **changes)

    @property
    def mailbox(self) -> Path:
        assert self.settings.mailbox
        return self.settings.mailbox

    @property
    def faults(self) -> Faults:
        found: Faults = self.sandbox.extensions["faults"]
        return found

    async def reset(self) -> None:
        self.configure(capture_method="automatic", charges=NO_CHARGES)
        self.faults.heal()
        await self._post("reset")
        await self.db.close()
        await self.stage.reset()
        shutil.rmtree(self.mailbox, ignore_errors=True)

    async def settle(self) -> None:
        """The banks have come to an end with what takes days."""
        await self._post("settle")

    def fail(self, fault: Fault) -> None:
        self.faults.add(fault)

    async def quiet(self) -> None:
        """No failure is left, and nothing is held up by one."""
        self.faults.heal()
        while self.faults.waiting:  # noqa: ASYNC110 (nobody tells us)
            await asyncio.sleep(0.01)

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        """Stripe's objects, oldest first, without asking in a way that could fail."""
        store: Store = self.sandbox.extensions["store"]
        return store.all_of(kind)

    def news(self) -> list[dict[str, Any]]:
        """The events that the shop listens to."""
        return [shown(event) for event in self.of_kind("event") if event["type"] in HANDLERS]

    async def tell(self, event: dict[str, Any]) -> bool:
        """Deliver a webhook; whether it was taken."""
        body = json.dumps(event).encode()
        signed = {"Stripe-Signature": signature("whsec_sandbox", body, int(time.time()))}
        async with self.visit() as http:
            reply = await http.post("/webhooks/stripe", content=body, headers=signed)
        return reply.is_success

    def visit(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.shop)  # type: ignore[arg-type]
        return httpx.AsyncClient(base_url="http://shop", transport=transport, timeout=60)

    async def _post(self, path: str) -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.sandbox)) as http:  # type: ignore[arg-type]
            (await http.post(f"http://sandbox/_sandbox/{path}")).raise_for_status()


@asynccontextmanager
async def on_sqlite(folder: Path) -> AsyncIterator[Theatre]:
    template = folder / "template.db"
    await stock(f"sqlite+aiosqlite:///{template}")
    async with theatre(folder, SQLiteFile(folder / "shop.db", template)) as opened:
        yield opened


@asynccontextmanager
async def on_postgresql(folder: Path, server: TemporaryPostgreSQL) -> AsyncIterator[Theatre]:
    stage = await StockedPostgreSQL.prepare(await empty_database(server, "stories"))
    async with theatre(folder, stage) as opened:
        yield opened
    await stage.connection.close()


@asynccontextmanager
async def theatre(folder: Path, stage: Stage) -> AsyncIterator[Theatre]:
    """The sandbox answers by HTTP, so that connections can be lost; the shop needs no port."""
    sock, url = bound_socket()
    http = stripe.HTTPXClient(timeout=10, verify_ssl_certs=False)
    client = stripe.StripeClient("sk_test_sandbox", http_client=http, base_addresses={"api": url})
    settings = Settings(
        secret_key="signs the cookies of the tests",
        database_url=stage.url,
        instance=folder,
        jobs=False,  # stories say when
        stripe_api_base=url,
        sandbox_url=url,
    )
    sandbox = create_sandbox(SandboxSettings(folder / "sandbox.db", url, settle_after=1e6))
    shop = create_app(settings, Gateway("sk_test_sandbox", "whsec_sandbox", url, patience=PATIENCE))
    with patch.object(stripe.HTTPClient, "INITIAL_DELAY", 0.01):  # seconds between the SDK's tries
        async with serving(sandbox, sock), shop.test_app():
            yield Theatre(stage, shop, sandbox, client)
    await http.close_async()
