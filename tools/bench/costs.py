"""`python -m tools.bench.costs` writes bench/COSTS.md: what a page view and an order cost, by the front door.

Each step is taken by many visitors, one after the other; then by a few more in a shop of this process, whose
statements can be heard. Needs /proc (Linux)."""

import logging
import os
import re
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import httpx
import structlog
import uvloop

from . import costs_report, filled, limits, servers
from .books import bases, fingerprint
from .costs_report import Cost
from .servers import Process
from .shoppers import AUTHORIZED, Shelf, look_around, webhook

BOOKS = 10_000
VISITORS = 80  # a tick of the clock that counts CPU time is a hundredth of a second
HEARD = 4
BROWSER = {"Accept-Encoding": "gzip, deflate, br", "Accept": "text/html"}


class Visitor:
    """Somebody who buys two books, each step a request. `number`: nobody else's."""

    def __init__(self, http: httpx.AsyncClient, stripe: str, shelf: Shelf, number: int) -> None:
        self.http, self.stripe, self.shelf, self.number = http, stripe, shelf, number
        self.order, self.total, self.intent = "", "", ""
        self.slugs = [shelf.slugs[(2 * number + place) % len(shelf.slugs)] for place in range(2)]

    async def shelf_kept(self) -> httpx.Response:
        return await self.http.get("/")

    async def shelf_anew(self) -> httpx.Response:
        return await self.http.get(f"/?anew={self.number}")

    async def search(self) -> httpx.Response:
        return await self.http.get("/", params={"q": self.shelf.rare[self.number % len(self.shelf.rare)]})

    async def book(self) -> httpx.Response:
        return await self.http.get(f"/books/{self.slugs[0]}")

    async def add(self) -> httpx.Response:
        return await self.http.post("/cart/items", data={"book": self.slugs[0]})

    async def add_another(self) -> httpx.Response:
        return await self.http.post("/cart/items", data={"book": self.slugs[1]})

    async def cart(self) -> httpx.Response:
        return await self.http.get("/cart")

    async def check_out(self) -> httpx.Response:
        answer = await self.http.post("/checkout")
        self.order = answer.headers["location"].removesuffix("/pay")
        return answer

    async def pay_page(self) -> httpx.Response:
        page = await self.http.get(f"{self.order}/pay")
        found = re.search(r'data-secret="(\w+?)_secret_.*name="total" value="(\d+)"', page.text, re.DOTALL)
        assert found, page
        self.intent, self.total = found.groups()
        return page

    async def press(self) -> httpx.Response:
        form = {"email": "ada@example.com", "total": self.total}
        return await self.http.post(f"{self.order}/pay", data=form, headers={"HX-Request-Type": "partial"})

    async def news(self) -> httpx.Response:
        """The browser confirms with Stripe, whose webhook is then the first to tell the shop."""
        name, _, value = AUTHORIZED.strip().partition(": ")
        async with httpx.AsyncClient(base_url=self.stripe, headers={name: value}) as stripe:
            card = {"payment_method": "pm_card_visa", "return_url": "https://example.com/"}
            confirmed = await stripe.post(f"/v1/payment_intents/{self.intent}/confirm", data=card)
        head, _, body = webhook(confirmed.json()).partition(b"\r\n\r\n")
        lines = [line.split(": ", 1) for line in head.decode().split("\r\n")[1:]]
        headers = {name: value for name, value in lines if name not in ("Host", "Content-Length")}
        return await self.http.post("/webhooks/stripe", content=body, headers=headers)

    async def confirmation(self) -> httpx.Response:
        return await self.http.get(self.order)


Step = Callable[[Visitor], Awaitable[httpx.Response]]
VIEWS: Mapping[str, Step] = {
    "shelf, kept": Visitor.shelf_kept,
    "shelf, made anew": Visitor.shelf_anew,
    "search, a new word": Visitor.search,
    "book, made anew": Visitor.book,
    "book, kept": Visitor.book,
}
ORDER: Mapping[str, Step] = {
    "add to cart": Visitor.add,
    "add another": Visitor.add_another,
    "cart": Visitor.cart,
    "check out": Visitor.check_out,
    "pay page": Visitor.pay_page,
    "press on Pay": Visitor.press,
    "webhook: paid": Visitor.news,
    "confirmation": Visitor.confirmation,
}


class Heard(NamedTuple):
    statements: int
    commits: int


async def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    folder = servers.ROOT / "build/bench"
    folder.mkdir(parents=True, exist_ok=True)
    file = await filled.sqlite(folder, fingerprint(None), bases(None), BOOKS)
    with tempfile.TemporaryDirectory(dir=folder, prefix="costs-") as passing:
        costs = await _measure(file, Path(passing))
    costs_report.write(servers.ROOT / "bench", costs, list(VIEWS), list(ORDER))


async def _measure(file: Path, folder: Path) -> list[Cost]:
    shelf, url = look_around(file), f"sqlite:///{shutil.copy(file, folder / 'shop.db')}"
    with servers.sandbox(folder / "sandbox.db") as stripe, servers.shop(folder, url, stripe) as shop:
        visitors = [_visitor(stripe, shelf, number, base_url=shop.url) for number in range(VISITORS)]
        await visitors[0].shelf_kept()
        costs = [await _cost(name, step, visitors, shop) for name, step in {**VIEWS, **ORDER}.items()]
        heard = await _listen(servers.shop_settings(folder, url, stripe), stripe, shelf)
    return [
        cost._replace(statements=h.statements, commits=h.commits)
        for cost, h in zip(costs, heard, strict=True)
    ]


def _visitor(stripe: Process, shelf: Shelf, number: int, **more: object) -> Visitor:
    return Visitor(httpx.AsyncClient(headers=BROWSER, timeout=30, **more), stripe.url, shelf, number)  # type: ignore[arg-type]


async def _cost(name: str, step: Step, visitors: Sequence[Visitor], shop: Process) -> Cost:
    """Of one of these, on average."""
    used, called = _seconds(shop), _calls(shop)
    answers = [await step(visitor) for visitor in visitors]
    assert all(answer.status_code < 400 for answer in answers), (name, answers)
    count = len(visitors)
    milliseconds, calls = (_seconds(shop) - used) / count * 1000, _calls(shop)
    each = {call: (number - called.get(call, 0)) / count for call, number in calls.items()}
    sent = sum(_size(answer) for answer in answers) / count
    return Cost(name, milliseconds, sum(each.values()), round(sent), each)


async def _listen(env: Mapping[str, str], stripe: Process, shelf: Shelf) -> list[Heard]:
    """Of each step, by the last of a few visitors, so that the shop has kept what it keeps."""
    found = []
    async with limits.listening(env) as shop:
        inside = httpx.ASGITransport(app=shop.app)
        visitors = [
            _visitor(stripe, shelf, VISITORS + number, base_url="http://127.0.0.1", transport=inside)
            for number in range(HEARD)
        ]
        await visitors[0].shelf_kept()
        for step in {**VIEWS, **ORDER}.values():
            for visitor in visitors:
                shop.said = []
                await step(visitor)
            transactions = [said for said in shop.said if said]
            writing = sum(limits.is_writing(said) for said in transactions)
            found.append(Heard(sum(map(len, transactions)), writing))
    return found


def _seconds(shop: Process) -> float:
    """Of CPU time, by now."""
    fields = Path(f"/proc/{shop.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _calls(shop: Process) -> dict[str, float]:
    """To Stripe by now, by what is called."""
    told = re.findall(
        r'^colophon_stripe_seconds_count\{call="([^"]+)".* (\S+)$', httpx.get(shop.metrics).text, re.MULTILINE
    )
    return {call: sum(float(number) for name, number in told if name == call) for call, _ in told}


def _size(answer: httpx.Response) -> int:
    """What went over the wire: the head, and the body as it was compressed."""
    return sum(len(name) + len(value) + 4 for name, value in answer.headers.raw) + answer.num_bytes_downloaded


if __name__ == "__main__":
    uvloop.run(main())
