"""Money that goes back. A refund is a row first, so that a repeated request is one refund; what Stripe says of it is
copied down, whoever asked for it."""

from contextlib import suppress
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import select

from shop.attempts import CLOCK_SKEW, KEY_LIFE
from shop.db import Database, now, retried
from shop.errors import PaymentRefused, PaymentUnavailable
from shop.gateway import Gateway
from shop.models import Order, Payment, Refund, RefundStatus
from shop.money import money
from shop.settling import record

if TYPE_CHECKING:
    import stripe

log = structlog.get_logger()


async def send_refunds(db: Database, gateway: Gateway, order_id: int | None = None) -> None:
    """Ask Stripe for every refund that is owed (by one order); what cannot be sent now is sent by the next call."""
    owed = select(Refund.id).where(Refund.status == RefundStatus.REQUESTED).order_by(Refund.id)
    async with db.read() as session:
        found = await session.scalars(owed.where(Refund.order_id == order_id) if order_id else owed)
        ids = list(found)
    for refund_id in ids:
        with suppress(PaymentUnavailable):  # logged by the gateway
            await send_refund(db, gateway, refund_id)


async def send_refund(db: Database, gateway: Gateway, refund_id: int) -> Refund:
    """Ask Stripe for a refund that is written down; a repeated call finds what came of it.

    Raises PaymentUnavailable."""
    async with db.write() as session:
        refund = await session.get_one(Refund, refund_id, with_for_update=True)
        payment = await session.get_one(Payment, refund.payment_id)
        asked_before = refund.attempted_at
        refund.attempted_at = refund.attempted_at or now()
    if refund.status is not RefundStatus.REQUESTED or payment.intent_id is None:
        return refund
    if asked_before and now() - asked_before > KEY_LIFE:
        await _next_attempt(db, refund)
    try:
        made = await _find_or_create(gateway, refund, payment.intent_id)
    except PaymentRefused as error:
        return await _refused(db, refund, error)
    except PaymentUnavailable as error:
        if error.final:  # its key would bring the same answer
            await _next_attempt(db, refund)
        raise
    return await copy_refund(db, refund.id, made)


async def _find_or_create(gateway: Gateway, refund: Refund, intent_id: str) -> "stripe.Refund":
    if refund.attempt > 1:  # an earlier attempt may have come into being behind its failed answer
        since = int((refund.created_at - CLOCK_SKEW).timestamp())
        if found := await gateway.find_refund(since, intent_id, refund.public_id):
            return found
    return await gateway.create_refund(
        {"payment_intent": intent_id, "amount": refund.amount, "metadata": {"refund": refund.public_id}},
        f"{refund.public_id}-{refund.attempt}",
    )


async def _next_attempt(db: Database, refund: Refund) -> None:
    async with db.write() as session:
        row = await session.get_one(Refund, refund.id, with_for_update=True)
        if row.attempt == refund.attempt:
            row.attempt, row.attempted_at = row.attempt + 1, now()
        refund.attempt = row.attempt


async def _refused(db: Database, refund: Refund, error: PaymentRefused) -> Refund:
    """Stripe will not give it back, however often it is asked: for a person to look at."""
    async with db.write() as session:
        row = await session.get_one(Refund, refund.id, with_for_update=True)
        row.status, row.failure = RefundStatus.FAILED, error.code or "refused"
        order = await session.get_one(Order, row.order_id)
        record(session, order, "refund failed", f"{money(row.amount, row.currency)}: {row.failure}")
        log.error("refund.refused", order=order.public_id, code=error.code)
        return row


@retried
async def copy_refund(db: Database, row_id: int, made: "stripe.Refund") -> Refund:
    """Copy down what Stripe says of a refund."""
    async with db.write() as session:
        row = await session.get_one(Refund, row_id, with_for_update=True)
        row.refund_id, row.amount, row.currency = made.id, made.amount, made.currency
        row.status = RefundStatus(made.status or RefundStatus.PENDING)
        row.failure = getattr(made, "failure_reason", None)
        return row
