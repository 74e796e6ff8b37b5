"""What is done without anybody asking: finding the outcome of what was begun, and clearing away what was given up.

Each step is safe to repeat and safe beside a shopper who does the same at this moment. Of several processes, one
holds the duty; if it dies, another takes over when its time is up."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache

import structlog
from sqlalchemy import ColumnElement, and_, delete, exists, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from shop.capturing import finish_capture
from shop.db import Database, changed, now
from shop.errors import DatabaseUnavailable, PaymentRefused, PaymentUnavailable
from shop.gateway import Gateway
from shop.mailing import send_due
from shop.models import (
    Cart,
    CatalogueChange,
    CodeGuess,
    Duty,
    FailedAttempt,
    LookUp,
    Order,
    OrderStatus,
    Payment,
    random_id,
)
from shop.payments import cancel_payment, retire_payment
from shop.refunds import send_refunds
from shop.settings import Settings
from shop.settling import HALFWAY
from shop.signing_in import forget_links
from shop.subject import about
from shop.syncing import UnknownPayment, sync_order

log = structlog.get_logger()

RECOVERED, SWEPT = "recovered", "swept"  # duties that were done to their end
LOOKED = func.coalesce(Payment.synced_at, Payment.attempted_at)
AT_ONCE = 100  # orders in one turn
RECOVER_EVERY = timedelta(seconds=10)
SEND_EVERY = timedelta(seconds=10)
SWEEP_EVERY = timedelta(minutes=10)
AT_THE_BANK = timedelta(hours=1)  # how long a shopper may take over a 3-D Secure page after the press
ASK_AGAIN = timedelta(minutes=10)  # about payments that take days, should their webhook be lost
ABANDONED = timedelta(hours=24)  # an order that nobody pays
FORGOTTEN = timedelta(days=180)  # a cart that nobody opens: as long as its cookie lives
CHANGES = 1000  # of the catalogue: their number only has to differ from what it was half a second ago


async def work_until(stopped: asyncio.Event, db: Database, gateway: Gateway) -> None:
    """Recover at once, then again and again; sweep in between."""
    swept, starting = now() - SWEEP_EVERY, True
    while not stopped.is_set():
        if await _turn(db, gateway, sweep_too=now() - swept >= SWEEP_EVERY, starting=starting):
            swept = now()
        starting = False
        with suppress(TimeoutError):
            async with asyncio.timeout(RECOVER_EVERY.total_seconds()):
                await stopped.wait()


async def send_until(
    stopped: asyncio.Event, letters_due: asyncio.Event, db: Database, settings: Settings
) -> None:
    """Send letters when there are some, and look again and again. Beside the other work, since a mail server may be
    slow, and in every process, since each letter is claimed."""
    while not stopped.is_set():
        letters_due.clear()
        try:
            await send_due(db, settings, stopped)
        except DatabaseUnavailable:
            pass  # logged where it happened
        except Exception as error:
            log.error("job.crash", exc_info=error)
        with suppress(TimeoutError):
            async with asyncio.timeout(SEND_EVERY.total_seconds()):
                await letters_due.wait()


async def recover(db: Database, gateway: Gateway, idle: timedelta = RECOVER_EVERY) -> None:
    """Bring every payment that was begun, and not looked at for a while, to where Stripe says it is, and send what is
    owed."""
    for order_id in await unsettled(db, now() - idle):
        # Logged; the next turn tries again.
        with about(job="recovery"), suppress(PaymentUnavailable, PaymentRefused, UnknownPayment):
            await _settle(db, gateway, order_id)
    await send_refunds(db, gateway)


async def sweep(db: Database, gateway: Gateway) -> tuple[int, int]:
    """Cancel orders that nobody pays, with their intents, and delete carts that nobody opens. How many of each."""
    canceled = 0
    for order_id in await abandoned(db, now() - ABANDONED):
        with about(job="sweep"), suppress(PaymentUnavailable, PaymentRefused, UnknownPayment):
            order = await cancel_payment(db, gateway, order_id)
            canceled += order.status is OrderStatus.CANCELED
    await _forget(db, now() - ABANDONED)
    return canceled, await _delete_carts(db, now() - FORGOTTEN)


async def unsettled(db: Database, before: datetime) -> Sequence[str]:
    """Orders whose payment is `unfinished`, those first that were not looked at for longest."""
    async with db.read() as session:
        query = select(Order.public_id).join(Payment).where(unfinished(before))
        return list(await session.scalars(query.order_by(LOOKED).limit(AT_ONCE)))


def unfinished(before: datetime) -> ColumnElement[bool]:
    """Begun and without an outcome, and last looked at before a moment: pressed, on Stripe's page, being closed, being
    captured, or with the bank."""
    begun = or_(Order.lease_until.is_not(None), Payment.closing, Payment.status == "requires_action")
    waiting = and_(Order.status == OrderStatus.PENDING, begun, before > LOOKED)
    at_the_bank = and_(Order.status.in_(HALFWAY), before - ASK_AGAIN > LOOKED)
    capturing = and_(
        Order.status == OrderStatus.AUTHORISED, Payment.capture_asked_at.is_not(None), before > LOOKED
    )
    return and_(Payment.open, or_(waiting, at_the_bank, capturing))


async def abandoned(db: Database, before: datetime) -> Sequence[str]:
    """Orders that have waited for their shopper since before a moment."""
    idle = (Order.status == OrderStatus.PENDING, Order.created_at < before, Order.lease_until.is_(None))
    async with db.read() as session:
        untouched = ~exists().where(Payment.order_id == Order.id, Payment.synced_at >= before)
        return list(await session.scalars(select(Order.public_id).where(*idle, untouched)))


async def take_duty(db: Database, name: str, duration: timedelta) -> bool:
    """Whether this process is the one to do a job, until somebody else may."""
    mine = {"holder": _me(), "until": now() + duration}
    free = (Duty.name == name, or_(Duty.until < now(), Duty.holder == _me()))
    async with db.write() as session:
        if await changed(session, update(Duty).where(*free).values(mine)):
            return True
        if await session.get(Duty, name) is not None:
            return False
    with suppress(IntegrityError):  # another process was quicker
        async with db.write() as session:
            await session.execute(insert(Duty).values(name=name, **mine))
            return True
    return False


@cache
def _me() -> str:
    """This process, among those that share the database; not known before it works, since it may have been forked."""
    return random_id()


async def note_done(db: Database, name: str) -> None:
    """For `readiness` and `metrics` to tell."""
    with suppress(IntegrityError):  # another process has done it too
        async with db.write() as session:
            await session.merge(Duty(name=name, holder=_me(), until=now()))


async def _turn(db: Database, gateway: Gateway, *, sweep_too: bool, starting: bool = False) -> bool:
    """One round of work; whether it swept. Nothing that goes wrong ends the rounds.

    Whoever starts looks at everything, on duty or not: this process, or the one that has the duty, may have been
    killed a moment ago in the midst of a payment."""
    try:
        if starting:
            await recover(db, gateway, timedelta())
        if not await take_duty(db, "recovery", 2 * RECOVER_EVERY):
            return False
        await recover(db, gateway)
        await note_done(db, RECOVERED)
        if sweep_too:
            await sweep(db, gateway)
            await note_done(db, SWEPT)
        return sweep_too
    except DatabaseUnavailable:
        return False  # logged where it happened
    except Exception as error:
        log.error("job.crash", exc_info=error)
        return False


async def _settle(db: Database, gateway: Gateway, order_id: str) -> None:
    order = await sync_order(db, gateway, order_id)
    payment = order.open_payment
    if order.owes_capture:
        await finish_capture(db, gateway, order_id)
    if payment is None or order.status is not OrderStatus.PENDING:
        return
    patience = AT_THE_BANK if payment.status == "requires_action" else timedelta()
    lapsed = order.lease_until is not None and order.lease_until + patience < now()
    if (
        payment.closing or lapsed
    ):  # closed at Stripe, nothing can be charged for it, and others may have the books
        await retire_payment(db, gateway, order_id, payment.id)


async def _forget(db: Database, before: datetime) -> None:
    """What was kept only to count it."""
    async with db.write() as session:
        await session.execute(delete(FailedAttempt).where(FailedAttempt.at < before))
        await session.execute(delete(LookUp).where(LookUp.at < before))
        await session.execute(delete(CodeGuess).where(CodeGuess.at < before))
        older = select(CatalogueChange.id).order_by(CatalogueChange.id.desc()).offset(CHANGES).limit(1)
        await session.execute(delete(CatalogueChange).where(CatalogueChange.id <= older.scalar_subquery()))
        await forget_links(session)


async def _delete_carts(db: Database, before: datetime) -> int:
    """Their orders stay; a cart whose order is still open stays too."""
    needed = exists().where(Order.cart_id == Cart.id, Order.status.in_((OrderStatus.PENDING, *HALFWAY)))
    async with db.write() as session:
        old = select(Cart.id).where(Cart.updated_at < before, ~needed).limit(1000).with_for_update()
        ids = list(await session.scalars(old))
        await session.execute(delete(Cart).where(Cart.id.in_(ids)))
        return len(ids)
