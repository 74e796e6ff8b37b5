"""Orders as whoever runs the shop looks for them, and all that is known of one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import selectinload

from shop.db import Database
from shop.errors import BadInput
from shop.models import (
    Book,
    Mail,
    Order,
    OrderLine,
    OrderRevision,
    OrderStatus,
    Payment,
    Refund,
    StockHold,
    StripeEvent,
)
from shop.order_code import read_code
from shop.orders import load_order
from shop.outbox import RECEIPT
from shop.search import read_isbn
from shop.words import _, gettext_noop

PAGE_SIZE = 25
LONGEST = 200
STATUSES = {
    OrderStatus.PENDING: gettext_noop("not paid"),
    OrderStatus.PROCESSING: gettext_noop("with the bank"),
    OrderStatus.AUTHORISED: gettext_noop("authorised"),
    OrderStatus.PAID: gettext_noop("paid"),
    OrderStatus.CANCELED: gettext_noop("cancelled"),
    OrderStatus.REVIEW: gettext_noop("to be looked at"),
}


class BadDate(BadInput):
    def __init__(self, field: str, typed: str) -> None:
        super().__init__(_("“%(typed)s” is no date: write it like 2026-11-22.", typed=typed[:40]))
        self.field = field


@dataclass(frozen=True)
class Filters:
    """What stands in the address of a list of orders."""

    q: str = ""  # a code, an email address or a part of it, an id of Stripe's, a title or an ISBN
    status: str = ""
    since: str = ""  # days in UTC, both included
    until: str = ""
    before: str = ""  # the public id of the last order on the page before

    @classmethod
    def read(cls, args: Mapping[str, str]) -> "Filters":
        return cls(**{name: args.get(name, "").strip()[:LONGEST] for name in cls.__dataclass_fields__})

    def address(self, **changes: str) -> dict[str, str]:
        return {name: value for name, value in vars(replace(self, **changes)).items() if value}

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        """Raises BadDate."""
        wanted = []
        if self.q:
            wanted.append(or_(*_named(self.q)))
        if self.status in list(OrderStatus):
            wanted.append(Order.status == OrderStatus(self.status))
        if self.since:
            wanted.append(Order.created_at >= _day("since", self.since))
        if self.until:
            wanted.append(Order.created_at < _day("until", self.until) + timedelta(days=1))
        return wanted


@dataclass(frozen=True)
class Page:
    orders: Sequence[Order]
    older: str | None = None  # the public id after which there are more


async def list_orders(db: Database, filters: Filters) -> Page:
    """The newest first. Raises BadDate."""
    query = select(Order).where(*filters.conditions).order_by(Order.id.desc()).limit(PAGE_SIZE + 1)
    if filters.before:
        last = select(Order.id).where(Order.public_id == filters.before).scalar_subquery()
        query = query.where(Order.id < last)
    parts = (selectinload(Order.revisions).selectinload(OrderRevision.lines), selectinload(Order.payments))
    async with db.read() as session:
        found = (await session.scalars(query.options(*parts))).all()
    shown = found[:PAGE_SIZE]
    return Page(shown, shown[-1].public_id if len(found) > PAGE_SIZE else None)


@dataclass(frozen=True)
class Story:
    """All that is known of an order."""

    order: Order
    holds: Sequence[StockHold]
    books: Mapping[int, Book]  # by id: of every revision, of holds and of refunds
    letters: Sequence[Mail]
    stripe_events: Sequence[StripeEvent]

    @property
    def receipts(self) -> int:
        return sum(letter.kind.startswith(RECEIPT) for letter in self.letters)


async def tell(db: Database, order_id: str) -> Story:
    """Raises NotFound."""
    async with db.read() as session:
        order = await load_order(session, order_id)
        mine = StockHold.order_id == order.id
        holds = (await session.scalars(select(StockHold).where(mine).order_by(StockHold.book_id))).all()
        sold = {line.book_id for revision in order.revisions for line in revision.lines}
        wanted = Book.id.in_(sold | {hold.book_id for hold in holds})
        books = {book.id: book for book in await session.scalars(select(Book).where(wanted))}
        letters = (
            await session.scalars(select(Mail).where(Mail.order_id == order.id).order_by(Mail.id))
        ).all()
        ids = [i for payment in order.payments for i in (payment.intent_id, payment.session_id) if i]
        about = select(StripeEvent).where(StripeEvent.about.in_(ids)).order_by(StripeEvent.received_at)
        return Story(order, holds, books, letters, (await session.scalars(about)).all())


def _named(text: str) -> list[ColumnElement[bool]]:
    """An order is found by what it is called, by whom it is for, by what Stripe calls it, or by a book in it."""
    if text.startswith(("pi_", "cs_", "ch_", "py_", "re_", "pyr_")):
        ids = (Payment.intent_id, Payment.session_id, Payment.latest_charge)
        paid = exists().where(Payment.order_id == Order.id, or_(*(column == text for column in ids)))
        return [paid, exists().where(Refund.order_id == Order.id, Refund.refund_id == text)]
    sold = select(OrderLine.id).join(OrderRevision).where(OrderRevision.order_id == Order.id)
    if isbn := read_isbn(text):
        return [sold.join(Book, Book.id == OrderLine.book_id).where(Book.isbn == isbn).exists()]
    return [
        Order.code == (read_code(text) or ""),
        Order.public_id == text.rstrip("/").rpartition("/")[2],
        func.lower(Order.email).contains(text.lower(), autoescape=True),
        sold.where(func.lower(OrderLine.title).contains(text.lower(), autoescape=True)).exists(),
    ]


def _day(field: str, typed: str) -> datetime:
    try:
        day = date.fromisoformat(typed)
        return datetime(day.year, day.month, day.day, tzinfo=UTC) if day < date.max else _refuse(field, typed)
    except ValueError:
        return _refuse(field, typed)


def _refuse(field: str, typed: str) -> datetime:
    raise BadDate(field, typed)
