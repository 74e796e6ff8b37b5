"""Changing a cart and remembering what it was before: by that a change is undone, and told to a page that is older."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import BindParameter, Executable, bindparam, delete, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.cart_rows import CartBook, CartLine, Change
from shop.db import table
from shop.errors import Conflict
from shop.models import Cart, CartChange, CartItem
from shop.words import _

if TYPE_CHECKING:
    from shop.cart import Basket

KEPT = 10  # changes of a cart that can be undone


@dataclass(frozen=True)
class Seen:
    """What a page shows: a revision of the cart; and which page it is, by a random id."""

    revision: int
    page: str


async def put(session: AsyncSession, basket: "Basket", line: CartLine, page: str = "") -> "Basket":
    """Let the cart, which is locked, have this line instead of the one with its book, on behalf of a page; with a
    quantity of 0 it has none. Returns the cart as it is then."""
    seen = (line.position, line.seen_price, line.seen_currency)
    change = Change(line.book, basket.held(line.book_id), line.quantity, *seen, basket.revision + 1, page)
    noted = {"cart": basket.key, "of_book": line.book_id, **_values(change)}
    full = len(basket.changes) == KEPT
    await _write(
        session,
        (REVISED, {"cart": basket.key, "to": change.revision}),
        _line(basket, line),
        (REPLACED, {**noted, "oldest": basket.changes[0].revision}) if full else (NOTED, noted),
    )
    changes = [*basket.changes, change][-KEPT:]
    return _with(replace(basket, revision=change.revision, changes=changes), line)


async def put_line(session: AsyncSession, basket: "Basket", line: CartLine) -> "Basket":
    """The same without a trace, for what is not undone."""
    await _write(session, _line(basket, line))
    return _with(basket, line)


async def _write(session: AsyncSession, *statements: tuple[Executable, dict[str, Any]]) -> None:
    """In one go; to await each of them takes half as long again."""
    await session.run_sync(lambda each: [each.connection().execute(*statement) for statement in statements])


def _line(basket: "Basket", line: CartLine) -> tuple[Executable, dict[str, Any]]:
    named = {"cart": basket.key, "of_book": line.book_id}
    if not line.quantity:
        return REMOVED, named
    return CHANGED if basket.line(line.book) else ADDED, named | _values(line)


def _with(basket: "Basket", line: CartLine) -> "Basket":
    lines = [item for item in basket.items if item.book_id != line.book_id] + [line] * bool(line.quantity)
    return replace(basket, items=sorted(lines, key=lambda item: item.position))


def _values(row: CartLine | Change) -> dict[str, Any]:
    """Of the columns that are called as it calls them."""
    return dict(zip(row._fields[1:], row[1:], strict=True))


CARTS, ITEMS, CHANGES = (table(model) for model in (Cart, CartItem, CartChange))
CART: BindParameter[int] = bindparam("cart")
LINE = (ITEMS.c.cart_id == CART, ITEMS.c.book_id == bindparam("of_book"))
REVISED = update(CARTS).where(CARTS.c.id == CART).values(revision=bindparam("to"))
REMOVED, CHANGED = delete(ITEMS).where(*LINE), update(ITEMS).where(*LINE)
ADDED = insert(ITEMS).values(cart_id=CART, book_id=bindparam("of_book"))
NOTED = insert(CHANGES).values(cart_id=CART, book_id=bindparam("of_book"))
OLDEST = (CHANGES.c.cart_id == CART, CHANGES.c.revision == bindparam("oldest"))
REPLACED = update(CHANGES).where(*OLDEST).values(book_id=bindparam("of_book"))


def new_line(basket: "Basket", book: CartBook, seen_price: int | None = None) -> CartLine:
    """At the end of the cart, without a copy yet."""
    price = book.price if seen_price is None else seen_price
    return CartLine(book, 0, basket.revision + 1, price, book.currency)


def just_removed(basket: "Basket", book: CartBook) -> bool:
    """Whether the book was in the cart and the last change took it out: who presses Remove twice finds it done."""
    last = basket.changes[-1] if basket.changes else None
    return last is not None and (last.book_id, last.after, last.revision) == (book.id, 0, basket.revision)


def check_seen(basket: "Basket", book: CartBook, seen: Seen | None) -> None:
    """A page may change a line that is as the page shows it, or as the page itself has made it meanwhile: several
    presses may be under way at once. What else has changed is no hindrance. Raises Conflict."""
    if seen is None:
        return
    since = [change for change in basket.changes if change.revision > seen.revision]
    # More has happened than is kept, or an order took its books.
    unknown = len(since) != basket.revision - seen.revision
    if unknown or any(change.book_id == book.id and change.page != seen.page for change in since):
        raise Conflict(
            _("Your cart was changed in another tab, so this was not done. Here is the cart as it is now.")
        )
