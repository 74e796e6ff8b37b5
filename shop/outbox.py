"""Letters that are owed: each is a row, written with what it tells of, and claimed by one process before it is sent."""

from collections.abc import Sequence
from datetime import timedelta

import structlog
from sqlalchemy import ColumnElement, Row, bindparam, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.db import Database, now, retried, table
from shop.errors import Conflict, UnknownOrder
from shop.models import Mail, Order, OrderEvent, OrderStatus, SignIn, random_id
from shop.words import _

log = structlog.get_logger()
RECEIPT = "receipt"
LETTERS = table(Mail).c
OWED = (
    select(LETTERS.id)
    .where(LETTERS.order_id == bindparam("order"), LETTERS.kind == bindparam("kind"))
    .limit(1)
)
# How long after each attempt the next may follow. The first is longer than any attempt takes.
PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (2, 6, 12, 24)),
)


async def owe(session: AsyncSession, order: Order, kind: str) -> None:
    """An order, whose row is locked, is owed one letter of each kind; without an address none, so ask again when it
    may have been learnt."""
    if order.email is not None and await session.scalar(OWED, {"order": order.id, "kind": kind}) is None:
        owe_first(session, order, kind)


def owe_first(session: AsyncSession, order: Order, kind: str) -> None:
    """The same, of a kind that the order cannot have been owed yet."""
    if order.email is not None:
        session.add(Mail(order_id=order.id, kind=kind, recipient=order.email, message_id=f"<{random_id()}>"))


@retried
async def owe_another_receipt(db: Database, order_id: str, number: int) -> None:
    """A second letter, or a third, for a customer who has lost the first: `number` counts them, so that a repeated
    request owes one. Raises NotFound, Conflict."""
    async with db.write() as session:
        order = await session.scalar(select(Order).where(Order.public_id == order_id).with_for_update())
        if order is None:
            raise UnknownOrder
        if order.status is not OrderStatus.PAID or order.email is None:
            raise Conflict(_("A receipt goes to who has paid and has given an email address."))
        ours = (Mail.order_id == order.id, Mail.kind.startswith(RECEIPT))
        written = await session.scalar(select(func.count(Mail.id)).where(*ours)) or 0
        if number > written + 1 or number < 1:
            raise Conflict(_("There are fewer letters than that page said. Reload it and try again."))
        if number == written + 1:
            await owe(session, order, RECEIPT if number == 1 else f"{RECEIPT} {number}")
            session.add(OrderEvent(order_id=order.id, kind="receipt asked for again"))


def is_due() -> tuple[ColumnElement[bool], ...]:
    """After the last pause a letter stays owed, for a person to look at; but nobody needs a link that is not good any
    more."""
    stale = exists().where(SignIn.id == Mail.sign_in_id, SignIn.until <= now())
    return Mail.sent_at.is_(None), Mail.next_attempt_at <= now(), Mail.attempts <= len(PAUSES), ~stale


async def due(db: Database) -> Sequence[Row[int, str | None]]:
    """Letters to be tried now, with the public ids of their orders if they are about one."""
    query = select(Mail.id, Order.public_id).outerjoin(Order, Order.id == Mail.order_id).where(*is_due())
    async with db.read() as session:
        return (await session.execute(query.order_by(Mail.next_attempt_at).limit(100))).all()


async def take_up_again(session: AsyncSession) -> None:
    """Letters that were given up are due once more, from their first attempt on."""
    given_up = (Mail.sent_at.is_(None), Mail.attempts > len(PAUSES))
    await session.execute(update(Mail).where(*given_up).values(attempts=0, next_attempt_at=now()))


@retried
async def claim(db: Database, mail_id: int, domain: str) -> Mail | None:
    """The letter, if its next attempt is due and nobody else has claimed it. The first claim completes the
    Message-ID with the sender's domain; from then on it stays."""
    async with db.write() as session:
        mail = await session.get_one(Mail, mail_id, with_for_update=True)
        if mail.sent_at or mail.next_attempt_at > now():
            return None
        mail.next_attempt_at = now() + PAUSES[min(mail.attempts, len(PAUSES) - 1)]
        mail.attempts += 1
        if "@" not in mail.message_id:
            mail.message_id = mail.message_id.replace(">", f"@{domain}>")
        return mail


@retried
async def note(db: Database, mail_id: int, error: str | None = None) -> None:
    """Write down that a letter was sent, or why not."""
    async with db.write() as session:
        mail = await session.get_one(Mail, mail_id, with_for_update=True)
        if mail.sent_at:
            return
        mail.error = error
        if error is None:
            mail.sent_at = now()
            _record(session, mail, "sent")
        elif mail.attempts > len(PAUSES):
            _record(session, mail, "could not be sent")
            log.error("mail.given_up", mail=mail.id, kind=mail.kind)


def _record(session: AsyncSession, mail: Mail, what: str) -> None:
    if mail.order_id is not None:
        session.add(OrderEvent(order_id=mail.order_id, kind=f"{mail.kind} {what}"))
