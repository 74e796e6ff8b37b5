"""The shopper's cart: a row that the cookie names by its random id."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from shop.catalogue import book_by_slug
from shop.db import Database, retried
from shop.errors import Conflict
from shop.models import Book, Cart, CartItem
from shop.pricing import Line, Quote, price

LINE_LIMIT = 20  # copies of one book
CART_LIMIT = 60  # books in all


@dataclass(frozen=True)
class Basket:
    """A cart as a page shows it; `id` is None where the visitor has none yet."""

    id: str | None = None
    revision: int = 0
    items: Sequence[CartItem] = ()

    @property
    def count(self) -> int:
        return sum(item.quantity for item in self.items)

    @property
    def quote(self) -> Quote:
        return quote_items(self.items)

    def most(self, book: Book) -> int:
        """How many copies of the book the cart can hold, beside what else is in it."""
        others = sum(item.quantity for item in self.items if item.book_id != book.id)
        return max(0, min(book.stock, LINE_LIMIT, CART_LIMIT - others))

    @property
    def problems(self) -> dict[int, str]:
        """What stands in the way of checking out, by the book's id."""
        found = ((item.book_id, problem_of(item.book, item.quantity, self.items)) for item in self.items)
        return {book_id: problem for book_id, problem in found if problem}

    @property
    def mixed(self) -> bool:
        """Whether the prices are in several currencies (a price was changed), so that there is no total."""
        return len({item.book.currency for item in self.items}) > 1


async def open_cart(db: Database, cart_id: str | None) -> Basket:
    if cart_id is None:
        return Basket()
    async with db.read() as session:
        return _basket(await load_cart(session, cart_id))


@retried
async def add_book(db: Database, cart_id: str | None, slug: str, quantity: int = 1) -> Basket:
    """Put copies of a book into the cart, and make the cart if there is none.

    Raises NotFound, and Conflict naming the limit, the stock or the currency."""
    async with db.write() as session:
        book = await book_by_slug(session, slug)
        cart = await load_cart(session, cart_id, lock=True)
        if cart is None:
            cart = Cart(items=[])
            session.add(cart)
        item = next((item for item in cart.items if item.book_id == book.id), None)
        if (
            not book.available
        ):  # what is in a cart already may be held by its own order, so it counts the stock
            raise Conflict(f"{book.title} is sold out.")
        _check(cart, book, quantity + (item.quantity if item else 0))
        if item:
            item.quantity += quantity
        else:
            cart.items.append(CartItem(book_id=book.id, book=book, quantity=quantity))
        cart.revision = (cart.revision or 0) + 1
    return _basket(cart)


@retried
async def set_quantity(db: Database, cart_id: str | None, slug: str, quantity: int) -> Basket:
    """Set how many copies of a book the cart holds; 0 removes it. Raises as add_book does."""
    async with db.write() as session:
        book = await book_by_slug(session, slug)
        cart = await load_cart(session, cart_id, lock=True)
        item = next((item for item in cart.items if item.book_id == book.id), None) if cart else None
        if cart is None or item is None:
            raise Conflict(f"{book.title} is not in your cart any more.")
        if quantity == item.quantity:
            return _basket(cart)
        if quantity == 0:
            cart.items.remove(item)
        else:
            _check(cart, book, quantity)
            item.quantity = quantity
        cart.revision += 1
    return _basket(cart)


async def load_cart(session: AsyncSession, cart_id: str | None, *, lock: bool = False) -> Cart | None:
    """The cart with its items and their books; locked against other writers where asked for."""
    if cart_id is None:
        return None
    query = select(Cart).where(Cart.public_id == cart_id)
    query = query.options(selectinload(Cart.items).options(joinedload(CartItem.book)))
    cart: Cart | None = await session.scalar(query.with_for_update() if lock else query)
    return cart


def quote_items(items: Sequence[CartItem]) -> Quote:
    """What the items cost at today's prices."""
    return price(
        [Line(i.book_id, i.book.slug, i.book.title, i.book.authors, i.book.price, i.quantity) for i in items],
        items[0].book.currency if items else "usd",
    )


def problem_of(book: Book, quantity: int, items: Sequence[CartItem]) -> str | None:
    """Why a cart with these items cannot hold so many copies of the book, in words; None if it can."""
    others = [item for item in items if item.book_id != book.id]
    if book.stock == 0:
        return f"{book.title} is sold out."
    if quantity > book.stock and book.stock < LINE_LIMIT:
        left = "is only 1 copy" if book.stock == 1 else f"are only {book.stock} copies"
        return f"There {left} of {book.title} left."
    if quantity > LINE_LIMIT:
        return f"You can order at most {LINE_LIMIT} copies of one book."
    if sum(item.quantity for item in others) + quantity > CART_LIMIT:
        return f"A cart holds at most {CART_LIMIT} books. Check out first, then begin another."
    if others and others[0].book.currency != book.currency:
        theirs, its = others[0].book.currency.upper(), book.currency.upper()
        return f"Your cart is in {theirs} and {book.title} is sold in {its}. Order them one after the other."
    return None


def _check(cart: Cart, book: Book, quantity: int) -> None:
    if problem := problem_of(book, quantity, cart.items):
        raise Conflict(problem)


def _basket(cart: Cart | None) -> Basket:
    return Basket(cart.public_id, cart.revision, cart.items) if cart else Basket()
