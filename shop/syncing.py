"""The one door by which Stripe's truth about a payment comes in.

Return page, webhook, press and cancellation all end here: the intent is read from Stripe, copied down, and the order
moved on in the same commit. An older answer never overwrites a newer one, and none can un-pay an order."""

import asyncio
from typing import TYPE_CHECKING, cast
from weakref import WeakValueDictionary

import structlog
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.db import Database, retried
from shop.errors import IntentMissing, PaymentUnavailable
from shop.gateway import Gateway
from shop.models import Order, OrderRevision, Payment, StripeEvent
from shop.money import money
from shop.orders import find_order
from shop.settling import ORDER_PARTS, apply_status, give_up, record

if TYPE_CHECKING:
    import stripe

log = structlog.get_logger()
_turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()


class UnknownPayment(Exception):
    """The intent carries our metadata but we have no such payment: Stripe must tell us again."""


class NotOurs(Exception):
    """The intent belongs to another application on the same Stripe account."""


async def sync_payment(
    db: Database, gateway: Gateway, intent_id: str, event: "stripe.Event | None" = None
) -> "stripe.PaymentIntent":
    """Ask Stripe how the intent stands, copy it down, and move the order on. The event that brought the news is
    remembered in the same commit.

    Raises NotOurs, UnknownPayment, IntentMissing, PaymentUnavailable."""
    payment_id: str | None = None
    async with _turns.setdefault(intent_id, asyncio.Lock()):  # one process need not race itself
        for _ in range(10):
            seen = await _find(db, intent_id, payment_id)
            intent = await gateway.retrieve_intent(intent_id)
            if seen is None and payment_id is not None:
                raise UnknownPayment(intent_id)
            if seen is None and (payment_id := getattr(intent.metadata, "payment", None)) is None:
                raise NotOurs(intent_id)
            if seen is not None and await _copy_down(db, intent, *seen, event):
                return intent
    raise PaymentUnavailable


async def sync_order(db: Database, gateway: Gateway, order_id: str) -> Order:
    """The order as Stripe sees it now; unchanged if Stripe was never asked to take money for it.

    An intent that Stripe does not know (the keys or the sandbox were changed under the order) cancels what is not
    paid yet. Raises NotFound, PaymentUnavailable."""
    order = await find_order(db, order_id)
    payment = order.payments[-1] if order.payments else None
    if payment is None or payment.intent_id is None:
        return order
    try:
        await sync_payment(db, gateway, payment.intent_id)
    except IntentMissing:
        log.error("intent.missing", intent=payment.intent_id)
        async with db.write() as session:
            row = await session.get_one(Payment, payment.id, with_for_update=True)
            await give_up(session, await _order_of(session, row), row, "Stripe does not know the intent")
    return await find_order(db, order_id)


async def _find(db: Database, intent_id: str, payment_id: str | None) -> tuple[int, int] | None:
    """Row and counter of the payment, by the intent's id or, where its answer was lost, by our own."""
    async with db.read() as session:
        found = await session.execute(
            select(Payment.id, Payment.counter)
            .where(or_(Payment.intent_id == intent_id, Payment.public_id == payment_id))
            .order_by(Payment.intent_id.is_(None))
        )
        row = found.first()
        return row and (row.id, row.counter)


@retried
async def _copy_down(
    db: Database, intent: "stripe.PaymentIntent", row_id: int, counter: int, event: "stripe.Event | None"
) -> bool:
    """Compare and set: False if another answer was copied since `counter`, so that this one may be older."""
    async with db.write() as session:
        payment = await session.get_one(Payment, row_id, with_for_update=True)
        if payment.counter != counter:
            return False
        if payment.intent_id not in (None, intent.id):
            raise UnknownPayment(intent.id)
        order = await _order_of(session, payment)
        revision = _revision(order, payment, intent)
        failure, refunded = payment.failure, payment.amount_refunded
        _mirror(payment, intent)
        payment.counter += 1
        order.revision = max(order.revision, revision.number if revision else 0)
        if payment.failure != failure:
            order.lease_until = None  # the press has come to nothing: the amount may change again
            record(session, order, "payment failed", payment.error)
        if payment.amount_refunded > refunded:
            record(session, order, "refunded", money(payment.amount_refunded - refunded, payment.currency))
        await apply_status(session, order, payment, revision)
        if event is not None and await session.get(StripeEvent, event.id) is None:
            session.add(StripeEvent(id=event.id, type=event.type))
        return True


async def _order_of(session: AsyncSession, payment: Payment) -> Order:
    return await session.get_one(Order, payment.order_id, options=ORDER_PARTS, with_for_update=True)


def _revision(order: Order, payment: Payment, intent: "stripe.PaymentIntent") -> OrderRevision | None:
    """The revision for which the amount was set; None if somebody has written over the metadata."""
    named = [getattr(intent.metadata, key, None) for key in ("order", "payment", "revision")]
    return next(
        (r for r in order.revisions if named == [order.public_id, payment.public_id, str(r.number)]), None
    )


def _mirror(payment: Payment, intent: "stripe.PaymentIntent") -> None:
    payment.intent_id = intent.id
    payment.status = intent.status
    payment.amount, payment.currency = intent.amount, intent.currency
    payment.amount_received = intent.amount_received
    payment.amount_capturable = intent.amount_capturable
    error = intent.last_payment_error
    payment.error = None
    if error is not None:
        # Only what Stripe says of cards is written for shoppers.
        said = getattr(error, "message", None) if error.type == "card_error" else None
        payment.error = said or "The payment did not go through. Please try again or use another card."
        method = getattr(error, "payment_method", None)
        named = (getattr(error, "code", ""), getattr(method, "id", ""), getattr(error, "charge", ""))
        payment.failure = ":".join(str(part) for part in named)
    charge = cast("stripe.Charge | None", intent.latest_charge)  # expanded by the gateway
    if charge is None:
        return
    payment.latest_charge = charge.id
    payment.amount_refunded = charge.amount_refunded
    details = charge.payment_method_details
    payment.method = details.type if details else None
    card = getattr(details, "card", None)
    payment.brand, payment.last4 = getattr(card, "brand", None), getattr(card, "last4", None)
