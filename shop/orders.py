"""Orders: freezing a cart, and moving an order on when Stripe's truth about its payment has come in."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from shop.cart import load_cart, quote_items
from shop.db import Database, now
from shop.errors import BadInput, Conflict, NotFound, PaymentUnderway, TotalChanged
from shop.models import (
    Book,
    Cart,
    CartItem,
    Order,
    OrderEvent,
    OrderLine,
    OrderRevision,
    OrderStatus,
    Payment,
)
from shop.money import MAXIMUM, MINIMUM, money
from shop.pricing import Quote

LEASE = timedelta(minutes=10)
UNPAID = (OrderStatus.PENDING, OrderStatus.PROCESSING, OrderStatus.AUTHORISED)
ORDER_PAGE = (
    selectinload(Order.revisions).selectinload(OrderRevision.lines).joinedload(OrderLine.book),
    selectinload(Order.payments),
    selectinload(Order.events),
)


async def place_order(db: Database, cart_id: str | None, cart_revision: int | None = None) -> str:
    """Freeze the cart into its open order, or into a new revision of it if the cart has changed since.

    Returns the order's public id. Raises BadInput (empty, too cheap), Conflict (changed cart, stock) and
    PaymentUnderway (a changed cart while the order is being paid)."""
    async with db.write() as session:
        cart = await load_cart(session, cart_id, lock=True)
        if cart is None or not cart.items:
            raise BadInput("Your cart is empty. Put a book in it first.")
        if cart_revision not in (None, cart.revision):
            raise Conflict(
                "Your cart has changed since this page was shown. Have a look and check out again."
            )
        quote = _checked_quote(cart)
        order = await session.scalar(
            select(Order)
            .where(Order.cart_id == cart.id, Order.status == OrderStatus.PENDING, ~Order.cart_released)
            .options(*ORDER_PAGE)
        )
        if order is None:
            order = Order(cart_id=cart.id, revisions=[])
            session.add(order)
            await session.flush()
            record(session, order, "placed", money(quote.total, quote.currency))
        elif _sells(order.revisions[-1], quote):
            return order.public_id
        elif order.lease_until and order.lease_until > now():
            raise PaymentUnderway(order.public_id)
        else:
            record(session, order, "changed", money(quote.total, quote.currency))
        order.revisions.append(_freeze(quote, number=len(order.revisions) + 1))
        return order.public_id


async def find_order(db: Database, order_id: str) -> Order:
    """The order with all that its pages show. Raises NotFound."""
    async with db.read() as session:
        return await load_order(session, order_id)


async def load_order(session: AsyncSession, order_id: str, *, lock: bool = False) -> Order:
    query = select(Order).where(Order.public_id == order_id).options(*ORDER_PAGE)
    order = await session.scalar(query.with_for_update() if lock else query)
    if order is None:
        raise NotFound(
            "We know no order by this address. Check the link: it is long, and every letter counts."
        )
    return order


async def press_pay(db: Database, order_id: str, email: str, shown: int, revision: int | None = None) -> bool:
    """The shopper presses Pay on a page that shows this total: store the email and keep the amount as it is
    until the outcome. False when there is nothing left to pay.

    Raises TotalChanged."""
    async with db.write() as session:
        order = await load_order(session, order_id, lock=True)
        if order.status != OrderStatus.PENDING:
            return False
        current = order.revisions[-1]
        if shown != current.total:
            raise TotalChanged(money(shown, current.currency), money(current.total, current.currency))
        if order.revision != current.number or revision not in (None, current.number):
            raise Conflict(
                "Your cart was changed in another tab. Reload this page to see what you are paying for."
            )
        order.email = email
        order.lease_until = now() + LEASE
        record(session, order, "pay pressed", money(shown, current.currency))
        return True


async def put_back(db: Database, order_id: str, cart_id: str | None) -> str:
    """After a payment that failed late: give the books back to the visitor's cart. Returns the cart's public id."""
    async with db.write() as session:
        order = await load_order(session, order_id, lock=True)
        cart = await _cart_for(session, cart_id)
        if can_put_back(order):
            _fill(cart, sold(order))
            order.cart_id = None  # the books are in a cart again; this order stays as it is
            record(session, order, "put back")
        return cart.public_id


async def refill(db: Database, order_id: str, cart_id: str | None) -> str:
    """Make sure that the visitor's cart holds something to check out: its own books, else those of the order.
    Returns the cart's public id."""
    async with db.write() as session:
        order = await load_order(session, order_id)
        cart = await _cart_for(session, cart_id)
        if not cart.items:
            _fill(cart, sold(order))
        return cart.public_id


def can_put_back(order: Order) -> bool:
    """Whether the cart gave up its books for a payment that then came to nothing."""
    return (
        order.cart_released
        and order.cart_id is not None
        and order.status in (OrderStatus.PENDING, OrderStatus.CANCELED)
    )


def sold(order: Order) -> OrderRevision:
    """The revision whose amount Stripe has accepted, else the newest."""
    return order.revisions[(order.revision or len(order.revisions)) - 1]


async def apply_status(session: AsyncSession, order: Order, payment: Payment, number: int) -> None:
    """Move the order to where its payment is, forward only; `number` is the revision that the intent names.

    An order is paid if and only if the intent succeeded with the total and currency of that revision."""
    match payment.status:
        case "succeeded":
            await _settle(session, order, payment, number)
        case "processing":
            if await _move(
                session, order, OrderStatus.PROCESSING, (OrderStatus.PENDING, OrderStatus.AUTHORISED)
            ):
                record(session, order, "processing", payment.intent_id)
                await _release_cart(session, order, number)
        case "requires_capture":
            if await _move(
                session, order, OrderStatus.AUTHORISED, (OrderStatus.PENDING, OrderStatus.PROCESSING)
            ):
                record(session, order, "authorised", payment.intent_id)
                await _release_cart(session, order, number)
        case "canceled":
            payment.open = False
            if await _move(session, order, OrderStatus.CANCELED, UNPAID):
                record(session, order, "canceled", payment.intent_id)
        case _:
            if await _move(
                session, order, OrderStatus.PENDING, (OrderStatus.PROCESSING, OrderStatus.AUTHORISED)
            ):
                record(session, order, "payment failed", payment.error)


async def complete_free_order(db: Database, order_id: str) -> bool:
    """An order whose total is zero is complete without a payment. False if there is something to pay."""
    async with db.write() as session:
        order = await load_order(session, order_id, lock=True)
        if order.revisions[-1].total > 0 or any(payment.open for payment in order.payments):
            return False
        order.revision = order.revisions[-1].number
        await _complete(session, order, "no payment needed")
        return True


def record(session: AsyncSession, order: Order, kind: str, detail: str | None = "") -> None:
    """Leave a trace in the order's history."""
    session.add(OrderEvent(order_id=order.id, kind=kind, detail=detail or ""))


async def _cart_for(session: AsyncSession, cart_id: str | None) -> Cart:
    cart = await load_cart(session, cart_id, lock=True)
    if cart is None:
        session.add(cart := Cart(items=[], revision=0))
        await session.flush()
    return cart


def _fill(cart: Cart, revision: OrderRevision) -> None:
    for line in revision.lines:
        item = next((item for item in cart.items if item.book_id == line.book_id), None)
        if item:
            item.quantity += line.quantity
        else:
            cart.items.append(CartItem(book_id=line.book_id, book=line.book, quantity=line.quantity))
    cart.revision += 1


def _checked_quote(cart: Cart) -> Quote:
    for item in cart.items:
        if item.quantity > item.book.stock:
            raise Conflict(
                f"{item.book.title} has sold out meanwhile. Remove it to check out."
                if item.book.stock == 0
                else f"Only {item.book.stock} of {item.book.title} left. Lower the quantity to check out."
            )
    quote = quote_items(cart.items)
    least = MINIMUM.get(quote.currency, 1)
    if 0 < quote.total < least:
        raise BadInput(f"Cards cannot be charged less than {money(least, quote.currency)}. Add another book.")
    if quote.total > MAXIMUM:
        raise BadInput(
            f"One payment can be at most {money(MAXIMUM, quote.currency)}. Split the order in two."
        )
    return quote


def _sells(revision: OrderRevision, quote: Quote) -> bool:
    frozen = [(line.book_id, line.title, line.unit_price, line.quantity) for line in revision.lines]
    asked = [(line.book_id, line.title, line.unit_price, line.quantity) for line in quote.lines]
    return frozen == asked and (revision.total, revision.currency) == (quote.total, quote.currency)


def _freeze(quote: Quote, number: int) -> OrderRevision:
    return OrderRevision(
        number=number,
        currency=quote.currency,
        adjustments=[{"label": a.label, "amount": a.amount} for a in quote.adjustments],
        total=quote.total,
        lines=[
            OrderLine(
                book_id=line.book_id,
                title=line.title,
                authors=line.authors,
                unit_price=line.unit_price,
                quantity=line.quantity,
            )
            for line in quote.lines
        ],
    )


async def _settle(session: AsyncSession, order: Order, payment: Payment, number: int) -> None:
    payment.open = False
    revision = next((r for r in order.revisions if r.number == number), None)
    paid = (payment.amount_received, payment.currency)
    if revision and paid == (revision.total, revision.currency):
        order.revision = revision.number
        await _complete(session, order, f"{money(*paid)} {payment.intent_id}")
    elif await _move(session, order, OrderStatus.REVIEW, (*UNPAID, OrderStatus.CANCELED)):
        record(
            session,
            order,
            "parked",
            f"{money(*paid)} {payment.intent_id} is not the total of revision {number}",
        )


async def _complete(session: AsyncSession, order: Order, detail: str) -> None:
    """What follows from payment, once: whoever changes the row's status gets to do it."""
    if not await _move(session, order, OrderStatus.PAID, (*UNPAID, OrderStatus.CANCELED)):
        return
    order.paid_at = now()
    record(session, order, "paid", detail)
    await _release_cart(session, order, order.revision)
    for line in sorted(sold(order).lines, key=lambda line: line.book_id):
        taken = await _execute(
            session,
            update(Book)
            .where(Book.id == line.book_id, Book.stock >= line.quantity)
            .values(stock=Book.stock - line.quantity),
        )
        if not taken:
            record(session, order, "short", f"{line.quantity} × {line.title}")


async def _release_cart(session: AsyncSession, order: Order, number: int) -> None:
    """The cart gives up what was ordered, once; a book that was added meanwhile stays."""
    won = await _execute(
        session,
        update(Order).where(Order.id == order.id, ~Order.cart_released).values(cart_released=True),
    )
    cart = (
        await session.get(Cart, order.cart_id, options=[selectinload(Cart.items)]) if order.cart_id else None
    )
    revision = next((r for r in order.revisions if r.number == number), None)
    if not won or cart is None or revision is None:
        return
    ordered = {line.book_id: line.quantity for line in revision.lines}
    for item in list(cart.items):
        item.quantity -= ordered.get(item.book_id, 0)
        if item.quantity <= 0:
            cart.items.remove(item)
    cart.revision += 1


async def _move(session: AsyncSession, order: Order, to: OrderStatus, sources: Sequence[OrderStatus]) -> bool:
    """Change the status if it is one of `sources`; the shopper's lease on the amount ends with it."""
    return await _execute(
        session,
        update(Order)
        .where(Order.id == order.id, Order.status.in_(sources))
        .values(status=to, lease_until=None),
    )


async def _execute(session: AsyncSession, statement: object) -> bool:
    result = await session.execute(statement)  # type: ignore[call-overload]
    assert isinstance(result, CursorResult)
    return bool(result.rowcount)
