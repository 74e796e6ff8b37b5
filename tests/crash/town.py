"""Where the shop stands and dies, and what has become of a purchase there."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import stripe
from sqlalchemy import func, select, update

from shop.audit import audit
from shop.db import Database, now
from shop.gateway import Gateway
from shop.mailing import send_due
from shop.models import Book, Cart, CartItem, HoldState, Mail, Order, OrderStatus, StockHold
from shop.settings import Settings
from tests.crash.customer import Customer, KillPoint
from tests.crash.journeys import Journey
from tests.crash.mortal import MortalShop, Sandbox
from tests.crash.steps import Step, set_stock

PATIENCE = 10  # seconds that recovery has after a start
PLENTY = 10_000


@dataclass(frozen=True)
class Outcome:
    """Of what one customer did."""

    charges: int
    paid: int  # orders
    in_cart: int  # books
    ways_open: int

    def bought(self, keeps: int) -> bool:
        return self == Outcome(charges=1, paid=1, in_cart=keeps, ways_open=0)

    @property
    def not_bought(self) -> bool:
        return self.charges == self.paid == 0 < self.in_cart and self.ways_open <= 1

    @property
    def authorised(self) -> bool:
        return self == Outcome(charges=0, paid=0, in_cart=0, ways_open=1)


@dataclass
class Town:
    folder: Path
    database_url: str
    sandbox: str
    stripe: stripe.StripeClient

    @asynccontextmanager
    async def shop(self, journey: Journey) -> AsyncIterator[MortalShop]:
        configured = {"jobs": journey.jobs, "charges": journey.charges}
        shop = MortalShop(self.folder, self.database_url, self.sandbox, **configured)
        try:
            yield shop
        finally:
            shop.stop()

    @asynccontextmanager
    async def customer(self, shop: MortalShop, fatal: KillPoint | None = None) -> AsyncIterator[Customer]:
        async with (
            closing(Database(self.database_url)) as db,
            httpx.AsyncClient(base_url=shop.url, timeout=20, verify=False) as http,
        ):
            await set_stock(db, PLENTY)
            async with db.read() as session:
                last = [await session.scalar(select(func.max(each.id))) or 0 for each in (Cart, Order)]
            yield Customer(http, self.stripe, db=db, fatal=fatal, after=last)

    async def points_of(self, shop: MortalShop, journey: Journey) -> list[KillPoint]:
        """Take the journey without dying; what is passed on its deadly step."""
        async with self.customer(shop) as customer:
            assert not await play(customer, journey.steps)
            check_end(journey, await outcome(customer))
        passed = dict.fromkeys(customer.passed)
        return [point for point in passed if point.step.startswith(journey.deadly.__name__)]

    async def die(self, shop: MortalShop, journey: Journey, point: KillPoint, *, back_at_once: bool) -> None:
        """The shopper stays away until the shop has recovered, and then tries again; or does not wait for that."""
        async with self.customer(shop, point) as customer:
            left = await play(customer, journey.steps)
            assert shop.died(), "the point was not passed"
            shop.start_again()
            customer.fatal = None
            if journey.jobs and journey.announced and not back_at_once:
                alone = await settled(customer)
                good = alone.bought(journey.keeps) or alone.not_bought or (journey.later and alone.authorised)
                assert good, f"while the shopper stays away: {alone}"
            assert not await play(customer, left)
            check_end(journey, await outcome(customer))


@asynccontextmanager
async def town(folder: Path, database_url: str, sandbox: Sandbox) -> AsyncIterator[Town]:
    async with httpx.AsyncClient() as control:
        (await control.post(f"{sandbox.url}/_sandbox/reset", timeout=20)).raise_for_status()
    http = stripe.HTTPXClient(timeout=10, verify_ssl_certs=False)
    base = {"api": sandbox.url}
    client = stripe.StripeClient("sk_test_sandbox", http_client=http, base_addresses=base)
    yield Town(folder, database_url, sandbox.url, client)
    await http.close_async()


async def survive(town: Town, journey: Journey, *, every: int, back_at_once: bool) -> dict[str, str]:
    """Die at the kill points of a journey (one in so many); what became of the purchase, by the point's name."""
    survived: dict[str, str] = {}
    async with town.shop(journey) as shop:
        for point in (await town.points_of(shop, journey))[::every]:
            try:
                await town.die(shop, journey, point, back_at_once=back_at_once)
                survived[str(point)] = "survived"
            except AssertionError as error:
                survived[str(point)] = str(error)
    return survived | await disagreements(shop.settings)


async def disagreements(settings: Settings) -> dict[str, str]:
    """What an audit finds, once the letters that were claimed by the dead are sent."""
    gateway = Gateway.from_settings(settings)
    async with closing(Database(settings.database_url)) as db:
        async with db.write() as session:
            await session.execute(update(Mail).values(next_attempt_at=now()))
        await send_due(db, settings)
        found = await audit(db, gateway, older_than=timedelta(seconds=-5))
    await gateway.close()
    return {f"audit: {disagreement.about}": disagreement.what for disagreement in found}


@asynccontextmanager
async def closing(db: Database) -> AsyncIterator[Database]:
    try:
        yield db
    finally:
        await db.close()


async def play(customer: Customer, steps: Sequence[Step]) -> Sequence[Step]:
    """The steps that are left, where the server dies on one of them."""
    for number, step in enumerate(steps):
        customer.step, customer.requests = step.__name__, 0
        try:
            await step(customer)
        except httpx.TransportError:
            return steps[number:]
    return ()


def check_end(journey: Journey, ended: Outcome) -> None:
    good = ended.bought(journey.keeps) if journey.paid else ended.not_bought and not ended.ways_open
    assert good, f"at the end: {ended}"


async def settled(customer: Customer) -> Outcome:
    """What recovery makes of it by itself, in the time that it has."""
    for _ in range(PATIENCE * 20):
        ended = await outcome(customer)
        if ended.charges == ended.paid:
            break
        await asyncio.sleep(0.05)
    return ended


async def outcome(customer: Customer) -> Outcome:
    cart_id, order_id = customer.after
    async with customer.db.read() as session:
        orders = list(await session.scalars(select(Order).where(Order.id > order_id)))
        in_cart = await session.scalar(select(func.sum(CartItem.quantity)).where(CartItem.cart_id > cart_id))
        held = select(func.sum(StockHold.quantity)).where(StockHold.state == HoldState.HELD)
        assert await session.scalar(select(func.sum(Book.held))) == (await session.scalar(held) or 0)
    ours = {order.public_id for order in orders}
    intents = (await customer.stripe.v1.payment_intents.list_async({"limit": 10})).data
    sessions = (await customer.stripe.v1.checkout.sessions.list_async({"limit": 10})).data
    ways = [way.status for way in (*intents, *sessions) if (way.metadata or {})["order"] in ours]
    return Outcome(
        charges=ways.count("succeeded"),
        paid=sum(order.status == OrderStatus.PAID for order in orders),
        in_cart=in_cart or 0,
        ways_open=sum(way not in ("succeeded", "canceled", "complete", "expired") for way in ways),
    )
