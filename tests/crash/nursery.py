"""What the process that shops are forked from does once, so that a start takes a tenth of a second: it imports what a
server needs, and plays purchases, so that templates and statements are compiled and everything is found that is looked
for at the first use."""

import asyncio
import gc
import importlib
import platform
import socket
import ssl
import tempfile
from pathlib import Path

import httpx
import stripe

import tests.once  # noqa: F401
from shop import server
from shop.migrating import migrate
from shop.sandbox import SandboxSettings, create_sandbox
from shop.settings import Settings
from shop.stocking import stock_demo_books
from tests.crash import runner
from tests.shopper import Shopper

for name in ("uvicorn.lifespan.on", "uvicorn.protocols.http.httptools_impl"):
    importlib.import_module(name)


async def rehearse(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        url = f"http://127.0.0.1:{sock.getsockname()[1]}"
        sandbox = server.Server(server.config(create_sandbox(SandboxSettings(folder / "sandbox.db", url))))
        serving = asyncio.create_task(sandbox.serve(sockets=[sock]))
        await _shop(folder, url)
        sandbox.should_exit = True
        await serving


async def _shop(folder: Path, sandbox: str) -> None:
    database_url = f"sqlite+aiosqlite:///{folder}/shop.db"
    shop = server.create_app(
        Settings("rehearses", database_url, instance=folder, stripe_api_base=sandbox, sandbox_url=sandbox)
    )
    await migrate(shop.extensions["db"])
    await stock_demo_books(shop.extensions["db"])
    connection = stripe.HTTPXClient()
    client = stripe.StripeClient("sk_test_sandbox", http_client=connection, base_addresses={"api": sandbox})
    transport = httpx.ASGITransport(shop)  # type: ignore[arg-type]
    async with shop.test_app(), httpx.AsyncClient(transport=transport, base_url="http://shop") as http:
        await _buy(Shopper(http, client))
        for duty in (runner.recover, runner.send_letters, runner.sweep):
            await duty(shop, "")
    await connection.close_async()


async def _buy(shopper: Shopper) -> None:
    await shopper.check_out("the-dream-machine", "the-last-page")
    await shopper.pay()
    await shopper.get("/cart")
    await shopper.check_out("the-dream-machine")
    await shopper.pay_session(await shopper.open_session())
    await shopper.look()


platform.platform()
with tempfile.TemporaryDirectory() as temporary:
    asyncio.run(rehearse(Path(temporary)))
ssl.create_default_context(cafile=stripe.ca_bundle_path)
gc.collect()
gc.freeze()
