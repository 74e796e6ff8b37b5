"""Changing a cart and remembering what it was before: by that a change is undone, and told to a page that is older."""

from dataclasses import dataclass

from shop.errors import Conflict
from shop.models import Book, Cart, CartChange, CartItem
from shop.words import _

KEPT = 10  # changes of a cart that can be undone


@dataclass(frozen=True)
class Seen:
    """What a page shows: a revision of the cart; and which page it is, by a random id."""

    revision: int
    page: str


def item_of(cart: Cart, book: Book) -> CartItem | None:
    return next((item for item in cart.items if item.book_id == book.id), None)


def put(cart: Cart, book: Book, quantity: int, page: str = "", like: CartChange | None = None) -> CartItem:
    """Let the cart hold so many copies of the book, on behalf of a page; 0 removes the line.

    A line that comes back is as it was before the change that it is to be `like`."""
    cart.revision += 1
    item = item_of(cart, book)
    before = item.quantity if item else 0
    if item is None:
        item = CartItem(book_id=book.id, book=book, position=cart.revision)
        item.seen_price, item.seen_currency = book.price, book.currency
        if like:
            item.position, item.seen_price, item.seen_currency = _line(like)
        cart.items.append(item)
    if quantity:
        item.quantity = quantity
    else:
        cart.items.remove(item)
    change = CartChange(revision=cart.revision, page=page, book_id=book.id, book=book)
    change.before, change.after = before, quantity
    change.position, change.seen_price, change.seen_currency = _line(item)
    cart.changes.append(change)
    del cart.changes[:-KEPT]
    return item


def just_removed(cart: Cart, book: Book) -> bool:
    """Whether the book was in the cart and the last change took it out: who presses Remove twice finds it done."""
    last = cart.changes[-1] if cart.changes else None
    return last is not None and (last.book_id, last.after, last.revision) == (book.id, 0, cart.revision)


def check_seen(cart: Cart, book: Book, seen: Seen | None) -> None:
    """A page may change a line that is as the page shows it, or as the page itself has made it meanwhile: several
    presses may be under way at once. What else has changed is no hindrance. Raises Conflict."""
    if seen is None:
        return
    since = [change for change in cart.changes if change.revision > seen.revision]
    # More has happened than is kept, or an order took its books.
    unknown = len(since) != cart.revision - seen.revision
    if unknown or any(change.book_id == book.id and change.page != seen.page for change in since):
        raise Conflict(
            _("Your cart was changed in another tab, so this was not done. Here is the cart as it is now.")
        )


def _line(row: CartItem | CartChange) -> tuple[int, int | None, str | None]:
    return row.position, row.seen_price, row.seen_currency
