"""Money that goes back. A refund is a row first, so that a repeated request is one refund; what Stripe says of it is
copied down, whoever asked for it."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.attempts import CLOCK_SKEW, KEY_LIFE
from shop.db import Database, now, retried
from shop.errors import IntentMissing, PaymentRefused, PaymentUnavailable
from shop.gateway import Gateway
from shop.holding import free
from shop.models import Order, OrderStatus, Payment, Refund, RefundStatus
from shop.money import money
from shop.order_parts import lock_both
from shop.settling import record
from shop.stock import restock

if TYPE_CHECKING:
    import stripe

log = structlog.get_logger()
# Stripe's reasons, in words for the shopper. Of a suspicion of fraud nothing is said.
REASONS = {"duplicate": "charged twice", "requested_by_customer": "at your request"}


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
    except IntentMissing as error:  # the keys were changed: a person may change them back
        raise PaymentUnavailable from error
    except PaymentUnavailable as error:
        if error.final:  # its key would bring the same answer
            await _next_attempt(db, refund)
        raise
    return await _remember(db, refund, made)


async def copy_refunds(
    session: AsyncSession, order: Order, payment: Payment, found: Sequence["stripe.Refund"]
) -> None:
    """Copy down what Stripe says of a payment's refunds. Ours are known by their metadata, those that were made in
    the dashboard become rows too. The order is locked and has its parts."""
    for made in reversed(found):  # oldest first
        await _copy(session, order, _row_of(order, payment, made), made)
    await _let_go(session, order)


def copies(lines: Sequence[dict[str, Any]]) -> Counter[int]:
    """How many of each book, by its id, of what a refund's row keeps as a list."""
    return Counter({line["book_id"]: line["quantity"] for line in lines})


async def _find_or_create(gateway: Gateway, refund: Refund, intent_id: str) -> "stripe.Refund":
    since = int((refund.created_at - CLOCK_SKEW).timestamp())
    ours = (since, intent_id, refund.public_id)
    # An earlier attempt may have come into being behind its failed answer …
    if refund.attempt > 1 and (found := await gateway.find_refund(*ours)):
        return found
    try:
        return await gateway.create_refund(
            {"payment_intent": intent_id, "amount": refund.amount, "metadata": {"refund": refund.public_id}},
            f"{refund.public_id}-{refund.attempt}",
        )
    except PaymentRefused:
        if found := await gateway.find_refund(*ours):  # … or meanwhile, so that nothing is left for this one
            return found
        raise


async def _next_attempt(db: Database, refund: Refund) -> None:
    async with db.write() as session:
        row = await session.get_one(Refund, refund.id, with_for_update=True)
        if row.attempt == refund.attempt:
            row.attempt, row.attempted_at = row.attempt + 1, now()
        refund.attempt = row.attempt


@retried
async def _refused(db: Database, refund: Refund, error: PaymentRefused) -> Refund:
    """Stripe will not give it back, however often it is asked: for a person to look at."""
    async with db.write() as session:
        _, order, row = await _locked(session, refund)
        if row.status is RefundStatus.REQUESTED:
            row.status, row.failure = RefundStatus.FAILED, error.code or "refused"
            _tell(session, order, row)
        return row


@retried
async def _remember(db: Database, refund: Refund, made: "stripe.Refund") -> Refund:
    """Copy down Stripe's answer, unless news that may be later has come in before."""
    async with db.write() as session:
        payment, order, row = await _locked(session, refund)
        if row.refund_id is None:
            await _copy(session, order, row, made)
            payment.amount_refunded += row.amount if row.counts else 0
            payment.counter += 1  # who asked how the payment stands before this has to ask again
            await _let_go(session, order)
        return row


async def _let_go(session: AsyncSession, order: Order) -> None:
    """Books that are kept back for a payment that a person was to look at: nobody will ship them any more."""
    if order.status is OrderStatus.REVIEW and order.is_given_back:
        await free(session, order)


async def _locked(session: AsyncSession, refund: Refund) -> tuple[Payment, Order, Refund]:
    payment, order = await lock_both(session, refund.payment_id)
    return payment, order, next(row for row in order.refunds if row.id == refund.id)


def _row_of(order: Order, payment: Payment, made: "stripe.Refund") -> Refund:
    ours = getattr(made.metadata, "refund", None)
    for row in order.refunds:
        if row.refund_id == made.id or (row.refund_id is None and row.public_id == ours):
            return row
    row = Refund(
        payment_id=payment.id,
        status=RefundStatus.REQUESTED,
        reason=REASONS.get(made.reason or "", ""),
        lines=[],
        restock=False,
        restocked=[],
        created_at=datetime.fromtimestamp(made.created, UTC),
    )
    order.refunds.append(row)
    return row


async def _copy(session: AsyncSession, order: Order, row: Refund, made: "stripe.Refund") -> None:
    before = row.status
    row.refund_id, row.amount, row.currency = made.id, made.amount, made.currency
    row.status = RefundStatus(made.status or RefundStatus.PENDING)
    row.failure = getattr(made, "failure_reason", None)
    if row.status is not before:
        _tell(session, order, row)
        if row.restock and row.status is RefundStatus.SUCCEEDED:
            await _put_back(session, order, row)


async def _put_back(session: AsyncSession, order: Order, row: Refund) -> None:
    """Now that the customer has the money, not before: the sale stood until then. Of all refunds together no more than
    is to go back: where one failed after its copies had gone back, the one that repeats it puts none back again."""
    wanted, done = Counter[int](), Counter[int]()
    for refund in order.refunds:
        done += copies(refund.restocked)
        if refund.restock and refund.status is RefundStatus.SUCCEEDED:
            wanted += copies(refund.lines)
    back = await restock(session, order, wanted - done)
    row.restocked = [{"book_id": book_id, "quantity": count} for book_id, count in back.items()]
    if back:
        record(session, order, "restocked", f"{sum(back.values())} copies")


def _tell(session: AsyncSession, order: Order, row: Refund) -> None:
    succeeded = row.status is RefundStatus.SUCCEEDED
    what = "refunded" if succeeded else f"refund {row.status}".replace("_", " ")
    said = (money(row.amount, row.currency), row.refund_id, row.failure)
    record(session, order, what, " ".join(part for part in said if part))
    if row.status is RefundStatus.FAILED:
        log.error("refund.failed", order=order.public_id, refund=row.refund_id, reason=row.failure)
