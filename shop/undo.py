"""Undoing one of the latest changes of a cart. Undoing is a change too, so it can be undone as well."""

from shop.cart import Basket, basket_of, check_fits, load_cart
from shop.cart_changes import Seen, check_seen, item_of, put
from shop.db import Database, retried
from shop.errors import Conflict
from shop.models import Book
from shop.words import _


@retried
async def undo_change(
    db: Database, cart_id: str | None, number: int, seen: Seen | None = None
) -> tuple[Basket, Book]:
    """Let the cart hold as many copies as before the change that made its revision `number`, in their old place.

    Returns the cart and the book. Raises Conflict: the change is forgotten, the page is older than the line, or the
    limits or the stock have no room for the copies."""
    async with db.write() as session:
        cart = await load_cart(session, cart_id, lock=True)
        change = (
            next((change for change in cart.changes if change.revision == number), None) if cart else None
        )
        if cart is None or change is None:
            raise Conflict(_("That change cannot be undone any more. Here is the cart as it is now."))
        book, item = change.book, item_of(cart, change.book)
        check_seen(cart, book, seen)
        if change.before != (item.quantity if item else 0):  # else somebody pressed twice
            if change.before:
                check_fits(cart, book, change.before)
            put(cart, book, change.before, seen.page if seen else "", like=change)
    return basket_of(cart), book
