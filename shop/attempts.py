"""Making the intent or session that a payment's row stands for: once, however often it takes to hear so.

The row is written before Stripe is asked. A lost answer is asked for again with the same key and the same parameters;
where the key would bring the same failure again or is forgotten, Stripe is asked whether the thing came into being
before another attempt is made."""

from datetime import timedelta
from typing import TYPE_CHECKING, cast

from shop.db import Database, now, retried
from shop.errors import IntentMissing, PaymentRefused, PaymentUnavailable
from shop.gateway import Gateway
from shop.models import Payment, PaymentKind
from shop.order_parts import lock_payment, lock_row
from shop.settling import end_press, record
from shop.subject import concerns

if TYPE_CHECKING:
    import stripe
    from stripe.params import PaymentIntentCreateParams
    from stripe.params.checkout import SessionCreateParams

    Made = stripe.PaymentIntent | stripe.checkout.Session

KEY_LIFE = timedelta(hours=23)  # Stripe may forget an idempotency key after 24
CLOCK_SKEW = timedelta(minutes=5)
MISSING = "resource_missing"  # Stripe's word


async def make_at_stripe(db: Database, gateway: Gateway, payment: Payment) -> Payment:
    """The payment with Stripe's id. Raises PaymentRefused, PaymentUnavailable."""
    if payment.intent_id or payment.session_id:
        return payment
    if payment.attempt_failed or now() - payment.attempted_at > KEY_LIFE:
        made = await _find(gateway, payment) or await _try_again(db, gateway, payment)
    else:
        made = await _try(db, gateway, payment)
    return await _remember(db, payment, made)


async def _find(gateway: Gateway, payment: Payment) -> "Made | None":
    find = gateway.find_session if payment.kind is PaymentKind.SESSION else gateway.find_intent
    return await find(int((payment.created_at - CLOCK_SKEW).timestamp()), payment.public_id)


async def _try(db: Database, gateway: Gateway, payment: Payment) -> "Made":
    key = f"{payment.public_id}-create-{payment.attempt}"
    try:
        if payment.kind is PaymentKind.SESSION:
            return await gateway.create_session(cast("SessionCreateParams", payment.params), key)
        return await gateway.create_intent(cast("PaymentIntentCreateParams", payment.params), key)
    except PaymentUnavailable as error:
        await _failed(db, payment, final=error.final)
        raise
    except (PaymentRefused, IntentMissing) as error:  # the latter: a Customer that was deleted there
        await _failed(db, payment, refused=True)
        raise error if isinstance(error, PaymentRefused) else PaymentRefused(MISSING) from error


async def _try_again(db: Database, gateway: Gateway, payment: Payment) -> "Made":
    async with db.write() as session:
        row = await lock_payment(session, payment.id)
        if row.attempt == payment.attempt:  # else another request has moved on already: join it
            row.attempt, row.attempted_at, row.attempt_failed = row.attempt + 1, now(), False
    return await _try(db, gateway, row)


async def _failed(db: Database, payment: Payment, *, final: bool = False, refused: bool = False) -> None:
    async with db.write() as session:
        row = await lock_payment(session, payment.id)
        if row.intent_id or row.session_id or row.attempt != payment.attempt:
            return
        row.attempt_failed = final
        row.open = not refused  # the next checkout asks anew
        if refused:
            await end_press(session, await lock_row(session, row.order_id))


@retried
async def _remember(db: Database, payment: Payment, made: "Made") -> Payment:
    async with db.write() as session:
        row = await lock_payment(session, payment.id)
        if row.intent_id is None and row.session_id is None:
            order = await lock_row(session, payment.order_id)
            if row.kind is PaymentKind.SESSION:
                row.session_id, row.session_status = made.id, made.status
            else:
                row.intent_id, row.status = made.id, made.status
            order.revision = max(order.revision, int(row.params["metadata"]["revision"]))
            record(session, order, f"{row.kind} created", made.id)
        concerns(**{row.kind: made.id})
        return row
