"""Undoing one of the latest changes of a cart. Undoing is a change too, so it can be undone as well."""

from shop.cart import Basket, check_fits, read_basket
from shop.cart_changes import Seen, check_seen, put
from shop.cart_rows import CartBook, CartLine
from shop.db import Database, retried
from shop.errors import Conflict
from shop.words import _


@retried
async def undo_change(
    db: Database, cart_id: str | None, number: int, seen: Seen | None = None
) -> tuple[Basket, CartBook]:
    """Let the cart hold as many copies as before the change that made its revision `number`, in their old place.

    Returns the cart and the book. Raises Conflict: the change is forgotten, the page is older than the line, or the
    limits or the stock have no room for the copies."""
    async with db.write() as session:
        basket = await read_basket(session, cart_id, lock=True)
        change = next((change for change in basket.changes if change.revision == number), None)
        if change is None:
            raise Conflict(_("That change cannot be undone any more. Here is the cart as it is now."))
        book = change.book
        check_seen(basket, book, seen)
        line = basket.line(book) or CartLine(
            book, 0, change.position, change.seen_price, change.seen_currency
        )
        if change.before != line.quantity:  # else somebody pressed twice
            line = line._replace(quantity=change.before)
            if line.quantity:
                check_fits(basket, line)
            basket = await put(session, basket, line, seen.page if seen else "")
    return basket, book
