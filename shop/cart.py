"""The shopper's cart: a row that the cookie names by its random id."""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, joinedload, selectinload

from shop.adjustments import NO_TERMS, Terms, price
from shop.cart_changes import Seen, check_seen, just_removed, new_line, put, put_line
from shop.cart_rows import CartBook, CartLine, Change, Rows, lock_cart, read_rows
from shop.catalogue import no_such_book
from shop.charges import Charges
from shop.countries import by_name
from shop.db import Database, retried
from shop.discounts import problem_with
from shop.errors import Conflict
from shop.models import UNLIMITED, Book, Cart, CartItem, Promotion
from shop.pricing import Line, Quote
from shop.shipping import ships, unshippable
from shop.words import _, counted

LINE_LIMIT = 20  # copies of one book
CART_LIMIT = 60  # books in all


@dataclass(frozen=True)
class Basket:
    """A cart as it is at a moment; `id` is None where the visitor has none yet."""

    id: str | None = None
    revision: int = 0
    items: Sequence[CartLine] = ()
    changes: Sequence[Change] = ()  # that can be undone, oldest first
    terms: Terms = NO_TERMS
    key: int | None = None  # of its row

    @property
    def count(self) -> int:
        return sum(item.quantity for item in self.items)

    @property
    def slugs(self) -> list[str]:
        return [item.book.slug for item in self.items]

    @cached_property
    def quote(self) -> Quote:
        return quote_items(self.items, self.terms)

    @cached_property
    def unshippable(self) -> str | None:
        """Why the books cannot be sent, so that there is no total."""
        return None if self.mixed else unshippable(self.quote, self.terms.charges.shipping)

    @cached_property
    def has_total(self) -> bool:
        return not (self.mixed or self.unshippable)

    @property
    def is_sent(self) -> bool:
        return self.terms.charges.shipping is not None and ships(self.quote.lines)

    def under(self, charges: Charges) -> "Basket":
        """The same at what the shop charges beside the books."""
        return replace(self, terms=replace(self.terms, charges=charges))

    @property
    def countries(self) -> list[tuple[str, str]]:
        """Code and name of those that the shopper can choose from; none where that makes no difference."""
        return by_name(self.terms.charges.countries(self.quote.lines))

    def most(self, book: CartBook) -> int:
        """How many copies of the book the cart can hold, beside what else is in it."""
        others = sum(item.quantity for item in self.items if item.book_id != book.id)
        return max(0, min(1 if book.file else book.stock, LINE_LIMIT, CART_LIMIT - others))

    @cached_property
    def problems(self) -> dict[int, str]:
        """What stands in the way of checking out, by the book's id."""
        found = ((item.book_id, problem_of(item.book, item.quantity, self.items)) for item in self.items)
        return {book_id: problem for book_id, problem in found if problem}

    @property
    def promotion(self) -> Promotion | None:
        """The code that the shopper has typed."""
        return self.terms.promotion

    @property
    def code_problem(self) -> str | None:
        """Why the code takes nothing off."""
        code = self.promotion
        return problem_with(code, self.quote, self.terms.at) if code else None

    @property
    def mixed(self) -> bool:
        """Whether the prices are in several currencies (a price was changed), so that there is no total."""
        return len({item.book.currency for item in self.items}) > 1

    @property
    def latest(self) -> Change | None:
        """The change that made the cart what it is."""
        return next((change for change in self.changes if change.revision == self.revision), None)

    def held(self, book_id: int) -> int:
        """How many copies of the book there are in the cart."""
        return sum(item.quantity for item in self.items if item.book_id == book_id)

    def line(self, book: CartBook) -> CartLine | None:
        return next((item for item in self.items if item.book_id == book.id), None)

    def rows(self, removed: Change | None) -> Sequence[CartLine | Change]:
        """The lines; in the place of the one that was just removed, the change that did it."""
        return sorted([*self.items, *([removed] if removed else [])], key=lambda row: row.position)


async def open_cart(db: Database, cart_id: str | None) -> Basket:
    if cart_id is None:
        return Basket()
    return await db.look(lambda connection: basket_of(read_rows(connection, cart_id)))


@retried
async def open_visit(db: Database, cart_id: str | None, visit: str) -> Basket:
    """The visitor's cart. Who has none gets an empty one, by which the next request knows him; and since that request
    may come before the answer and its cookie, the same form, which bears a random `visit`, gets the same cart."""
    basket = await open_cart(db, cart_id)
    if basket.id is not None:
        return basket
    made = hashlib.sha256(visit.encode()).hexdigest()[:32]  # nobody gets at a cart by knowing its id
    with suppress(IntegrityError):
        async with db.write() as session:
            session.add(Cart(public_id=made, items=[]))
    return await open_cart(db, made)


@retried
async def add_book(
    db: Database, cart_id: str | None, slug: str, quantity: int = 1, shown: int | None = None
) -> Basket:
    """Put copies of a book into the cart, and make the cart if there is none. `shown` is the price on the page.

    Raises NotFound, and Conflict naming the limit, the stock or the currency."""
    async with db.write() as session:
        basket, book = await _with_book(session, cart_id, slug)
        # What is in a cart already may be held by its own order, so it counts the stock.
        if book.sold_out and not book.withdrawn:
            raise Conflict(_("%(title)s is sold out.", title=book.title))
        line = basket.line(book)
        if line is None:
            line = new_line(basket, book, shown)
        line = line._replace(quantity=line.quantity + quantity)
        check_fits(basket, line)
        if basket.key is None:
            basket = await _new_basket(session)
        return await put(session, basket, line)


@retried
async def set_quantity(
    db: Database,
    cart_id: str | None,
    slug: str,
    quantity: int,
    seen: Seen | None = None,
    shown: int | None = None,
) -> Basket:
    """Set how many copies of a book the cart holds; 0 removes it. `seen` and `shown` are the cart and the price that
    the page shows: a changed price is taken note of. Raises as add_book does, and Conflict for an older page."""
    async with db.write() as session:
        basket, book = await _with_book(session, cart_id, slug)
        line = basket.line(book)
        if quantity == 0 and just_removed(basket, book):
            return basket
        if line is None:
            raise Conflict(_("%(title)s is not in your cart any more.", title=book.title))
        check_seen(basket, book, seen)
        before = line
        if shown == book.price:
            line = line._replace(seen_price=book.price, seen_currency=book.currency)
        if quantity != line.quantity:
            line = line._replace(quantity=quantity)
            if quantity:
                check_fits(basket, line)
            return await put(session, basket, line, seen.page if seen else "")
        return basket if line == before else await put_line(session, basket, line)


async def read_basket(session: AsyncSession, cart_id: str | None, *, lock: bool = False) -> Basket:
    """The cart; locked against other writers where asked for."""
    return basket_of(await _find(session, cart_id, lock=lock))


async def _with_book(session: AsyncSession, cart_id: str | None, slug: str) -> tuple[Basket, CartBook]:
    """The cart, locked, and a book. Raises NotFound."""
    rows = await _find(session, cart_id, slug, lock=True)
    if rows.book is None:
        raise no_such_book()
    return basket_of(rows), rows.book


async def _find(session: AsyncSession, cart_id: str | None, slug: str | None = None, *, lock: bool) -> Rows:
    def find(found: Session) -> Rows:
        found.flush()  # rows know nothing of what the session is about to write
        if lock:
            lock_cart(found.connection(), cart_id)
        return read_rows(found.connection(), cart_id, slug)

    return await session.run_sync(find)


async def _new_basket(session: AsyncSession) -> Basket:
    session.add(cart := Cart(revision=0))
    await session.flush()
    return basket_of(Rows(cart))


async def load_cart(session: AsyncSession, cart_id: str | None) -> Cart | None:
    """The cart, locked, with its items, their books, and its changes: for whoever rewrites all of it."""
    if cart_id is None:
        return None
    parts = (selectinload(Cart.items).joinedload(CartItem.book), selectinload(Cart.changes))
    query = select(Cart).where(Cart.public_id == cart_id).options(*parts, joinedload(Cart.promotion))
    cart: Cart | None = await session.scalar(query.with_for_update(of=Cart))
    return cart


def terms_of(cart: Cart, only: Book | None = None) -> Terms:
    """What a price depends on beside the books; `only`: of a book that is bought now, beside the cart."""
    promotion = cart.promotion if cart.promotion_id and only is None else None
    return Terms(promotion, country=cart.country)


def quote_items(items: Sequence[CartItem | CartLine], terms: Terms) -> Quote:
    """What the items cost at today's prices."""
    return price([_line(item) for item in items], items[0].book.currency if items else "usd", terms)


def _line(item: CartItem | CartLine) -> Line:
    book = item.book
    before = item.seen_price if item.price_changed and item.seen_currency == book.currency else None
    of_book = (book.id, book.slug, book.title, book.authors, book.price)
    return Line(*of_book, item.quantity, before, is_file=bool(book.file))


def problem_of(book: Book | CartBook, quantity: int, items: Sequence[CartItem | CartLine]) -> str | None:
    """Why a cart with these items cannot hold so many copies of the book, in words; None if it can."""
    others = [item for item in items if item.book_id != book.id]
    copies = UNLIMITED if book.file else book.stock
    if book.withdrawn:
        return _("%(title)s is no longer sold.", title=book.title)
    if book.file and quantity > 1:
        return _("%(title)s is a file: one copy is enough for all your devices.", title=book.title)
    if copies == 0:
        return _("%(title)s is sold out.", title=book.title)
    if quantity > copies and copies < LINE_LIMIT:
        return counted(
            "There is only %(num)s copy of %(title)s left.",
            "There are only %(num)s copies of %(title)s left.",
            copies,
            title=book.title,
        )
    if quantity > LINE_LIMIT:
        return _("You can order at most %(limit)s copies of one book.", limit=LINE_LIMIT)
    if sum(item.quantity for item in others) + quantity > CART_LIMIT:
        return _(
            "A cart holds at most %(limit)s books. Check out first, then begin another.", limit=CART_LIMIT
        )
    if others and others[0].book.currency != book.currency:
        return _(
            "Your cart is in %(theirs)s and %(title)s is sold in %(its)s. Order them one after the other.",
            theirs=others[0].book.currency.upper(),
            title=book.title,
            its=book.currency.upper(),
        )
    return None


def check_fits(basket: Basket, line: CartLine) -> None:
    """Raises Conflict naming the limit, the stock or the currency."""
    if problem := problem_of(line.book, line.quantity, basket.items):
        raise Conflict(problem)


def basket_of(rows: Rows) -> Basket:
    if (cart := rows.cart) is None:
        return Basket()
    return Basket(cart.public_id, cart.revision, rows.lines, rows.changes, terms_of(cart), cart.id)
