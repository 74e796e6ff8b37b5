"""What happens in a story: visitors shop, Stripe fails, news comes late or never; and how every story must end."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import stripe
from sqlalchemy import func, select

from shop.audit import audit
from shop.capturing import capture_order, release_order
from shop.charges import Charges
from shop.disagreement import Disagreement
from shop.errors import PaymentUnavailable, ShopError
from shop.jobs import recover, sweep
from shop.mailing import send_due
from shop.models import Book, Download, HoldState, Mail, Order, OrderStatus, StockHold
from shop.order_parts import ORDER_PARTS
from shop.orders import find_order
from shop.refunding import Wish, refund_order
from shop.sandbox.faults import Fault
from shop.shipping import read_rates
from shop.tax import read_tax_rates
from tests.stories.theatre import LATE, Theatre
from tests.stories.visitor import Visitor
from tests.test_jobs import let_pass
from tests.test_promotion_codes import make_code

EBOOK = "the-last-page"
FAULTS: dict[str, dict[str, Any]] = {
    "times out before": {"drop": True, "delay": LATE},
    "times out after": {"drop": True, "delay": LATE, "after_effect": True},
    "acts too late": {"delay": LATE},
    "loses the question": {"drop": True},
    "loses the answer": {"drop": True, "after_effect": True},
    "500": {"status": 500},
    "500 after": {"status": 500, "after_effect": True},
    "429": {"status": 429, "code": "rate_limit", "type": "invalid_request_error"},
    "lock_timeout": {
        "status": 429,
        "code": "lock_timeout",
        "type": "invalid_request_error",
        "method": "POST",
    },
}
WISHES = {
    "all": Wish(),
    "all, and restocks": Wish(restock=True),
    "a line": Wish(lines={"flatland": 1}),
    "a line, and restocks": Wish(lines={"flatland": 1}, restock=True),
    "the e-book": Wish(lines={EBOOK: 1}),
    "an amount": Wish(amount="1.00"),
}
CODES = {"TENTH": 10, "ALL": 100}  # percent off, each for two orders
BOOKS = ("the-dream-machine", "flatland", "invisible-cities", EBOOK)
QUARTER, DAY = timedelta(minutes=15), timedelta(hours=25)


@dataclass(frozen=True)
class Act:
    """One thing that somebody does, perhaps several times at once (a double click, several tabs)."""

    verb: str
    what: str = ""
    who: int = 0
    times: int = 1


Scene = tuple[Act, ...]  # what happens at the same moment


async def perform(theatre: Theatre, story: Sequence[Scene]) -> Counter[str]:
    """Play the story to its end, which must be good; what there was in it."""
    await theatre.reset()
    async with AsyncExitStack() as stack:
        visitors = []
        for code, off in CODES.items():
            await make_code(theatre.stripe, code, {"percent_off": off}, max_redemptions=2)
        for _ in range(3):
            http = await stack.enter_async_context(theatre.visit())
            visitors.append(
                Visitor(http, theatre.stripe, send_letters=lambda: send_due(theatre.db, theatre.settings))
            )
        async with theatre.db.read() as session:
            stock = (await session.execute(select(Book.slug, Book.stock))).all()
        play = Play(theatre, visitors, dict(stock))
        for scene in story:
            async with asyncio.timeout(60):
                await asyncio.gather(*(play.act(act) for act in scene for _ in range(act.times)))
        await play.end()
    return play.tally


class Play:
    def __init__(self, theatre: Theatre, visitors: Sequence[Visitor], stock: Mapping[str, int]) -> None:
        self.theatre, self.visitors = theatre, visitors
        self.tally: Counter[str] = Counter(stories=1)
        self.told: set[str] = set()  # ids of events
        self.lost: set[str] = set()
        self.stock = stock  # copies at the beginning, by slug
        self.corrected: Counter[str] = Counter()  # copies that came or went otherwise than by orders

    async def act(self, act: Act) -> None:
        if hasattr(self, act.verb):
            await getattr(self, act.verb)(act.what)
        else:
            with suppress(stripe.StripeError):  # which the browser shows
                await getattr(self.visitors[act.who], act.verb)(act.what)

    async def stripe(self, fault: str) -> None:
        self.tally["faults"] += 1
        self.theatre.fail(Fault(**FAULTS[fault]))

    async def a_webhook(self, fate: str) -> None:
        coming = [event for event in self.theatre.news() if event["id"] not in self.told | self.lost]
        known = [event for event in self.theatre.news() if event["id"] in self.told]
        match fate:
            case "comes" if coming:
                await self._tell(coming[0])
            case "overtakes the others" if coming:
                await self._tell(coming[-1])
            case "comes again" if known:
                await self._tell(known[-1])
            case "is lost" if coming:
                self.tally["faults"] += 1
                self.lost.add(coming[0]["id"])

    async def the_banks_settle(self, _: str) -> None:
        await self.theatre.settle()

    async def the_merchant_refunds_at_stripe(self, part: str) -> None:
        for intent in self._paid()[-1:]:
            amount = {} if part == "all" else {"amount": 100}
            with suppress(stripe.StripeError):
                await self.theatre.stripe.v1.refunds.create_async({"payment_intent": intent["id"], **amount})

    async def the_merchant_refunds_in_the_shop(self, wish: str) -> None:
        for intent in self._paid()[-1:]:
            with suppress(ShopError, PaymentUnavailable):
                order = intent["metadata"]["order"]
                await refund_order(self.theatre.db, self.theatre.gateway, order, WISHES[wish])

    async def the_shop_charges_when_it_ships(self, _: str) -> None:
        self.theatre.configure(capture_method="manual")

    async def the_shop_charges_for_shipping_and_tax(self, _: str) -> None:
        rates, tax = (
            read_rates("US=4.99, CA=9.99", "usd", "40.00"),
            read_tax_rates("US=8.25, CA=5", "exclusive"),
        )
        self.theatre.configure(charges=Charges(rates, tax))

    async def the_merchant_ships(self, what: str) -> None:
        """What is authorised; or lets it go."""
        held = [i for i in self.theatre.of_kind("payment_intent") if i["status"] == "requires_capture"]
        act = release_order if what == "nothing" else capture_order
        for intent in held[-1:]:
            with suppress(ShopError, PaymentUnavailable):
                await act(self.theatre.db, self.theatre.gateway, intent["metadata"]["order"])

    async def letters_are_sent(self, _: str) -> None:
        await send_due(self.theatre.db, self.theatre.settings)

    async def the_stock_is_counted(self, slug: str) -> None:
        """And all but one of the copies that nobody holds are gone."""
        async with self.theatre.db.write() as session:
            book = (await session.scalars(select(Book).where(Book.slug == slug).with_for_update())).one()
            self.corrected[slug] += book.held + 1 - book.stock
            book.stock = book.held + 1

    async def time_passes(self, _: str) -> None:
        await let_pass(self.theatre, QUARTER)  # type: ignore[arg-type]

    async def the_shop_recovers(self, _: str) -> None:
        await recover(self.theatre.db, self.theatre.gateway)

    async def end(self) -> None:
        """Nothing fails any more, what was not lost is told, a day or two pass: then all must agree."""
        await self.theatre.quiet()
        await self.theatre.settle()
        await self._tell_the_rest()
        for _ in range(2):
            await let_pass(self.theatre, DAY)  # type: ignore[arg-type]
            await recover(self.theatre.db, self.theatre.gateway)
            await sweep(self.theatre.db, self.theatre.gateway)
        await self._tell_the_rest()
        await send_due(self.theatre.db, self.theatre.settings)
        found = await audit(self.theatre.db, self.theatre.gateway, older_than=timedelta(seconds=-5))
        told = [disagreement for disagreement in found if not await self._is_from_an_older_page(disagreement)]
        assert not told, "; ".join(str(disagreement) for disagreement in told)
        await self._check_stock()
        await self._check_orders()
        await self._check_letters()
        await self._check_downloads()

    async def _is_from_an_older_page(self, said: Disagreement) -> bool:
        """Whoever pays behind the shop's back may give an address in a country that was priced before."""
        if said.what != "an address elsewhere":
            return False
        order = await find_order(self.theatre.db, said.about)
        shown = [visitor.confirmed.get(f"/orders/{said.about}") for visitor in self.visitors]
        return (
            "address elsewhere" in [event.kind for event in order.events] and str(order.revision) not in shown
        )

    def _paid(self) -> list[dict[str, Any]]:
        return [i for i in self.theatre.of_kind("payment_intent") if i["status"] == "succeeded"]

    async def _tell(self, event: dict[str, Any]) -> None:
        if await self.theatre.tell(event):
            self.told.add(event["id"])

    async def _tell_the_rest(self) -> None:
        """Of a refund nobody but Stripe can tell: it comes again until it is heard."""
        while coming := [event for event in self.theatre.news() if event["id"] not in self.told]:
            waiting = [e for e in coming if e["id"] not in self.lost or "refund" in e["type"]]
            if not waiting:
                break
            for event in waiting:
                await self._tell(event)
                assert event["id"] in self.told, f"{event['type']} was not taken"

    async def _check_stock(self) -> None:
        """No copy is sold twice or lost, and of an e-book there are no copies."""
        sold_of_book = select(func.sum(StockHold.quantity)).where(
            StockHold.book_id == Book.id, StockHold.state == HoldState.SOLD
        )
        async with self.theatre.db.read() as session:
            books = await session.execute(select(Book, sold_of_book.scalar_subquery()))
            for book, sold in books:
                assert not (book.file and (sold or book.held)), book.slug
                there_were = self.stock[book.slug] + self.corrected[book.slug]
                assert book.stock + (sold or 0) == there_were, f"{book.slug}: {book.stock} left, {sold} sold"

    async def _check_orders(self) -> None:
        """No charge is kept without its books."""
        async with self.theatre.db.read() as session:
            orders = list(await session.scalars(select(Order).options(*ORDER_PARTS)))
            with_books = set(
                await session.scalars(select(StockHold.order_id).where(StockHold.state == HoldState.SOLD))
            )
            files = set(await session.scalars(select(Book.id).where(Book.file.is_not(None))))
        paid = [order for order in orders if order.status is OrderStatus.PAID]
        for order in paid:
            refunded = sum(payment.amount_refunded for payment in order.payments)
            complete = order.id in with_books or {line.book_id for line in order.in_force.lines} <= files
            assert complete or refunded == order.in_force.total, "paid, and neither books nor money"
        self.tally.update(orders=len(orders), paid=len(paid), refunds=sum(len(o.refunds) for o in orders))
        self.tally["saved cards seen"] += sum(visitor.reused for visitor in self.visitors)
        self.tally["paid signed in"] += sum(intent["customer"] is not None for intent in self._paid())
        self.tally["redeemed"] += sum(order.in_force.promotion_id is not None for order in paid)

    async def _check_letters(self) -> None:
        """Every paid order that left an address has got its receipt, and no other; but who wanted to
        sign in has got links."""
        paid = (Order.status == OrderStatus.PAID, Order.email.is_not(None))
        async with self.theatre.db.read() as session:
            owed = await session.scalar(select(func.count(Order.id)).where(*paid)) or 0
            links = await session.scalar(select(func.count(Mail.id)).where(Mail.sign_in_id.is_not(None))) or 0
        assert len(list(self.theatre.mailbox.glob("*.eml"))) == owed + links

    async def _check_downloads(self) -> None:
        """Every download counted is one that a visitor got. (That each e-book has its own, the audit sees.)"""
        async with self.theatre.db.read() as session:
            used = await session.scalar(select(func.sum(Download.used))) or 0
        fetched = sum(visitor.fetched for visitor in self.visitors)
        assert used == fetched, f"{used} downloads counted, {fetched} made"
        self.tally["downloads"] += fetched
