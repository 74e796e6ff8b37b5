"""The one door by which Stripe's truth about a payment comes in.

Return page, webhook, press and cancellation all end here: the intent is read from Stripe, copied down, and the order
moved on in the same commit. An older answer never overwrites a newer one, and none can un-pay an order."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from weakref import WeakValueDictionary

import structlog
from sqlalchemy import bindparam, or_, select

from shop.db import Database, now, retried, table
from shop.delivery import copy_address
from shop.disputes import copy_dispute
from shop.errors import IntentMissing, PaymentUnavailable
from shop.event_log import OUTCOME, note_handled
from shop.failures import count_event, count_failure, name_of_failure
from shop.gateway import Gateway
from shop.models import EventOutcome, Order, OrderRevision, OrderStatus, Payment, PaymentKind, RefundStatus
from shop.order_parts import lock_both, lock_order
from shop.orders import glance_at
from shop.outbox import RECEIPT, owe
from shop.refunds import copy_refunds, send_refunds
from shop.settling import apply_status, end_press, give_up, record
from shop.subject import concerns
from shop.words import _

if TYPE_CHECKING:
    import stripe

log = structlog.get_logger()
_turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
PAYMENTS = table(Payment).c
# The payment's row by Stripe's id or, where its answer was lost, by our own; and what became of an event before.
SEEN = (
    select(PAYMENTS.id, PAYMENTS.counter, PAYMENTS.session_id, OUTCOME)
    .where(
        or_(
            PAYMENTS.intent_id == bindparam("stripe"),
            PAYMENTS.session_id == bindparam("stripe"),
            PAYMENTS.public_id == bindparam("payment"),
        )
    )
    .order_by(PAYMENTS.intent_id.is_(None), PAYMENTS.session_id.is_(None))
)
NEWEST = (
    select(Payment.session_id, Payment.intent_id)
    .join(Order)
    .where(Order.public_id == bindparam("order"))
    .order_by(Payment.open.desc(), Payment.id.desc())
    .limit(1)
)


class UnknownPayment(Exception):
    """The intent carries our metadata but we have no such payment: Stripe must tell us again."""


class NotOurs(Exception):
    """The intent belongs to another application on the same Stripe account."""


class HadItsEffect(Exception):
    """The event has been handled before."""


@dataclass(frozen=True)
class Truth:
    """What Stripe says of a payment: its intent and, if it is paid on Stripe's page, the session. (Before the shopper
    has tried to pay there, a session has no intent.)"""

    intent: "stripe.PaymentIntent | None"
    session: "stripe.checkout.Session | None" = None
    refunds: "Sequence[stripe.Refund]" = ()
    disputes: "Sequence[stripe.Dispute]" = ()

    @property
    def payment_id(self) -> str | None:
        """Our own id, by the metadata."""
        metadata = (self.session or self.intent).metadata  # type: ignore[union-attr]
        return getattr(metadata, "payment", None)


async def sync_payment(
    db: Database,
    gateway: Gateway,
    stripe_id: str,
    event: "stripe.Event | None" = None,
    *,
    again: bool = False,
) -> tuple[Order, Truth]:
    """Ask Stripe how the intent or session stands, copy it down, and move the order on. The event that brought the
    news is remembered in the same commit. Returns the order as it is then. `again`: though the event was handled.

    Raises NotOurs, UnknownPayment, IntentMissing, PaymentUnavailable, HadItsEffect."""
    payment_id: str | None = None
    concerns(**{"session" if stripe_id.startswith("cs_") else "intent": stripe_id})
    async with _turns.setdefault(stripe_id, asyncio.Lock()):  # one process need not race itself
        for _ in range(10):
            seen = await _find(db, stripe_id, payment_id, event)
            if seen is not None and seen.event is EventOutcome.HANDLED and not again:
                raise HadItsEffect
            truth = await _ask(gateway, stripe_id, seen)
            if seen is None and payment_id is not None:
                raise UnknownPayment(stripe_id)
            if seen is None and (payment_id := truth.payment_id) is None:
                raise NotOurs(stripe_id)
            if seen is not None and (order := await _copy_down(db, truth, seen, event)):
                if any(refund.status is RefundStatus.REQUESTED for refund in order.refunds):
                    await send_refunds(db, gateway, order.id)  # where it was paid for and cannot be had
                    order = await glance_at(db, order.public_id)
                return order, truth
    raise PaymentUnavailable


async def sync_order(db: Database, gateway: Gateway, order_id: str) -> Order:
    """The order as Stripe sees it now; unchanged if Stripe was never asked to take money for it.

    An intent that Stripe does not know (the keys or the sandbox were changed under the order) cancels what is not
    paid yet. Raises NotFound, PaymentUnavailable."""
    stripe_id = await newest_at_stripe(db, order_id)
    if stripe_id is None:
        return await glance_at(db, order_id)
    try:
        order, _truth = await sync_payment(db, gateway, stripe_id)
    except IntentMissing:
        log.error("intent.missing", intent=stripe_id)
        async with db.write() as session:
            order = await lock_order(session, order_id)
            await give_up(session, order, "Stripe does not know the payment")
    return order


async def newest_at_stripe(db: Database, order_id: str) -> str | None:
    """Stripe's id of the way of paying that is open, or was last."""
    async with db.glance() as session:
        row = (await session.execute(NEWEST, {"order": order_id})).first()
        return (row.session_id or row.intent_id) if row else None


@dataclass(frozen=True)
class _Seen:
    row_id: int
    counter: int
    session_id: str | None
    event: EventOutcome | None


async def _find(
    db: Database, stripe_id: str, payment_id: str | None, event: "stripe.Event | None"
) -> _Seen | None:
    asked = {"stripe": stripe_id, "payment": payment_id, "event": event.id if event else None}
    row = await db.look(lambda connection: connection.execute(SEEN, asked).first())
    return _Seen(*row) if row else None


async def _ask(gateway: Gateway, stripe_id: str, seen: _Seen | None) -> Truth:
    session_id = stripe_id if stripe_id.startswith("cs_") else seen.session_id if seen else None
    session = await gateway.retrieve_session(session_id) if session_id else None
    intent = (
        cast("stripe.PaymentIntent | None", session.payment_intent)
        if session
        else await gateway.retrieve_intent(stripe_id)
    )
    # What was authorised and let go is a refund to Stripe as well, but nothing was received.
    paid = intent is not None and intent.status == "succeeded"
    charge = cast("stripe.Charge | None", intent.latest_charge) if intent and paid else None
    if intent is None or charge is None:
        return Truth(intent, session)
    disputes = await gateway.list_disputes(intent.id) if charge.disputed else ()
    return Truth(intent, session, await gateway.list_refunds(charge), disputes)


@retried
async def _copy_down(db: Database, truth: Truth, seen: _Seen, event: "stripe.Event | None") -> Order | None:
    """Compare and set; the order. None if another answer was copied meanwhile, so that this one may be older."""
    async with db.write() as session:
        payment, order = await lock_both(session, seen.row_id)
        if payment.counter != seen.counter:
            return None
        concerns(intent=truth.intent.id if truth.intent else None)
        revision, failure = None, payment.failure
        if truth.session is not None:
            _mirror_session(order, payment, truth.session)
        if truth.intent is not None:
            if payment.intent_id not in (None, truth.intent.id):
                raise UnknownPayment(truth.intent.id)
            revision = _revision(order, payment, truth.intent)
            _mirror(payment, truth.intent)
        if event is not None:
            await count_event(session, order, payment, event)
        payment.counter += 1
        payment.synced_at, was_paid = now(), order.status is OrderStatus.PAID
        order.revision = max(order.revision, revision.number if revision else 0)
        if payment.failure != failure:
            await count_failure(session, order, payment, payment.failure)
            record(session, order, "payment failed", payment.error)
            if payment.open and payment.kind is PaymentKind.INTENT:  # a session stays open for another try
                await end_press(session, order)
        await apply_status(session, order, payment, revision)
        if truth.intent is not None:
            copy_address(session, order, revision, truth.intent)
        await copy_refunds(session, order, payment, truth.refunds)
        copy_dispute(session, order, payment, truth.disputes)
        if event is not None:
            await note_handled(session, event, payment.session_id or payment.intent_id)
        if was_paid:
            await owe(session, order, RECEIPT)  # its address may be learnt late
        return order


def _revision(order: Order, payment: Payment, intent: "stripe.PaymentIntent") -> OrderRevision | None:
    """The revision for which the amount was set; None if somebody has written over the metadata."""
    named = [getattr(intent.metadata, key, None) for key in ("order", "payment", "revision")]
    return next(
        (r for r in order.revisions if named == [order.public_id, payment.public_id, str(r.number)]), None
    )


def _mirror_session(order: Order, payment: Payment, found: "stripe.checkout.Session") -> None:
    payment.session_id, payment.session_status = found.id, found.status
    if order.email is None and found.customer_details is not None:
        order.email = found.customer_details.email


def _mirror(payment: Payment, intent: "stripe.PaymentIntent") -> None:
    payment.intent_id = intent.id
    payment.status = intent.status
    payment.customer = cast("str | None", intent.customer)
    payment.amount, payment.currency = intent.amount, intent.currency
    payment.amount_received = intent.amount_received
    payment.amount_capturable = intent.amount_capturable
    error = intent.last_payment_error
    payment.error = None
    if error is not None:
        # Only what Stripe says of cards is written for shoppers.
        said = getattr(error, "message", None) if error.type == "card_error" else None
        payment.error = said or _("The payment did not go through. Please try again or use another card.")
        payment.failure = name_of_failure(intent)
    charge = cast("stripe.Charge | None", intent.latest_charge)  # expanded by the gateway
    if charge is None:
        return
    payment.latest_charge = charge.id
    payment.amount_refunded = charge.amount_refunded
    details = charge.payment_method_details
    payment.method = details.type if details else None
    card = getattr(details, "card", None)
    payment.brand, payment.last4 = getattr(card, "brand", None), getattr(card, "last4", None)
