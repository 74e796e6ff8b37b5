"""The shopper's cart: a row that the cookie names by its random id."""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from shop.adjustments import NO_TERMS, Terms, price
from shop.cart_changes import Seen, check_seen, item_of, just_removed, put
from shop.catalogue import book_by_slug
from shop.charges import Charges
from shop.countries import by_name
from shop.db import Database, retried
from shop.discounts import problem_with
from shop.errors import Conflict
from shop.models import UNLIMITED, Book, Cart, CartChange, CartItem, Promotion
from shop.pricing import Line, Quote
from shop.shipping import ships, unshippable
from shop.words import _, counted

LINE_LIMIT = 20  # copies of one book
CART_LIMIT = 60  # books in all


@dataclass(frozen=True)
class Basket:
    """A cart as a page shows it; `id` is None where the visitor has none yet."""

    id: str | None = None
    revision: int = 0
    items: Sequence[CartItem] = ()
    changes: Sequence[CartChange] = ()  # that can be undone, oldest first
    terms: Terms = NO_TERMS

    @property
    def count(self) -> int:
        return sum(item.quantity for item in self.items)

    @property
    def slugs(self) -> list[str]:
        return [item.book.slug for item in self.items]

    @cached_property
    def quote(self) -> Quote:
        return quote_items(self.items, self.terms)

    @property
    def unshippable(self) -> str | None:
        """Why the books cannot be sent, so that there is no total."""
        return None if self.mixed else unshippable(self.quote, self.terms.charges.shipping)

    @property
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

    def most(self, book: Book) -> int:
        """How many copies of the book the cart can hold, beside what else is in it."""
        others = sum(item.quantity for item in self.items if item.book_id != book.id)
        return max(0, min(1 if book.file else book.stock, LINE_LIMIT, CART_LIMIT - others))

    @property
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
    def latest(self) -> CartChange | None:
        """The change that made the cart what it is."""
        return next((change for change in self.changes if change.revision == self.revision), None)

    def held(self, book_id: int) -> int:
        """How many copies of the book there are in the cart."""
        return sum(item.quantity for item in self.items if item.book_id == book_id)

    def rows(self, removed: CartChange | None) -> Sequence[CartItem | CartChange]:
        """The lines; in the place of the one that was just removed, the change that did it."""
        return sorted([*self.items, *([removed] if removed else [])], key=lambda row: row.position)


async def open_cart(db: Database, cart_id: str | None) -> Basket:
    if cart_id is None:
        return Basket()
    async with db.glance() as session:
        return basket_of(await load_cart(session, cart_id))


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
        book = await book_by_slug(session, slug)
        cart = await load_cart(session, cart_id, lock=True)
        if cart is None:
            session.add(cart := Cart(items=[], changes=[], revision=0))
        # What is in a cart already may be held by its own order, so it counts the stock.
        if not book.available and not book.withdrawn:
            raise Conflict(_("%(title)s is sold out.", title=book.title))
        item = item_of(cart, book)
        wanted = quantity + (item.quantity if item else 0)
        check_fits(cart, book, wanted)
        line = put(cart, book, wanted)
        if item is None and shown is not None:
            line.seen_price = shown
    return basket_of(cart)


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
        book = await book_by_slug(session, slug)
        cart = await load_cart(session, cart_id, lock=True)
        item = item_of(cart, book) if cart else None
        if cart and quantity == 0 and just_removed(cart, book):
            return basket_of(cart)
        if cart is None or item is None:
            raise Conflict(_("%(title)s is not in your cart any more.", title=book.title))
        check_seen(cart, book, seen)
        if shown == book.price:
            item.seen_price, item.seen_currency = book.price, book.currency
        if quantity != item.quantity:
            if quantity:
                check_fits(cart, book, quantity)
            put(cart, book, quantity, seen.page if seen else "")
    return basket_of(cart)


async def load_cart(session: AsyncSession, cart_id: str | None, *, lock: bool = False) -> Cart | None:
    """The cart with its items, its changes and their books; locked against other writers where asked for."""
    if cart_id is None:
        return None
    query = select(Cart).where(Cart.public_id == cart_id)
    changes, code = selectinload(Cart.changes).joinedload(CartChange.book), joinedload(Cart.promotion)
    if lock:  # a join with what may not be there cannot be locked
        items, query = selectinload(Cart.items), query.with_for_update(of=Cart)
    else:
        items = joinedload(Cart.items)
    rows = await session.scalars(query.options(items.joinedload(CartItem.book), changes, code))
    cart: Cart | None = rows.unique().one_or_none()
    return cart


def terms_of(cart: Cart, only: Book | None = None) -> Terms:
    """What a price depends on beside the books; `only`: of a book that is bought now, beside the cart."""
    promotion = cart.promotion if cart.promotion_id and only is None else None
    return Terms(promotion, country=cart.country)


def quote_items(items: Sequence[CartItem], terms: Terms) -> Quote:
    """What the items cost at today's prices."""
    return price([_line(item) for item in items], items[0].book.currency if items else "usd", terms)


def _line(item: CartItem) -> Line:
    book = item.book
    before = item.seen_price if item.price_changed and item.seen_currency == book.currency else None
    of_book = (book.id, book.slug, book.title, book.authors, book.price)
    return Line(*of_book, item.quantity, before, is_file=bool(book.file))


def problem_of(book: Book, quantity: int, items: Sequence[CartItem]) -> str | None:
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


def check_fits(cart: Cart, book: Book, quantity: int) -> None:
    """Raises Conflict naming the limit, the stock or the currency."""
    if problem := problem_of(book, quantity, cart.items):
        raise Conflict(problem)


def basket_of(cart: Cart | None) -> Basket:
    if cart is None:
        return Basket()
    items = sorted(cart.items, key=lambda item: item.position)
    return Basket(cart.public_id, cart.revision, items, cart.changes, terms_of(cart))
