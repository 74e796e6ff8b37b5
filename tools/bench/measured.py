"""One shop under load: a database, a number of books and of processes, and every line that is wanted of it."""

import re
import statistics
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import NamedTuple

import httpx

from . import limits, lines, servers
from .lines import Line
from .load import Load, get, once, post, repeat
from .servers import Process
from .shoppers import Shelf, Shopper, fill_carts, order_of, pay, webhook

BARE_SECONDS = 1
TO_PAY = 120  # shoppers who check out once
LAST = limits.KNOWN + limits.HEARD  # of them, kept for the limit below


class Case(NamedTuple):
    database: str
    """SQLite or PostgreSQL."""
    books: int
    processes: int
    wanted: Sequence[str]
    seconds: float = 1
    """For each line."""


class Figure(NamedTuple):
    line: str
    case: Case
    load: Load
    bare: float
    """Answers a second of bare Quart with as many bytes."""
    size: int
    limit: float | None
    """What the driver alone does in a second; None where the shop asks nothing."""

    @property
    def ratio(self) -> float:
        return self.load.rate / self.bare


class Measured(NamedTuple):
    case: Case
    figures: list[Figure]
    ready: float
    memory: int
    own: float | None
    """Milliseconds that a checkout takes beside Stripe's, one at a time."""


Tell = Callable[[str], None]


async def measure(case: Case, url: str, shelf: Shelf, folder: Path, tell: Tell) -> Measured:
    """`folder`: empty, for the state of the shop and the sandbox."""
    with (
        servers.sandbox(folder / "sandbox.db") as stripe,
        servers.shop(folder, url, stripe, case.processes) as shop,
        servers.bare(case.processes) as bare,
    ):
        run = Run(case, shelf, shop, bare, tell)
        await run.everything(stripe, limits.listening(servers.shop_settings(folder, url, stripe)))
        return Measured(case, steadied(run.figures), shop.ready, shop.memory(), run.own)


def steadied(figures: Sequence[Figure]) -> list[Figure]:
    """Each beside the median of what bare Quart did in the case with about as many bytes: a second of one line may have
    been a bad one."""
    return [
        figure._replace(
            bare=statistics.median(other.bare for other in figures if _alike(figure.size, other.size))
        )
        for figure in figures
    ]


def _alike(one: int, other: int) -> bool:
    """Headers are bytes too."""
    return max(one, other) + 1000 <= 2 * (min(one, other) + 1000)


class Run:
    def __init__(self, case: Case, shelf: Shelf, shop: Process, bare: Process, tell: Tell) -> None:
        self.case, self.shelf, self.shop, self.bare, self.tell = case, shelf, shop, bare, tell
        self.figures: list[Figure] = []
        self.own: float | None = None

    async def everything(self, stripe: Process, listening: AbstractAsyncContextManager[limits.Shop]) -> None:
        shoppers = await fill_carts(self.shop.url, self.shelf, 144, 3)
        async with listening as below:
            self.below = below
            asked = lines.reading(self.shelf, shoppers[-16:])
            asked += lines.changing(shoppers[:-16], shoppers[-16:])
            for line in asked:
                if line.name in self.case.wanted:
                    await self.add(line)
            if "checkout" in self.case.wanted:
                await self.buy(stripe)

    async def buy(self, stripe: Process) -> None:
        """The lines in which each shopper gets one step further."""
        paying = await fill_carts(self.shop.url, self.shelf, TO_PAY + LAST, 1)
        placed = await self.add(_once("checkout", _checkouts(paying)))
        orders = [order_of(answer) for answer in placed.load.answers if answer.status == 303]
        intents = await pay(stripe.url, orders)
        before = _sum("colophon_orders_total.*paid", self.shop.metrics)
        heard = await self.add(_once("webhook", [webhook(intent) for intent in intents]))
        settled = _sum("colophon_orders_total.*paid", self.shop.metrics) - before
        assert settled == len(heard.load.answers), (
            f"{settled} orders were paid by {len(heard.load.answers)} events"
        )
        paid = [f"/orders/{intent['metadata']['order']}" for intent in intents[:-LAST]]
        await self.add(Line("order", [get(path) for path in paid]))
        self.own = await self.own_time(await fill_carts(self.shop.url, self.shelf, 30, 1))

    async def add(self, line: Line) -> Figure:
        if line.once:
            now, later = line.requests[:-LAST], line.requests[-LAST:]
            load = await once(self.shop.url, now, 10, line.connections)
            size = len(load.answers[-1].body)
        else:
            now = later = line.requests
            warm = await once(self.shop.url, now[-32:], 5)
            load = await repeat(self.shop.url, now, self.case.seconds, line.connections)
            size = len(warm.answers[-1].body)
        bare = await repeat(f"{self.bare.url}/{size}", [get(f"/{size}")], BARE_SECONDS)
        limit = await limits.a_second(self.below.url, await self.below.hear(later))
        figure = Figure(line.name, self.case, load, bare.rate, size, limit)
        self.figures.append(figure)
        self.tell(
            f"  {line.name:24} {load.rate:8.0f}/s  p50 {load.p50:6.1f}  p99 {load.p99:6.1f} ms  "
            f"{figure.ratio:6.3f} of bare" + (f"  {load.errors} ERRORS" if load.errors else "")
        )
        return figure

    async def own_time(self, paying: Sequence[Shopper]) -> float:
        """One checkout after the other, less what the shop has waited for Stripe meanwhile."""
        before = _stripes(self.shop.metrics)
        load = await once(self.shop.url, _checkouts(paying), connections=1)
        waited = _stripes(self.shop.metrics) - before
        return (sum(answer.seconds for answer in load.answers) - waited) / len(load.answers) * 1000


def _once(name: str, requests: Sequence[bytes]) -> Line:
    return Line(name, requests, once=True)


def _checkouts(shoppers: Sequence[Shopper]) -> list[bytes]:
    return [post("/checkout", shopper.cookie) for shopper in shoppers]


def _stripes(metrics: str) -> float:
    """Seconds that calls to Stripe have taken so far."""
    return _sum("colophon_stripe_seconds_sum", metrics)


def _sum(name: str, metrics: str) -> float:
    """Of what the shop's own metrics say under a name, which may be followed by anything."""
    return sum(map(float, re.findall(rf"^{name}.* (\S+)$", httpx.get(metrics).text, re.MULTILINE)))
