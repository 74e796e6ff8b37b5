"""What an operator wants refunded: held against what was received and what has gone back, written down, sent.

The same wish twice is one refund: one that was begun and not sent is finished, one that was sent is not repeated unless
that is asked for."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.db import Database, retried
from shop.errors import Conflict, PaymentUnavailable, ShopError
from shop.gateway import Gateway
from shop.models import (
    Book,
    Order,
    OrderLine,
    OrderStatus,
    Payment,
    Refund,
    RefundStatus,
    random_id,
)
from shop.money import minor_units, money
from shop.order_parts import lock_order
from shop.orders import find_order, load_order
from shop.refunds import copies, send_refund
from shop.settling import owe_refund
from shop.syncing import sync_order
from shop.words import _


@dataclass(frozen=True)
class Wish:
    """Neither lines nor an amount: all that is left."""

    lines: Mapping[str, int | None] = field(default_factory=dict)  # copies by slug; None: all that are left
    amount: str | None = None  # as people write it, in the order's currency
    restock: bool = False  # the copies are here again
    reason: str = ""
    again: bool = False  # though the same has been refunded before
    # Of a form that was shown before: its own id, by which it is one refund however often it is sent, and what was
    # left to refund when it was shown, which must still be so.
    id: str | None = None
    left: int | None = None

    @property
    def is_whole(self) -> bool:
        return not self.lines and self.amount is None


class RefundRefused(ShopError):
    heading = "Nothing was refunded"


class RefundWaits(ShopError):
    """It is written down, and Stripe has not answered yet."""

    heading = "The refund is not made yet"

    def __init__(self) -> None:
        super().__init__(
            "Stripe does not answer. It is written down and will be made once, by the running shop or by the same "
            "command."
        )


async def refund_order(db: Database, gateway: Gateway, order_id: str, wish: Wish) -> Refund:
    """Raises NotFound, RefundRefused, RefundWaits."""
    order = await find_order(db, order_id)
    begun = {refund.id for refund in order.refunds if refund.status is RefundStatus.REQUESTED}
    try:
        # What was done in the dashboard counts; what was begun is sent.
        await sync_order(db, gateway, order_id)
    except PaymentUnavailable as error:
        raise RefundRefused("Stripe does not answer. Try again in a moment.") from error
    refund = await _write_down(db, order_id, wish, begun)
    try:
        refund = await send_refund(db, gateway, refund.id)
    except PaymentUnavailable as error:
        raise RefundWaits from error
    if not refund.counts:
        raise RefundRefused(f"Stripe did not make the refund ({refund.failure}).")
    return refund


@dataclass(frozen=True)
class Plan:
    """What a wish comes to."""

    payment: Payment
    amount: int
    copies: Mapping[OrderLine, int]


async def foresee(db: Database, order_id: str, wish: Wish) -> Plan:
    """What a refund would give back, by what is known here. Raises NotFound, RefundRefused."""
    async with db.read() as session:
        order = await load_order(session, order_id)
        return _plan(order, wish, await _part(session, order, order.paid_payment, wish))


def copies_left(order: Order) -> dict[OrderLine, int]:
    """How many copies of each line have not been refunded by line."""
    gone = _gone(order)
    return {line: line.quantity - gone[line.book_id] for line in order.in_force.lines}


@retried
async def _write_down(db: Database, order_id: str, wish: Wish, begun: Collection[int]) -> Refund:
    """The row that fulfils the wish: a new one, or one that was begun for the same wish."""
    async with db.write() as session:
        paid = await _paid_payment(session, order_id)
        order = await lock_order(session, order_id)
        if sent_before := next((refund for refund in order.refunds if refund.public_id == wish.id), None):
            return sent_before
        part = await _part(session, order, paid, wish)
        if same := _same(order, wish, part.amount, part.lines):
            if same.id in begun and wish.id is None:
                return same
            if not wish.again and (part.amount or any(part.lines.values())):
                raise RefundRefused(
                    f"The same refund ({money(same.amount, same.currency)}) has been made before. Say --again if it is "
                    "to be made once more."
                )
        if wish.left not in (None, order.left_to_refund):
            raise Conflict(_("Something else was refunded since that page was made. Look at what is left."))
        plan = _plan(order, wish, part)
        refund = owe_refund(session, order, plan.payment, plan.amount, wish.reason)
        refund.lines = [{"book_id": line.book_id, "quantity": count} for line, count in plan.copies.items()]
        refund.restock, refund.public_id = wish.restock, wish.id or random_id()
        return refund


@dataclass(frozen=True)
class _Part:
    """A wish, held against the order: its amount in minor units, its lines with how many copies of each."""

    payment: Payment
    amount: int | None
    lines: Mapping[OrderLine, int | None]


async def _part(session: AsyncSession, order: Order, paid: Payment | None, wish: Wish) -> _Part:
    if paid is None:
        raise RefundRefused("No payment was received for this order.")
    if len(wish.reason) > 200:
        raise RefundRefused("A reason has at most 200 letters.")
    if wish.restock and wish.amount is not None:
        raise RefundRefused("An amount names no books: restock with the lines or with the whole.")
    amount = _amount(wish.amount, paid.currency) if wish.amount is not None else None
    lines = {await _line(session, order, slug): count for slug, count in wish.lines.items()}
    return _Part(paid, amount, lines)


def _plan(order: Order, wish: Wish, part: _Part) -> Plan:
    chosen, amount = _chosen(order, part.lines, wish), part.amount
    if amount is None and not wish.is_whole:
        amount = sum(share(line, _gone(order)[line.book_id], chosen[line]) for line in chosen)
    _check(order, part.payment, amount)
    return Plan(part.payment, order.left_to_refund if amount is None else amount, chosen)


def share(line: OrderLine, before: int, count: int) -> int:
    """What was paid for `count` copies after the first `before`, to the last cent; its
    tax included; what was added (shipping) stays with
    the whole."""
    paid = line.amount - line.discount + (line.tax or 0)
    return paid * (before + count) // line.quantity - paid * before // line.quantity


async def _paid_payment(session: AsyncSession, order_id: str) -> Payment | None:
    mine = (Order.public_id == order_id, Payment.status == "succeeded")
    query = (
        select(Payment).join(Order, Order.id == Payment.order_id).where(*mine).order_by(Payment.id).limit(1)
    )
    payment: Payment | None = await session.scalar(query.with_for_update(of=Payment))
    return payment


def _amount(text: str, currency: str) -> int:
    try:
        return minor_units(text, currency)
    except ValueError:
        raise RefundRefused(f"{text} is not an amount in {currency.upper()}: write it like 5.00.") from None


async def _line(session: AsyncSession, order: Order, slug: str) -> OrderLine:
    if order.status is not OrderStatus.PAID:
        raise RefundRefused("What was paid does not match the order's lines: refund the whole, or an amount.")
    book_id = await session.scalar(select(Book.id).where(Book.slug == slug))
    line = next((line for line in order.in_force.lines if line.book_id == book_id), None)
    if line is None:
        raise RefundRefused(f"{slug} is not in this order: a line is named as in its book's address.")
    return line


def _same(
    order: Order, wish: Wish, amount: int | None, wanted: Mapping[OrderLine, int | None]
) -> Refund | None:
    """The newest refund that fulfils the wish already."""
    for refund in reversed([refund for refund in order.refunds if refund.counts]):
        books = copies(refund.lines)
        if wish.is_whole:
            fits = order.left_to_refund == 0
        elif amount is not None:
            fits = not books and refund.amount == amount
        else:
            fits = books.keys() == {line.book_id for line in wanted} and all(
                count in (None, books[line.book_id]) for line, count in wanted.items()
            )
        if fits:
            return refund
    return None


def _chosen(order: Order, wanted: Mapping[OrderLine, int | None], wish: Wish) -> dict[OrderLine, int]:
    """How many copies of which lines the refund is for; none if it is for an amount."""
    gone, chosen = _gone(order), {}
    for line in order.in_force.lines if wish.is_whole and order.status is OrderStatus.PAID else wanted:
        left = line.quantity - gone[line.book_id]
        count = wanted.get(line) or left
        if line in wanted and not 0 < count <= left:
            raise RefundRefused(f"Of {line.title}, {left} of {line.quantity} are left to refund.")
        if count:
            chosen[line] = count
    return chosen


def _gone(order: Order) -> Counter[int]:
    """Copies by book that have been refunded by line."""
    return sum((copies(refund.lines) for refund in order.refunds if refund.counts), Counter[int]())


def _check(order: Order, paid: Payment, amount: int | None) -> None:
    left, received = order.left_to_refund, money(paid.amount_received, paid.currency)
    if left <= 0:
        raise RefundRefused(f"All of {received} has gone back or is on its way.")
    if amount == 0:
        raise RefundRefused("Nothing was paid for that.")
    if amount is not None and amount > left:
        asked = money(amount, paid.currency)
        raise RefundRefused(
            f"{asked} is more than the {money(left, paid.currency)} of {received} that is left."
        )
