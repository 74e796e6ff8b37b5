"""Moving an order on when Stripe's truth about its payment has come in. Forward only, and each step once."""

from collections.abc import Sequence

import structlog
from sqlalchemy import Integer, bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.db import Database, count_changed, now, retried, table
from shop.holding import free, take
from shop.metrics import count_step
from shop.models import (
    Book,
    Cart,
    CartChange,
    CartItem,
    Download,
    Order,
    OrderEvent,
    OrderLine,
    OrderRevision,
    OrderStatus,
    Payment,
    PaymentKind,
    Refund,
    RefundStatus,
)
from shop.money import money
from shop.order_parts import lock_order
from shop.outbox import RECEIPT, owe_first
from shop.redeeming import CodeRefused
from shop.stock import SoldOut

log = structlog.get_logger()
HALFWAY = (OrderStatus.PROCESSING, OrderStatus.AUTHORISED)
UNPAID = (OrderStatus.PENDING, *HALFWAY)
# An intent's, in Stripe's words.
PAYABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
BOOKS, LINES = table(Book), table(OrderLine)
ITEMS, CHANGES = table(CartItem), table(CartChange)
OF_CART, REVISION = bindparam("cart", type_=Integer), bindparam("revision", type_=Integer)
CART = select(Cart).where(Cart.id == OF_CART).with_for_update().execution_options(populate_existing=True)
FILES = (
    select(BOOKS.c.id)
    .join(LINES, LINES.c.book_id == BOOKS.c.id)
    .where(LINES.c.revision_id == REVISION, BOOKS.c.file.is_not(None))
    .order_by(BOOKS.c.id)
)
ORDERED = (
    select(LINES.c.quantity)
    .where(LINES.c.revision_id == REVISION, LINES.c.book_id == ITEMS.c.book_id)
    .correlate(ITEMS)
    .scalar_subquery()
)
BOUGHT = delete(ITEMS).where(ITEMS.c.cart_id == OF_CART, ITEMS.c.quantity <= ORDERED)
FEWER = (
    update(ITEMS)
    .where(ITEMS.c.cart_id == OF_CART, ITEMS.c.quantity > ORDERED)
    .values(quantity=ITEMS.c.quantity - ORDERED)
)
FORGETTING = delete(CHANGES).where(CHANGES.c.cart_id == OF_CART)


async def apply_status(
    session: AsyncSession, order: Order, payment: Payment, revision: OrderRevision | None
) -> None:
    """Move the order to where its payment is; `revision` is the one that the intent names, if it is one of ours.

    An order is paid if and only if the intent succeeded with the total and currency of that revision."""
    was_open = payment.open
    match payment.status:
        case "succeeded":
            await _settle(session, order, payment, revision)
        case "processing":
            if _move(order, OrderStatus.PROCESSING, (OrderStatus.PENDING, OrderStatus.AUTHORISED)):
                record(session, order, "processing", payment.intent_id)
                await _release_cart(session, order, revision)
        case "requires_capture":
            if _move(order, OrderStatus.AUTHORISED, (OrderStatus.PENDING, OrderStatus.PROCESSING)):
                record(session, order, "authorised", payment.intent_id)
                await _release_cart(session, order, revision)
        case "canceled" if was_open:
            await _close(session, order, payment)
            let_go = order.status is OrderStatus.AUTHORISED  # by us or, after some days, by the bank
            another_way = payment.kind is PaymentKind.SESSION and not let_go
            if payment.closing or another_way:
                _move(order, OrderStatus.PENDING, HALFWAY)
            elif _move(order, OrderStatus.CANCELED, UNPAID):
                record(session, order, "canceled", payment.intent_id)
        case _ if was_open:  # a delayed payment that failed: the shopper may try again
            _move(order, OrderStatus.PENDING, HALFWAY)
            if payment.session_status in ("complete", "expired"):  # and can be paid no more
                await _close(session, order, payment)
                record(session, order, f"session {payment.session_status}", payment.session_id)


async def end_press(session: AsyncSession, order: Order) -> None:
    """A press on Pay has come to nothing: the amount may change again, and others may have the books and the code."""
    order.lease_until = None
    await free(session, order)


async def give_up(session: AsyncSession, order: Order, why: str) -> None:
    """No way of paying is left: an order that waited for the shopper is cancelled, others are left to a person."""
    if _move(order, OrderStatus.CANCELED, (OrderStatus.PENDING,)):
        if order.open_payment:
            order.open_payment.open = False
        await free(session, order)
        record(session, order, "canceled", why)


async def _close(session: AsyncSession, order: Order, payment: Payment) -> None:
    payment.open = False
    await end_press(session, order)


@retried
async def complete_free_order(db: Database, order_id: int) -> bool:
    """An order whose total is zero is complete without a payment. False if it is not so. Raises CodeRefused,
    SoldOut."""
    async with db.write() as session:
        order = await lock_order(session, order_id)
        unpaid = order.status is OrderStatus.PENDING and not any(payment.open for payment in order.payments)
        if order.in_force.total > 0 or not unpaid:
            return False
        order.revision = order.in_force.number
        await take(session, order, order.in_force)
        await _complete(session, order, "no payment needed")
        return True


def owe_refund(session: AsyncSession, order: Order, payment: Payment, amount: int, reason: str) -> Refund:
    """Write down that money is to go back; `refunds.send_refunds` asks Stripe for it. The order has its parts."""
    refund = Refund(payment_id=payment.id, amount=amount, currency=payment.currency, reason=reason)
    refund.status, refund.lines, refund.restock, refund.restocked = RefundStatus.REQUESTED, [], False, []
    order.refunds.append(refund)
    record(session, order, "refund owed", f"{money(amount, payment.currency)}: {reason}")
    return refund


def record(session: AsyncSession, order: Order, kind: str, detail: str | None = "") -> None:
    """Leave a trace in the order's history."""
    session.add(OrderEvent(order_id=order.id, kind=kind, detail=detail or ""))
    count_step(session, kind)


async def _settle(
    session: AsyncSession, order: Order, payment: Payment, revision: OrderRevision | None
) -> None:
    payment.open = False
    received = (payment.amount_received, payment.currency)
    if revision and received == (revision.total, revision.currency):
        order.revision = revision.number
        if await _complete(session, order, f"{money(*received)} {payment.intent_id}"):
            await _take_or_owe_refund(session, order, payment)
    elif _move(order, OrderStatus.REVIEW, (*UNPAID, OrderStatus.CANCELED)):
        record(session, order, "parked", f"{money(*received)} {payment.intent_id} is not what was to be paid")
        await _release_cart(session, order, revision or order.in_force)


async def _complete(session: AsyncSession, order: Order, detail: str) -> bool:
    """What follows from payment, once: whoever changes the status of the row, which is locked, gets to do it."""
    if not _move(order, OrderStatus.PAID, (*UNPAID, OrderStatus.CANCELED)):
        return False
    order.paid_at = now()
    record(session, order, "paid", detail)
    with session.no_autoflush:  # none of what is asked for has been changed, so that one flush does for all
        await _release_cart(session, order, order.in_force)
        await _grant_downloads(session, order)
    owe_first(session, order, RECEIPT)
    return True


async def _grant_downloads(session: AsyncSession, order: Order) -> None:
    """The files among what was sold can be fetched from now on."""
    files = await session.scalars(FILES, {"revision": order.in_force.id})
    session.add_all(Download(order_id=order.id, book_id=book_id) for book_id in files)


async def _take_or_owe_refund(session: AsyncSession, order: Order, payment: Payment) -> None:
    """The press holds books and code, so this fails only where it was bypassed. No charge is kept without them."""
    try:
        with session.no_autoflush:  # as above
            await take(session, order, order.in_force)
    except (CodeRefused, SoldOut) as short:
        await free(session, order)
        # Somebody may have been quicker in the dashboard.
        left = payment.amount_received - payment.amount_refunded
        if left > 0:
            owe_refund(session, order, payment, left, short.why)
        log.error("order.short", why=short.why, order=order.public_id)


async def _release_cart(session: AsyncSession, order: Order, revision: OrderRevision | None) -> None:
    """The cart gives up what was ordered, once, and the code; a book that was added meanwhile stays. What was bought
    now never was in it."""
    if order.cart_released:  # under the lock on its row
        return
    order.cart_released = True
    if revision is None or order.only_book_id is not None:
        return
    cart = await session.scalar(CART, {"cart": order.cart_id})
    if cart is None:
        return
    bought = {"cart": cart.id, "revision": revision.id}
    if await count_changed(session, BOUGHT, bought) < len(revision.lines):
        await session.execute(FEWER, bought)
    if cart.promotion_id == revision.promotion_id:
        cart.promotion_id = None
    await session.execute(FORGETTING, {"cart": cart.id})  # undone, they would bring back what was bought
    cart.revision += 1


def _move(order: Order, to: OrderStatus, sources: Sequence[OrderStatus]) -> bool:
    """Change the status if it is one of `sources`; the shopper's lease on the amount ends with it."""
    if order.status not in sources:  # under the lock on its row
        return False
    order.status, order.lease_until = to, None
    return True
