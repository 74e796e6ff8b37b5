"""Two hundred shoppers at three processes of the shop behind a proxy: one process is killed in the midst of it, and the
database is restarted. Whoever pays has an order, nobody is charged twice, and the audit finds nothing.

A part of `make soak`; alone: `python -m tools.crowd` (two minutes; SHOPPERS=40 for fewer). Where there is a PgBouncer,
one of the three goes through it."""

import asyncio
import itertools
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
import stripe
from sqlalchemy import func, select, update

from shop.db import Database
from shop.models import Book, Mail, Order, OrderStatus
from shop.settings import ROOT
from tests.databases import empty_database, stock
from tests.pgbouncer import TemporaryPgBouncer, program
from tests.postgresql import TemporaryPostgreSQL
from tests.shopper import Shopper, text
from tests.test_promotion_codes import make_code
from tests.test_settings import free_port
from tools.proxy import Proxy

T = TypeVar("T")
SHOPS = 3
EVERY = 0.15  # seconds until the next shopper comes
AT_ONCE = 60  # of them buying; more only wait longer where there are few cores
PATIENCE, TRIES = 60, 5  # seconds, and times at least, that a shopper tries what does not work
LONG_ENOUGH = 11  # seconds: what is younger is not judged by an audit
BOOKS = ("the-dream-machine", "the-code-book", "flatland", "the-last-page")
OWN = {
    k: v
    for k, v in os.environ.items()
    if not k.startswith(("STRIPE", "SHOP", "DATABASE", "METRICS", "WORKERS"))
}


@dataclass
class Town:
    server: TemporaryPostgreSQL
    database_url: str
    sandbox: str
    proxy: Proxy
    url: str
    env: dict[str, str]
    shops: list[asyncio.subprocess.Process]
    stripe: stripe.StripeClient
    room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    tally: Counter[str] = field(default_factory=Counter)
    orders: dict[int, str] = field(default_factory=dict)  # the paid one of each shopper


async def crowd(shoppers: int, folder: Path) -> list[str]:
    """What went wrong. The figures are printed."""
    async with AsyncExitStack() as stack:
        town = await _found(stack, folder)
        began = time.monotonic()
        mishaps = asyncio.create_task(_mishaps(town, shoppers))
        buying = [_one(town, number) for number in range(shoppers)]
        lost = [str(end) for end in await asyncio.gather(*buying, return_exceptions=True) if end]
        town.tally["seconds"] = round(time.monotonic() - began)
        if not lost:
            await mishaps
        mishaps.cancel()
        await asyncio.sleep(LONG_ENOUGH)
        await _letters_are_sent(town)
        wrong = [*lost, *await _wrong(town, shoppers)]
        print(
            ", ".join(f"{name}: {count}" for name, count in (town.tally + town.proxy.seen).items()),
            flush=True,
        )
        return wrong


async def _found(stack: AsyncExitStack, folder: Path) -> Town:
    """Start everything."""
    server = TemporaryPostgreSQL()
    stack.callback(server.stop)
    database_url = await empty_database(server, "crowd")
    await stock(database_url)
    await _never_sold_out(database_url)
    addresses = [database_url] * SHOPS
    if program():
        bouncer = TemporaryPgBouncer(server, 4)
        stack.callback(bouncer.stop)
        addresses[-1] = bouncer.url("crowd")
    ports, sandbox_port = [free_port() for _ in range(SHOPS)], free_port()
    proxy = Proxy(ports)
    listening, port = await proxy.open()
    stack.callback(listening.close)
    url, sandbox = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{sandbox_port}"
    arguments = ("--port", str(sandbox_port), "--database", f"{folder}/sandbox.db")
    await stack.enter_async_context(
        _running(folder, "sandbox", OWN, *arguments, "--forward-to", f"{url}/webhooks/stripe")
    )
    env = {
        **OWN,
        "INSTANCE_PATH": str(folder),
        "SECRET_KEY": "k" * 40,
        "SHOP_URL": url,
        "STRIPE_API_BASE": sandbox,
    }
    shops = []
    for own, address in zip(ports, addresses, strict=True):
        its = {**env, "PORT": str(own), "DATABASE_URL": address}
        shops.append(await stack.enter_async_context(_running(folder, "run", its)))
    for each in (*ports, sandbox_port):
        await _answers(f"http://127.0.0.1:{each}/")
    connection = stripe.HTTPXClient(timeout=20, verify_ssl_certs=False)
    stack.push_async_callback(connection.close_async)
    client = stripe.StripeClient("sk_test_sandbox", http_client=connection, base_addresses={"api": sandbox})
    await make_code(client, "CROWD")
    env["DATABASE_URL"] = database_url
    return Town(server, database_url, sandbox, proxy, url, env, shops, client)


async def _never_sold_out(database_url: str) -> None:
    db = Database(database_url)
    async with db.write() as session:
        await session.execute(update(Book).values(stock=100_000))
    await db.close()


@asynccontextmanager
async def _running(
    folder: Path, command: str, env: dict[str, str], *arguments: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    log = folder / f"{command}-{env.get('PORT', '')}.log"
    with log.open("wb") as file:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "shop", command, *arguments), env=env, cwd=ROOT, stdout=file, stderr=file
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _answers(url: str) -> None:
    async with asyncio.timeout(40), httpx.AsyncClient() as http:
        while True:
            try:
                await http.get(url)
            except httpx.TransportError:
                await asyncio.sleep(0.1)
            else:
                return


async def _mishaps(town: Town, shoppers: int) -> None:
    await _until(town, shoppers // 3)
    town.shops[0].send_signal(signal.SIGKILL)
    town.tally["buying at the kill"] = town.tally["buying"]
    await _until(town, 2 * shoppers // 3)
    town.tally["buying at the restart"] = town.tally["buying"]
    await asyncio.to_thread(town.server.pause)
    await asyncio.sleep(1)
    await asyncio.to_thread(town.server.start)


async def _until(town: Town, paid: int) -> None:
    while len(town.orders) < paid:  # noqa: ASYNC110 (two moments in a minute)
        await asyncio.sleep(0.1)


async def _one(town: Town, number: int) -> None:
    """Come, buy and see the confirmation. Raises AssertionError."""
    await asyncio.sleep(number * EVERY)
    async with town.room, httpx.AsyncClient(base_url=town.url, timeout=30) as http:
        town.tally["buying"] += 1
        shopper = Shopper(http, town.stripe)
        await _buy(town, shopper, number)
        town.orders[number] = shopper.order.removeprefix("/orders/")
        town.tally["buying"] -= 1


async def _buy(town: Town, shopper: Shopper, number: int) -> None:
    async def step(act: Callable[[], Awaitable[T]]) -> T:
        return await _patiently(town, act)

    book = BOOKS[number % len(BOOKS)]
    await step(lambda: _seen(shopper.get("/")))
    await step(lambda: _seen(shopper.get(f"/books/{book}")))
    await step(lambda: _seen(shopper.add(book)))
    if number % 3 == 0:
        await step(lambda: _seen(shopper.post("/cart/discount", code="CROWD")))
    await step(lambda: _seen(shopper.get("/cart")))
    await step(shopper.check_out)
    if number % 5 == 0:
        session = await step(shopper.open_session)
        await shopper.pay_session(session)
    else:
        await step(lambda: _seen(shopper.press()))
        await shopper.confirm()
    await step(lambda: _confirmed(shopper))


async def _patiently(town: Town, act: Callable[[], Awaitable[T]]) -> T:
    """Again and again, as somebody does who is told to try again in a moment."""
    until = time.monotonic() + PATIENCE
    for tried in itertools.count(1):
        try:
            return await act()
        except (AssertionError, httpx.TransportError) as error:
            if time.monotonic() > until and tried >= TRIES:
                raise AssertionError(f"gave up: {error!r}") from error
            town.tally["tried again"] += 1
            await asyncio.sleep(0.5)
    raise AssertionError


async def _seen(asking: Awaitable[httpx.Response]) -> None:
    reply = await asking
    assert reply.status_code < 400, f"{reply.status_code} {text(reply)[:300]}"


async def _confirmed(shopper: Shopper) -> None:
    page = text(await shopper.look())
    assert "Thank you: your order is paid" in page, page[:300]


async def _letters_are_sent(town: Town) -> None:
    """One that a process has claimed and not sent is due again after a minute."""
    db = Database(town.database_url)
    until = time.monotonic() + 75
    while time.monotonic() < until:
        async with db.read() as session:
            if not await session.scalar(select(func.count(Mail.id)).where(Mail.sent_at.is_(None))):
                break
        await asyncio.sleep(1)
    await db.close()


async def _wrong(town: Town, shoppers: int) -> list[str]:
    """What Stripe, the database, the audit and the ends of the processes say."""
    intents = await town.stripe.v1.payment_intents.list_async({"limit": 100})
    charged = [i.metadata["order"] async for i in intents.auto_paging_iter() if i.status == "succeeded"]
    db = Database(town.database_url)
    async with db.read() as session:
        paid = await session.scalar(select(func.count(Order.id)).where(Order.status == OrderStatus.PAID))
    await db.close()
    town.tally |= Counter({"charges": len(charged), "paid orders": paid or 0})
    wrong = []
    if Counter(charged) != Counter(town.orders.values()) or paid != shoppers:
        wrong.append(f"{shoppers} shoppers, {len(charged)} charges, {paid} paid orders")
    said, code = await _audit(town)
    if code:
        wrong.append(said)
    for process in town.shops[1:]:
        process.terminate()
    ends = [await process.wait() for process in town.shops]
    if ends != [-signal.SIGKILL, 0, 0]:
        wrong.append(f"the processes ended with {ends}")
    return wrong


async def _audit(town: Town) -> tuple[str, Any]:
    pipe = asyncio.subprocess.PIPE
    command = (sys.executable, "-m", "shop", "audit")
    process = await asyncio.create_subprocess_exec(*command, env=town.env, cwd=ROOT, stdout=pipe)
    said, _ = await process.communicate()
    return said.decode(), process.returncode


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that nobody is left behind
    with tempfile.TemporaryDirectory(prefix="shop-crowd-") as folder:
        wrong = asyncio.run(crowd(int(os.environ.get("SHOPPERS") or 200), Path(folder)))
    print("\n".join(wrong) or "Everybody who paid has an order, and the audit finds nothing.")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
