"""Holding the shop's database against Stripe: every disagreement in words, and the repair where one is right.

What is younger than ten seconds may still be on its way and is not judged."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, select, update

from shop.attempts import CLOCK_SKEW
from shop.capturing import finish_capture
from shop.customer_audit import customers_that_do_not_fit, forget_unknown_customers
from shop.db import Database, now
from shop.delivery import delivery_that_does_not_fit
from shop.disagreement import Disagreement
from shop.download_audit import downloads_that_do_not_fit, grant_what_is_missing
from shop.errors import IntentClosed, IntentMissing, PaymentUnavailable
from shop.gateway import Gateway
from shop.jobs import RECOVER_EVERY
from shop.models import Book, HoldState, Mail, Order, OrderRevision, OrderStatus, RefundStatus, StockHold
from shop.money import money
from shop.order_parts import ORDER_PARTS
from shop.outbox import RECEIPT, owe, take_up_again
from shop.pricing import AdjustmentKind
from shop.redemption_audit import redemptions_that_do_not_fit
from shop.refunds import send_refunds
from shop.settling import HALFWAY, PAYABLE
from shop.stock_audit import stock_that_does_not_add_up
from shop.syncing import NotOurs, UnknownPayment, sync_payment

if TYPE_CHECKING:
    import stripe

TAKING = ("processing", "requires_capture")


@dataclass(frozen=True)
class AtStripe:
    """What Stripe holds for one order, by the metadata."""

    intents: "Sequence[stripe.PaymentIntent]" = ()
    sessions: "Sequence[stripe.checkout.Session]" = ()

    @property
    def open_ways(self) -> dict[str, str]:
        """Stripe's id of whatever can still be paid or is being paid, by our payment's id: an open session and its
        intent are one way."""
        closed = {str(_named(s, "payment")) for s in self.sessions if s.status != "open"}
        ways = {str(_named(s, "payment")): s.id for s in self.sessions if s.status == "open"}
        for intent in self.intents:
            payment = str(_named(intent, "payment"))
            if intent.status in TAKING or (intent.status in PAYABLE and payment not in closed):
                ways.setdefault(payment, intent.id)
        return ways

    @property
    def charged(self) -> "list[stripe.PaymentIntent]":
        return [intent for intent in self.intents if intent.status == "succeeded"]


async def audit(
    db: Database, gateway: Gateway, *, older_than: timedelta = RECOVER_EVERY
) -> list[Disagreement]:
    """Every disagreement between the database and Stripe. Raises PaymentUnavailable, DatabaseUnavailable."""
    judged = now() - older_than
    async with db.read() as session:
        first = await session.scalar(select(func.min(Order.created_at))) or now()
    # Stripe first: what the database learns meanwhile can only explain what Stripe has said.
    stripe_side = await _at_stripe(gateway, first - CLOCK_SKEW)
    async with db.read() as session:
        orders = {o.public_id: o for o in await session.scalars(select(Order).options(*ORDER_PARTS))}
        stock = await stock_that_does_not_add_up(session, orders.values())
    found = [*_of_unknown_orders(stripe_side, orders, judged)]
    for order_id, order in orders.items():
        there = stripe_side.get(order_id, AtStripe())
        if _last_change(order, there) < judged:
            found += [Disagreement(order_id, *said) for said in _of_order(order, there)]
    files = await downloads_that_do_not_fit(db, judged)
    codes = await redemptions_that_do_not_fit(db, judged)
    people = await customers_that_do_not_fit(db, gateway, judged)
    return found + await _of_receipts(db, judged) + stock + files + codes + people


async def mend(
    db: Database, gateway: Gateway, found: Sequence[Disagreement], *, older_than: timedelta = RECOVER_EVERY
) -> list[Disagreement]:
    """Repair what has one right answer; what is left."""
    stripe_side = await _at_stripe(gateway, now() - timedelta(days=3650))
    for order_id in {disagreement.about for disagreement in found} & set(stripe_side):
        there = stripe_side[order_id]
        await finish_capture(db, gateway, order_id)
        for stripe_id in [*(intent.id for intent in there.intents), *(s.id for s in there.sessions)]:
            with suppress(NotOurs, UnknownPayment, IntentMissing):
                await sync_payment(db, gateway, stripe_id)
        await _close_surplus(db, gateway, order_id, there)
    await send_refunds(db, gateway)
    await forget_unknown_customers(db, gateway, found)
    async with db.write() as session:
        for order in await session.scalars(select(Order).where(Order.status == OrderStatus.PAID)):
            await owe(session, order, RECEIPT)
        await take_up_again(session)
        await grant_what_is_missing(session)
        kept_back = select(func.coalesce(func.sum(StockHold.quantity), 0)).where(
            StockHold.book_id == Book.id, StockHold.state == HoldState.HELD
        )
        await session.execute(update(Book).values(held=kept_back.scalar_subquery()))
    return await audit(db, gateway, older_than=older_than)


async def _at_stripe(gateway: Gateway, since: datetime) -> dict[str, AtStripe]:
    """What Stripe holds with our metadata, by the order's public id."""
    intents: dict[str, list[stripe.PaymentIntent]] = defaultdict(list)
    sessions: dict[str, list[stripe.checkout.Session]] = defaultdict(list)
    # Sessions first: the intent of a session that is paid meanwhile is then seen, and not the other way round.
    for session in await gateway.list_sessions(int(since.timestamp())):
        sessions[_named(session, "order") or ""].append(session)
    for intent in await gateway.list_intents(int(since.timestamp())):
        intents[_named(intent, "order") or ""].append(intent)
    return {o: AtStripe(intents[o], sessions[o]) for o in {*intents, *sessions} if o}


def _of_unknown_orders(
    stripe_side: dict[str, AtStripe], orders: dict[str, Order], judged: datetime
) -> Iterator[Disagreement]:
    for order_id in stripe_side.keys() - orders.keys():
        for intent in stripe_side[order_id].intents:
            if intent.status in (*TAKING, "succeeded") and intent.created < judged.timestamp():
                yield Disagreement(intent.id, "a charge without an order", f"metadata names {order_id}")


def _of_order(order: Order, there: AtStripe) -> Iterator[tuple[str, str]]:
    yield from _of_ways(order, there)
    yield from _of_charges(order, there)
    yield from _of_refunds(order, there)
    yield from _of_disputes(order, there)
    yield from delivery_that_does_not_fit(order)
    lines = [(line.book_id, line.quantity) for line in order.in_force.lines]
    if order.only_book_id is not None and lines != [(order.only_book_id, 1)]:
        yield "more or other books than were bought now", str(lines)
    if order.owes_capture and (payment := order.open_payment):
        yield "a capture that is owed", money(payment.amount_capturable, payment.currency)
    yield from _of_total(order.in_force)
    if order.status is OrderStatus.REVIEW:
        yield "parked for a person", "what was received is not what was to be paid"


def _of_total(revision: OrderRevision) -> Iterator[tuple[str, str]]:
    adjustments = sum(adjustment.amount for adjustment in revision.adjusted)
    discounts = [a.amount for a in revision.adjusted if a.kind is AdjustmentKind.DISCOUNT]
    if sum(line.amount for line in revision.lines) + adjustments != revision.total:
        yield "lines and adjustments are not the total", money(revision.total, revision.currency)
    if sum(line.discount for line in revision.lines) != -sum(discounts):
        yield "the lines do not share the discount", money(sum(discounts), revision.currency)


def _of_ways(order: Order, there: AtStripe) -> Iterator[tuple[str, str]]:
    ways = there.open_ways
    if len(ways) > 1:
        yield "more than one way open", ", ".join(sorted(ways.values()))
    if ways and order.status in (OrderStatus.PAID, OrderStatus.CANCELED):
        yield f"a way open to a {order.status} order", ", ".join(sorted(ways.values()))
    at_bank = [intent.id for intent in there.intents if intent.status in TAKING]
    if at_bank and order.status not in (*HALFWAY, OrderStatus.REVIEW):
        yield "the bank is at it and the order does not know", ", ".join(at_bank)


def _of_charges(order: Order, there: AtStripe) -> Iterator[tuple[str, str]]:
    kept = [intent for intent in there.charged if not _given_back(intent)]
    if len(kept) > 1:
        yield "charged more than once", ", ".join(intent.id for intent in kept)
    if order.status not in (OrderStatus.PAID, OrderStatus.REVIEW):
        for intent in there.charged:
            yield "charged and not paid", intent.id
        return
    total, currency = order.in_force.total, order.in_force.currency
    paid_with = {payment.intent_id for payment in order.payments}
    if order.status is OrderStatus.PAID and total and not there.charged:
        yield "paid without a charge", money(total, currency)
    for intent in there.charged:
        if intent.id not in paid_with:
            yield "a charge that is not the order's", intent.id
        elif order.status is OrderStatus.PAID and (intent.amount_received, intent.currency) != (
            total,
            currency,
        ):
            yield (
                "another amount",
                f"{money(intent.amount_received, intent.currency)}, not {money(total, currency)}",
            )


def _of_refunds(order: Order, there: AtStripe) -> Iterator[tuple[str, str]]:
    for refund in order.refunds:
        if refund.status is RefundStatus.REQUESTED:
            yield "a refund that is owed", money(refund.amount, refund.currency)
    for intent in there.charged:
        payment = next((p for p in order.payments if p.intent_id == intent.id), None)
        given_back = getattr(intent.latest_charge, "amount_refunded", 0)
        if payment and payment.amount_refunded != given_back:
            said = money(payment.amount_refunded, payment.currency)
            yield "refunded another amount", f"{money(given_back, intent.currency)}, not {said}"


def _of_disputes(order: Order, there: AtStripe) -> Iterator[tuple[str, str]]:
    for intent in there.charged:
        payment = next((p for p in order.payments if p.intent_id == intent.id), None)
        if payment and payment.dispute is None and getattr(intent.latest_charge, "disputed", False):
            yield "disputed and the order does not know", intent.id


async def _of_receipts(db: Database, judged: datetime) -> list[Disagreement]:
    """A paid order with an address gets one letter; that there are not two is the database's to see to."""
    paid = (Order.status == OrderStatus.PAID, Order.email.is_not(None), Order.paid_at < judged)
    query = select(Order.public_id, Mail.id, Mail.error).where(*paid, Mail.sent_at.is_(None))
    async with db.read() as session:
        unsent = await session.execute(
            query.outerjoin(Mail, and_(Mail.order_id == Order.id, Mail.kind == RECEIPT))
        )
        return [
            Disagreement(
                order_id, "a receipt is owed", (error or "not sent yet") if mail else "and not written down"
            )
            for order_id, mail, error in unsent
        ]


async def _close_surplus(db: Database, gateway: Gateway, order_id: str, there: AtStripe) -> None:
    """Close what can be paid and is not the way that the order knows to be open."""
    async with db.read() as session:
        found = select(Order).where(Order.public_id == order_id).options(*ORDER_PARTS)
        order = (await session.scalars(found)).one_or_none()
    known = order.open_payment.public_id if order and order.open_payment else None
    for payment, stripe_id in there.open_ways.items():
        if payment != known:
            with suppress(IntentClosed, PaymentUnavailable):
                if stripe_id.startswith("cs_"):
                    await gateway.expire_session(stripe_id, f"{stripe_id}-surplus")
                else:
                    await gateway.cancel_intent(
                        stripe_id, {"cancellation_reason": "duplicate"}, f"{stripe_id}-surplus"
                    )


def _last_change(order: Order, there: AtStripe) -> datetime:
    ours = [
        order.created_at,
        *(p.attempted_at for p in order.payments),
        *(r.created_at for r in order.refunds),
    ]
    ours += [payment.synced_at for payment in order.payments if payment.synced_at]
    theirs = [intent.created for intent in there.intents] + [session.created for session in there.sessions]
    theirs += [getattr(intent.latest_charge, "created", 0) for intent in there.intents]
    theirs += [intent.canceled_at or 0 for intent in there.intents]
    return max(*ours, datetime.fromtimestamp(max(theirs, default=0), tz=now().tzinfo))


def _given_back(intent: "stripe.PaymentIntent") -> bool:
    return bool(getattr(intent.latest_charge, "refunded", False))


def _named(thing: "stripe.PaymentIntent | stripe.checkout.Session", key: str) -> str | None:
    return getattr(thing.metadata, key, None)
