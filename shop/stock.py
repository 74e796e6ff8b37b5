"""Copies of books: kept back while an order is being paid, taken when it is paid, given back when it is not
or when it was refunded and the copies are here again.

Of a file there are as many copies as are wanted, so it is neither held nor taken.

Books are changed in the order of their ids, so that two orders cannot wait for each other."""

from collections.abc import Mapping

from sqlalchemy import Integer, bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.db import changed, table
from shop.errors import Conflict
from shop.models import Book, HoldState, Order, OrderRevision, StockHold
from shop.words import _, gettext_noop

BOOKS, HOLDS = table(Book).c, table(StockHold).c
OF_ORDER = (HOLDS.order_id == bindparam("order"), HOLDS.state == HoldState.HELD)
HELD = select(HOLDS.book_id, HOLDS.quantity).where(*OF_ORDER)
SELLING = update(table(StockHold)).where(*OF_ORDER).values(state=HoldState.SOLD)
FREEING = delete(table(StockHold)).where(*OF_ORDER)
SOLD = BOOKS.id.in_(bindparam("sold", expanding=True))
WITHDRAWN = select(BOOKS.title).where(SOLD, BOOKS.withdrawn).limit(1)
ON_SHELF = select(BOOKS.id).where(SOLD, BOOKS.file.is_(None))
COPIES, THIS_BOOK = bindparam("copies", type_=Integer), BOOKS.id == bindparam("book")
HOLDING = update(table(Book)).where(THIS_BOOK).values(held=BOOKS.held + COPIES)
HOLDING_MORE = HOLDING.where(BOOKS.stock - BOOKS.held >= COPIES)
TAKING = (
    update(table(Book))
    .where(THIS_BOOK, BOOKS.stock >= COPIES)
    .values(stock=BOOKS.stock - COPIES, held=BOOKS.held - COPIES)
)


class SoldOut(Conflict):
    """Somebody else has the copies, or is paying for them at this moment."""

    heading = gettext_noop("Somebody was quicker")

    def __init__(self, order: Order, title: str, *, held: bool) -> None:
        self.why = f"{title} was sold out"  # of a refund
        in_cart = order.only_book_id is None
        if held:
            said = _("Somebody else is paying for the last copies of %(title)s at this moment.", title=title)
            what_to_do = (
                _(
                    "If they do not finish within a few minutes, they are yours: try again then, or take it out of "
                    "your cart. Nothing was charged."
                )
                if in_cart
                else _(
                    "If they do not finish within a few minutes, they are yours: try again then. Nothing was charged."
                )
            )
        else:
            said, what_to_do = _("%(title)s is sold out.", title=title), _what_to_do(order)
        super().__init__(f"{said} {what_to_do}")


class NoLongerSold(Conflict):
    heading = gettext_noop("A book is no longer sold")

    def __init__(self, order: Order, title: str) -> None:
        said = _("%(title)s is no longer sold.", title=title)
        super().__init__(f"{said} {_what_to_do(order)}")


def _what_to_do(order: Order) -> str:
    if order.only_book_id is None:
        return _("Nothing was charged: take it out of your cart to order the rest.")
    return _("Nothing was charged.")


async def hold_stock(session: AsyncSession, order: Order, revision: OrderRevision) -> None:
    """Keep back what the revision sells, and nothing else, for this order. Raises SoldOut, NoLongerSold."""
    if title := await session.scalar(WITHDRAWN, {"sold": [line.book_id for line in revision.lines]}):
        raise NoLongerSold(order, title)
    await _hold(session, order, await _copies(session, revision))


async def free_stock(session: AsyncSession, order: Order) -> None:
    """Give back what is kept back, once it is certain that nobody pays for it any more."""
    await _hold(session, order, {})


async def take_stock(session: AsyncSession, order: Order, revision: OrderRevision) -> None:
    """Sell what the revision sells, from what was kept back for it or else from what is there. Raises SoldOut."""
    wanted = await _copies(session, revision)
    await _hold(session, order, wanted)
    for book_id, count in sorted(wanted.items()):
        if not await changed(session, TAKING, {"book": book_id, "copies": count}):
            title = next(line.title for line in revision.lines if line.book_id == book_id)
            raise SoldOut(order, title, held=False)  # the catalogue was corrected meanwhile
    await session.execute(SELLING, {"order": order.id})


async def restock(session: AsyncSession, order: Order, copies: Mapping[int, int]) -> dict[int, int]:
    """Put sold copies back on the shelf, at most as many as the order has; what it keeps stays in its StockHold.
    Returns what went back, by book."""
    sold = select(StockHold).where(StockHold.order_id == order.id, StockHold.state == HoldState.SOLD)
    back = {}
    for hold in (await session.scalars(sold.order_by(StockHold.book_id))).all():
        if (count := min(copies.get(hold.book_id, 0), hold.quantity)) > 0:
            more = {"stock": Book.stock + count}
            await session.execute(update(Book).where(Book.id == hold.book_id).values(more))
            back[hold.book_id] = count
            if count < hold.quantity:
                hold.quantity -= count
            else:
                await session.delete(hold)
    return back


async def _copies(session: AsyncSession, revision: OrderRevision) -> dict[int, int]:
    """How many of which books leave the shelf with the revision."""
    wanted = {line.book_id: line.quantity for line in revision.lines}
    on_shelf = await session.scalars(ON_SHELF, {"sold": list(wanted)})
    return {book_id: wanted[book_id] for book_id in on_shelf}


async def _hold(session: AsyncSession, order: Order, wanted: Mapping[int, int]) -> None:
    held = dict((await session.execute(HELD, {"order": order.id})).all())
    for book_id in sorted({*held, *wanted}):
        more = wanted.get(book_id, 0) - held.get(book_id, 0)
        hold = HOLDING_MORE if more > 0 else HOLDING
        if more and not await changed(session, hold, {"book": book_id, "copies": more}):
            book = await session.get_one(Book, book_id)
            raise SoldOut(order, book.title, held=book.stock >= wanted.get(book_id, 0))
    if held and wanted != held:
        await session.execute(FREEING, {"order": order.id})
    if wanted != held:
        session.add_all(StockHold(order_id=order.id, book_id=b, quantity=q) for b, q in wanted.items())
        await session.flush()
