"""Orders: freezing a cart or one book, pressing Pay, giving books back. What Stripe says comes by `syncing`."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.adjustments import Terms
from shop.cart import load_cart, problem_of, quote_items, terms_of
from shop.catalogue import book_by_slug
from shop.charges import NO_CHARGES, Charges
from shop.db import Database, now, once_committed, retried, table
from shop.discounts import problem_with, used_up
from shop.errors import BadInput, Conflict, PaymentUnderway, TotalChanged, UnknownOrder
from shop.holding import hold
from shop.metrics import duplicate
from shop.models import (
    Book,
    Cart,
    CartItem,
    Order,
    OrderLine,
    OrderRevision,
    OrderStatus,
    PaymentKind,
    Promotion,
)
from shop.money import MAXIMUM, MINIMUM, money
from shop.order_code import read_code
from shop.order_parts import add_page_parts, lock_order, read_order
from shop.pricing import Line, Quote
from shop.redeeming import uses_left
from shop.settling import record
from shop.shipping import unshippable
from shop.subject import concerns
from shop.words import _

LEASE = timedelta(minutes=10)
ORDERS, CARTS = table(Order), table(Cart)
_open = (
    select(ORDERS.c.id)
    .join(CARTS, CARTS.c.id == ORDERS.c.cart_id)
    .where(CARTS.c.public_id == bindparam("cart"))
    .where(ORDERS.c.status == OrderStatus.PENDING, ~ORDERS.c.cart_released)
)
_of_book, _of_cart = ORDERS.c.only_book_id == bindparam("book"), ORDERS.c.only_book_id.is_(None)
# As it stands, and locked.
OPEN_OF_BOOK, OPEN_OF_CART = (
    (query, query.with_for_update(of=ORDERS)) for query in (_open.where(_of_book), _open.where(_of_cart))
)


@retried
async def place_order(
    db: Database,
    cart_id: str | None,
    cart_revision: int | None = None,
    shown: int | None = None,
    only: str | None = None,
    charges: Charges = NO_CHARGES,
    also: Callable[[AsyncSession, Order], Awaitable[None]] | None = None,
) -> Order:
    """Freeze the cart into its open order, or into a new revision of it if the cart has changed since. `only`: the
    slug of a book that is bought now, one copy; what is in the cart does not matter then. `also`: what is written down
    in the same commit, of an order that is to be paid.

    `cart_revision` and `shown` (the total) are what the page shows. Raises BadInput
    (empty, too cheap), Conflict (changed cart, stock, …), TotalChanged (a price was changed) and PaymentUnderway (a
    changed cart, and a press on Pay whose outcome is open)."""
    async with db.write() as session:
        book = await book_by_slug(session, only) if only else None
        # The order is locked before the cart, as whoever settles does.
        order = await _open_order(session, cart_id, book, lock=True)
        cart = await load_cart(session, cart_id)
        items = [CartItem(book_id=book.id, book=book, quantity=1)] if book else cart.items if cart else []
        if cart and not items and (just_bought := await _just_bought(session, cart, book)):
            return just_bought
        if cart is None or not items:
            raise BadInput(_("Your cart is empty. Put a book in it first."))
        if cart_revision not in (None, cart.revision):
            raise Conflict(
                _("Your cart has changed since this page was shown. Have a look and check out again.")
            )
        # Another tab may have been quicker, before the cart was locked.
        order = order or await _open_order(session, cart_id, book, lock=True)
        terms = replace(terms_of(cart, only=book), charges=charges)
        quote = quote_items(items, terms)
        if terms.promotion:
            await _check_code(session, terms.promotion, quote, terms, order)
        if shown not in (None, quote.total):
            raise TotalChanged(quote.money(shown or 0), quote.money(quote.total))
        code = terms.promotion.id if terms.promotion and quote.discount else None
        if order and _sells(order.revisions[-1], quote, code):
            once_committed(session, duplicate("checkout"))
            if also:
                await also(session, order)
            return order
        # Where nothing is left to pay, a second press comes after the first has bought it.
        if book and quote.total == 0 and (just_bought := await _just_bought(session, cart, book)):
            return just_bought
        _check(items, quote, charges, alone=book is not None)
        if order is None:
            order = Order(cart_id=cart.id, only_book_id=book and book.id)
            order.revisions, order.payments, order.refunds = [], [], []
            session.add(order)
            await session.flush()
            concerns(order=order.public_id)
        elif order.press_is_open:
            raise PaymentUnderway(order.public_id)
        number = len(order.revisions) + 1
        order.revisions.append(_freeze(quote, number, code))
        record(session, order, "changed" if number > 1 else "placed", money(quote.total, quote.currency))
        if also:
            await also(session, order)
        return order


async def find_order(db: Database, order_id: str) -> Order:
    """The order with all that its pages show. Raises NotFound."""
    async with db.glance() as session:
        return await load_order(session, order_id)


async def glance_at(db: Database, order_id: str) -> Order:
    """The order with what a step of its purchase asks for: its revisions, payments and refunds. Raises NotFound."""
    async with db.glance() as session:
        return await read_order(session, order_id)


async def order_named(db: Database, text: str) -> str:
    """The public id of the order that an operator names, by its code, its address or the id in it. Raises NotFound."""
    id_or_code = text.rstrip("/").rpartition("/")[2]
    named = or_(Order.public_id == id_or_code, Order.code == (read_code(id_or_code) or ""))
    async with db.read() as session:
        found = await session.scalar(select(Order.public_id).where(named))
    if found is None:
        raise UnknownOrder
    return found


async def load_order(session: AsyncSession, order_id: str) -> Order:
    """For a page. Raises NotFound."""
    order = await read_order(session, order_id)
    await add_page_parts(session, order)
    return order


@retried
async def remember_email(db: Database, order_id: str, email: str | None) -> None:
    async with db.write() as session:
        unpaid = (Order.public_id == order_id, Order.status == OrderStatus.PENDING)
        await session.execute(update(Order).where(*unpaid).values(email=email))


@retried
async def hold_amount(db: Database, order_id: str, shown: int, revision: int | None) -> bool:
    """The shopper has pressed Pay on a page that shows this total: keep the amount until the outcome, at most ten
    minutes. False when there is nothing left to pay.

    Raises TotalChanged, Conflict if the page shows another revision at the same price, CodeRefused, SoldOut."""
    async with db.write() as session:
        order = await lock_order(session, order_id)
        if order.status != OrderStatus.PENDING or order.press_is_open:
            once_committed(session, duplicate("press"))
        if order.status != OrderStatus.PENDING:
            return False
        current = order.in_force
        check_shown(current, shown, revision)
        if order.revision != current.number:
            raise _changed_elsewhere()
        if order.open_payment is None or order.open_payment.kind is not PaymentKind.INTENT:
            raise chosen_elsewhere()
        await hold(session, order, current)
        order.lease_until = now() + LEASE
        record(session, order, "pay pressed", money(shown, current.currency))
        return True


def check_shown(current: OrderRevision, shown: int | None, number: int | None) -> None:
    """What the page shows is what is to be paid, as far as the page says what it shows. Raises
    TotalChanged, and Conflict for another revision at the same price."""
    if shown not in (None, current.total):
        raise TotalChanged(money(shown or 0, current.currency), money(current.total, current.currency))
    if number not in (None, current.number):
        raise _changed_elsewhere()


def chosen_elsewhere() -> Conflict:
    return Conflict(_("You have chosen another way of paying in another tab. Reload this page to go on."))


def _changed_elsewhere() -> Conflict:
    return Conflict(
        _("Your cart was changed in another tab. Reload this page to see what you are paying for.")
    )


@retried
async def put_back(db: Database, order_id: str, cart_id: str | None) -> str | None:
    """Give the books of a cancelled order back to the visitor's cart, if the cart had given them up.

    Returns the cart's public id; None if they are not to be given back (any more)."""
    async with db.write() as session:
        order = await lock_order(session, order_id)
        if order.status != OrderStatus.CANCELED or not order.holds_books:
            return None
        cart = await _cart_for(session, cart_id)
        await _fill(session, cart, order.in_force)
        order.cart_id = None  # the books are in a cart again: they are given back once
        record(session, order, "put back")
        return cart.public_id


@retried
async def refill(db: Database, order_id: str, cart_id: str | None) -> str:
    """Make sure that the visitor's cart holds something to check out: its own books, else those of the order.
    Returns the cart's public id."""
    async with db.write() as session:
        order = await load_order(session, order_id)
        cart = await _cart_for(session, cart_id)
        if not cart.items:
            await _fill(session, cart, order.in_force)
        return cart.public_id


async def pressed_order(db: Database, cart_id: str | None, only: str | None = None) -> str | None:
    """The public id of the order, of the cart or of one book, whose press on Pay has no outcome yet."""
    async with db.read() as session:
        order = await _open_order(session, cart_id, await book_by_slug(session, only) if only else None)
        return order.public_id if order and order.press_is_open else None


async def unpaid_order(db: Database, cart_id: str | None) -> str | None:
    """The public id of the newest order that waits for this visitor to pay it."""
    mine = (Cart.public_id == cart_id, Order.status == OrderStatus.PENDING, ~Order.cart_released)
    query = select(Order.public_id).join(Cart, Cart.id == Order.cart_id).where(*mine)
    async with db.read() as session:
        found: str | None = await session.scalar(query.order_by(Order.id.desc()).limit(1))
        return found


async def book_bought_now(db: Database, order_id: str) -> str | None:
    """The slug of the book, if the order was made by Buy now."""
    bought = select(Book.slug).join(Order, Order.only_book_id == Book.id).where(Order.public_id == order_id)
    async with db.read() as session:
        slug: str | None = await session.scalar(bought)
        return slug


async def _open_order(
    session: AsyncSession, cart_id: str | None, only: Book | None, *, lock: bool = False
) -> Order | None:
    query, whose = (OPEN_OF_BOOK, {"book": only.id}) if only else (OPEN_OF_CART, {})
    found = await session.scalar(query[lock], {"cart": cart_id, **whose})
    return await read_order(session, found) if found is not None else None


async def _just_bought(session: AsyncSession, cart: Cart, book: Book | None) -> Order | None:
    """Where nothing was left to pay, a second press comes after the first has bought it."""
    what = Order.only_book_id == book.id if book else Order.only_book_id.is_(None)
    mine = (Order.cart_id == cart.id, what, Order.status == OrderStatus.PAID, ~Order.payments.any())
    query = select(Order.id).where(*mine, Order.paid_at > now() - timedelta(minutes=1))
    found = await session.scalar(query.order_by(Order.id.desc()).limit(1))
    return await read_order(session, found) if found is not None else None


async def _check_code(
    session: AsyncSession, promotion: Promotion, quote: Quote, terms: Terms, order: Order | None
) -> None:
    problem = problem_with(promotion, quote, terms.at)
    if problem is None and quote.discount and not await uses_left(session, promotion, order):
        problem = used_up(promotion)
    if problem:
        raise Conflict(_("%(problem)s Remove it to check out at the full price.", problem=problem))


def _check(items: Sequence[CartItem], quote: Quote, charges: Charges, *, alone: bool) -> None:
    for item in items:
        if problem := problem_of(item.book, item.quantity, items):
            raise Conflict(
                problem if alone else _("%(problem)s Change your cart to check out.", problem=problem)
            )
        if alone and not item.book.available:
            raise Conflict(_("%(title)s is sold out.", title=item.book.title))
    if problem := unshippable(quote, charges.shipping):
        raise BadInput(problem)
    least = MINIMUM.get(quote.currency, 1)
    if 0 < quote.total < least:
        advice = _("Put it in your cart with another book.") if alone else _("Add another book.")
        raise BadInput(
            _("Cards cannot be charged less than %(least)s.", least=money(least, quote.currency))
            + f" {advice}"
        )
    if quote.total > MAXIMUM:
        raise BadInput(
            _(
                "One payment can be at most %(most)s. Split the order in two.",
                most=money(MAXIMUM, quote.currency),
            )
        )


def _sells(revision: OrderRevision, quote: Quote, code: str | None) -> bool:
    def what(line: OrderLine | Line) -> tuple[Any, ...]:
        return line.book_id, line.title, line.unit_price, line.quantity, line.discount, line.tax

    same_lines = [what(line) for line in revision.lines] == [what(line) for line in quote.lines]
    sold = (quote.total, quote.currency, quote.country)
    same_price = (revision.total, revision.currency, revision.country) == sold
    same_terms = (revision.adjusted, revision.promotion_id) == (list(quote.adjustments), code)
    return same_lines and same_price and same_terms


def _freeze(quote: Quote, number: int, code: str | None) -> OrderRevision:
    return OrderRevision(
        number=number,
        currency=quote.currency,
        adjustments=[asdict(adjustment) for adjustment in quote.adjustments],
        promotion_id=code,
        total=quote.total,
        country=quote.country,
        lines=[
            OrderLine(
                book_id=line.book_id,
                title=line.title,
                authors=line.authors,
                unit_price=line.unit_price,
                price_before=line.price_before,
                quantity=line.quantity,
                discount=line.discount,
                tax=line.tax,
            )
            for line in quote.lines
        ],
    )


async def _cart_for(session: AsyncSession, cart_id: str | None) -> Cart:
    cart = await load_cart(session, cart_id)
    if cart is None:
        session.add(cart := Cart(items=[], changes=[], revision=0))
        await session.flush()
    return cart


async def _fill(session: AsyncSession, cart: Cart, revision: OrderRevision) -> None:
    """Limits, currencies and codes are told by the cart page, where the shopper can do something about them."""
    cart.promotion_id = cart.promotion_id or revision.promotion_id
    cart.changes.clear()
    for line in revision.lines:
        cart.revision += 1
        item = next((item for item in cart.items if item.book_id == line.book_id), None)
        if item:
            item.quantity += line.quantity
        else:
            item = CartItem(book_id=line.book_id, quantity=line.quantity, position=cart.revision)
            item.seen_price, item.seen_currency = line.unit_price, revision.currency
            cart.items.append(item)
    await session.flush()
