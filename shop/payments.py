"""Paying for an order: one intent an order, kept in step with the order's revisions.

Every change at Stripe is written down before it is asked for, so that a lost answer can be asked for again with
the same idempotency key. `sync_payment` is the one door by which Stripe's truth comes in.
"""

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.db import Database, now
from shop.errors import BadInput, IntentClosed, PaymentUnavailable
from shop.gateway import Gateway
from shop.models import Order, OrderRevision, OrderStatus, Payment, StripeEvent, random_id
from shop.orders import apply_status, complete_free_order, find_order, load_order, place_order, record
from shop.settings import Settings

if TYPE_CHECKING:
    import stripe
    from stripe.params import PaymentIntentCreateParams

KEY_LIFE = timedelta(hours=23)  # Stripe may forget an idempotency key after 24
CLOCK_SKEW = timedelta(minutes=5)
PAYABLE = ("requires_payment_method", "requires_confirmation", "requires_action")


class UnknownPayment(Exception):
    """The intent carries our metadata but we have no such payment: Stripe must tell us again."""


class NotOurs(Exception):
    """The intent belongs to another application on the same Stripe account."""


def intent_params(
    order: Order, revision: OrderRevision, payment: Payment, settings: Settings
) -> "PaymentIntentCreateParams":
    """What we ask Stripe for. The revision travels with its amount, so that the two cannot part."""
    del settings  # what a shop may configure about its intents is read here
    return {
        "amount": revision.total,
        "currency": revision.currency,
        "automatic_payment_methods": {"enabled": True},
        "metadata": {
            "order": order.public_id,
            "revision": str(revision.number),
            "payment": payment.public_id,
        },
    }


async def check_out(
    db: Database, gateway: Gateway, settings: Settings, cart_id: str | None, cart_revision: int | None = None
) -> str:
    """From a cart to an order that Stripe is ready to take money for. Returns the order's public id.

    However often and in however many tabs: one cart, one order, one intent."""
    order_id = await place_order(db, cart_id, cart_revision)
    try:
        await bring_up_to_date(db, gateway, settings, order_id)
    except IntentClosed:
        # Paid or cancelled while nobody was looking. If paid, the cart has now given up what was bought.
        order = await sync_order(db, gateway, order_id)
        if order.status == OrderStatus.PENDING:
            raise PaymentUnavailable from None
        try:
            order_id = await place_order(db, cart_id)
        except BadInput:
            return order_id  # nothing is left to check out: show what became of the order
        await bring_up_to_date(db, gateway, settings, order_id)
    return order_id


async def bring_up_to_date(db: Database, gateway: Gateway, settings: Settings, order_id: str) -> None:
    """Make the intent if there is none, then tell Stripe of each newer revision, oldest first.

    Each revision has a key of its own and is sent again until it is answered, before the next is sent: so a slow
    request of another tab can never overtake a later one and put an old amount back.
    Raises IntentClosed and PaymentUnavailable."""
    if await complete_free_order(db, order_id):
        return
    payment = await _open_payment(db, order_id, settings)
    if payment.intent_id is None:
        payment.intent_id = await _create_intent(db, gateway, payment)
    for revision in await _not_accepted(db, order_id):
        await _update_intent(db, gateway, payment, revision)


async def sync_payment(
    db: Database, gateway: Gateway, intent_id: str, event: "stripe.Event | None" = None
) -> "stripe.PaymentIntent":
    """Ask Stripe how the intent stands, copy it down, and move the order on. The event that brought the news is
    remembered in the same commit.

    Raises NotOurs, UnknownPayment, PaymentUnavailable."""
    payment_id: str | None = None
    for _ in range(10):
        seen = await _find_counter(db, intent_id, payment_id)
        intent = await gateway.retrieve_intent(intent_id)
        if "order" not in intent.metadata or "payment" not in intent.metadata:
            raise NotOurs(intent_id)
        payment_id = intent.metadata["payment"]
        if seen is not None and await _copy_down(db, intent, seen, event):
            return intent
    raise UnknownPayment(intent_id)


async def sync_order(db: Database, gateway: Gateway, order_id: str) -> Order:
    """The order as Stripe sees it now; unchanged if Stripe was never asked to take money for it."""
    order = await find_order(db, order_id)
    if order.payments and order.payments[-1].intent_id:
        await sync_payment(db, gateway, order.payments[-1].intent_id)
        order = await find_order(db, order_id)
    return order


async def cancel_payment(db: Database, gateway: Gateway, order_id: str) -> Order:
    """Cancel what the shopper does not want to pay; if it has been paid, find that out instead."""
    order = await find_order(db, order_id)
    payment = next((payment for payment in order.payments if payment.open and payment.intent_id), None)
    if payment is None or payment.intent_id is None:
        return order
    with suppress(IntentClosed):  # syncing tells which way
        await gateway.cancel_intent(
            payment.intent_id, {"cancellation_reason": "requested_by_customer"}, f"{payment.public_id}-cancel"
        )
    return await sync_order(db, gateway, order_id)


async def _open_payment(db: Database, order_id: str, settings: Settings) -> Payment:
    """The order's open payment; the row is there before Stripe hears of it."""
    async with db.write() as session:
        order = await load_order(session, order_id, lock=True)
        payment = next((payment for payment in order.payments if payment.open), None)
        if payment is None and order.status != OrderStatus.PENDING:
            raise IntentClosed(order_id)
        if payment is None:
            revision = order.revisions[-1]
            payment = Payment(order_id=order.id, amount=revision.total, currency=revision.currency)
            payment.public_id = random_id()
            payment.params = dict(intent_params(order, revision, payment, settings))
            session.add(payment)
        return payment


async def _create_intent(db: Database, gateway: Gateway, payment: Payment) -> str:
    if payment.attempt_failed or now() - payment.attempted_at > KEY_LIFE:
        # The key would bring the same failure again, or is forgotten: did the intent come into being all the same?
        intent = await _look_up(gateway, payment) or await _try_again(db, gateway, payment)
    else:
        intent = await _try(db, gateway, payment)
    async with db.write() as session:
        row = await session.get_one(Payment, payment.id, with_for_update=True)
        order = await session.get_one(Order, payment.order_id, with_for_update=True)
        row.intent_id = intent.id
        row.status = row.status or intent.status
        order.revision = max(order.revision, _revision(intent))
        record(session, order, "intent created", intent.id)
    return intent.id


async def _try(db: Database, gateway: Gateway, payment: Payment) -> "stripe.PaymentIntent":
    try:
        params = cast("PaymentIntentCreateParams", payment.params)
        return await gateway.create_intent(params, f"{payment.public_id}-create-{payment.attempt}")
    except PaymentUnavailable as error:
        if error.final:
            async with db.write() as session:
                row = await session.get_one(Payment, payment.id, with_for_update=True)
                row.attempt_failed = row.attempt == payment.attempt
        raise


async def _try_again(db: Database, gateway: Gateway, payment: Payment) -> "stripe.PaymentIntent":
    async with db.write() as session:
        row = await session.get_one(Payment, payment.id, with_for_update=True)
        if row.attempt == payment.attempt:  # else another request has moved on already: join it
            row.attempt, row.attempted_at, row.attempt_failed = row.attempt + 1, now(), False
    return await _try(db, gateway, row)


async def _look_up(gateway: Gateway, payment: Payment) -> "stripe.PaymentIntent | None":
    """The intent that a lost or failed answer left behind, by its metadata."""
    start, end = payment.created_at - CLOCK_SKEW, payment.attempted_at + CLOCK_SKEW
    async for intent in gateway.intents_between(int(start.timestamp()), int(end.timestamp())):
        if "payment" in intent.metadata and intent.metadata["payment"] == payment.public_id:
            return intent
    return None


async def _not_accepted(db: Database, order_id: str) -> list[OrderRevision]:
    order = await find_order(db, order_id)
    return [revision for revision in order.revisions if revision.number > order.revision]


async def _update_intent(db: Database, gateway: Gateway, payment: Payment, revision: OrderRevision) -> None:
    assert payment.intent_id
    key = f"{payment.public_id}-revision-{revision.number}-{payment.attempt}"
    try:
        await gateway.update_intent(
            payment.intent_id,
            {
                "amount": revision.total,
                "currency": revision.currency,
                "metadata": {"revision": str(revision.number)},
            },
            key,
        )
    except PaymentUnavailable as error:
        if error.final:
            # Setting the same amount twice does no harm, so the next attempt may simply use a new key.
            async with db.write() as session:
                row = await session.get_one(Payment, payment.id, with_for_update=True)
                row.attempt = max(row.attempt, payment.attempt + 1)
        raise
    async with db.write() as session:
        row = await session.get_one(Payment, payment.id, with_for_update=True)
        order = await session.get_one(Order, payment.order_id, with_for_update=True)
        if order.revision < revision.number:
            order.revision, row.amount, row.currency = revision.number, revision.total, revision.currency


async def _find_counter(db: Database, intent_id: str, payment_id: str | None) -> tuple[int, int] | None:
    """Row and counter of the payment, by the intent's id or, where its answer was lost, by our own."""
    async with db.read() as session:
        found = await session.execute(
            select(Payment.id, Payment.counter)
            .where(or_(Payment.intent_id == intent_id, Payment.public_id == payment_id))
            .order_by(Payment.intent_id.is_(None))
        )
        row = found.first()
        return row and (row.id, row.counter)


async def _copy_down(
    db: Database, intent: "stripe.PaymentIntent", seen: tuple[int, int], event: "stripe.Event | None"
) -> bool:
    """Compare and set: False if another answer was copied since `seen`, so that this one may be older."""
    row_id, counter = seen
    async with db.write() as session:
        payment = await session.get_one(Payment, row_id, with_for_update=True)
        if payment.counter != counter:
            return False
        order = await load_order(session, intent.metadata["order"], lock=True)
        if payment.order_id != order.id or payment.intent_id not in (None, intent.id):
            raise UnknownPayment(intent.id)
        refunded = payment.amount_refunded
        failure = payment.failure
        _mirror(payment, intent)
        payment.counter += 1
        number = _revision(intent)
        order.revision = max(order.revision, number)
        if payment.failure != failure:
            order.lease_until = None
            record(session, order, "payment failed", payment.error)
        if payment.amount_refunded > refunded:
            record(session, order, "refunded", f"{payment.amount_refunded} {payment.currency}")
        await apply_status(session, order, payment, number)
        if event is not None:
            await _remember(session, event)
        return True


def _revision(intent: "stripe.PaymentIntent") -> int:
    """The revision that the amount was set for; 0, which no order has, if somebody wrote over it."""
    number = getattr(intent.metadata, "revision", "")
    return int(number) if number.isdecimal() else 0


def _mirror(payment: Payment, intent: "stripe.PaymentIntent") -> None:
    payment.intent_id = intent.id
    payment.status = intent.status
    payment.amount, payment.currency = intent.amount, intent.currency
    payment.amount_received = intent.amount_received
    payment.amount_capturable = intent.amount_capturable
    error = intent.last_payment_error
    payment.error = getattr(error, "message", None) if getattr(error, "type", None) == "card_error" else None
    if error is not None:
        payment.error = (
            payment.error or "The payment did not go through. Please try again or use another card."
        )
        method = getattr(error, "payment_method", None)
        payment.failure = (
            f"{getattr(error, 'code', '')}:{getattr(method, 'id', '')}:{getattr(error, 'charge', '')}"
        )
    charge = cast("stripe.Charge | None", intent.latest_charge)  # expanded by the gateway
    if charge is None:
        return
    payment.latest_charge = charge.id
    payment.amount_refunded = charge.amount_refunded
    details = charge.payment_method_details
    payment.method = details.type if details else None
    card = getattr(details, "card", None)
    payment.brand, payment.last4 = getattr(card, "brand", None), getattr(card, "last4", None)


async def _remember(session: AsyncSession, event: "stripe.Event") -> None:
    if await session.get(StripeEvent, event.id) is None:
        session.add(StripeEvent(id=event.id, type=event.type))
