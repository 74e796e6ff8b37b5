"""Copies of books: kept back while an order is being paid, taken when it is paid, given back when it is not
or when it was refunded and the copies are here again.

Of a file there are as many copies as are wanted, so it is neither held nor taken.

Books are changed in the order of their ids, so that two orders cannot wait for each other."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Integer, and_, bindparam, delete, func, insert, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.db import table
from shop.errors import Conflict
from shop.models import Book, HoldState, Order, OrderLine, OrderRevision, StockHold
from shop.words import _, gettext_noop

BOOKS, HOLDS, LINES = table(Book), table(StockHold), table(OrderLine)
ORDER, REVISION = bindparam("order", type_=Integer), bindparam("revision", type_=Integer)
HELD = and_(HOLDS.c.order_id == ORDER, HOLDS.c.state == HoldState.HELD)
KEPT = HOLDS.alias()
CONCERNED = union_all(
    select(KEPT.c.book_id).where(KEPT.c.order_id == ORDER, KEPT.c.state == HoldState.HELD),
    select(LINES.c.book_id).where(LINES.c.revision_id == REVISION),
)
# Locked, but for who refers to the rows. What the order keeps back stays as it is while the order is locked.
LOCKING = (
    select(
        BOOKS.c.id,
        BOOKS.c.title,
        BOOKS.c.withdrawn,
        BOOKS.c.file,
        BOOKS.c.stock,
        BOOKS.c.held,
        func.coalesce(HOLDS.c.quantity, 0),
    )
    .outerjoin(HOLDS, and_(HOLDS.c.book_id == BOOKS.c.id, HELD))
    .where(BOOKS.c.id.in_(CONCERNED))
    .order_by(BOOKS.c.id)
    .with_for_update(of=BOOKS, key_share=True)
)
MOVING = (
    update(BOOKS)
    .where(BOOKS.c.id == bindparam("book"))
    .values(
        stock=BOOKS.c.stock - bindparam("sold", type_=Integer),
        held=BOOKS.c.held + bindparam("more", type_=Integer),
    )
)
KEEPING, FREEING = insert(HOLDS), delete(HOLDS).where(HELD)
SELLING = update(HOLDS).where(HELD).values(state=HoldState.SOLD)


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
    books = await _lock(session, order, revision)
    for book in books:
        if book.withdrawn and book.ordered:
            raise NoLongerSold(order, book.title)
    for book in books:
        if book.more > book.left:
            raise SoldOut(order, book.title, held=book.stock >= book.wanted)
    await _hold(session, order, books)


async def free_stock(session: AsyncSession, order: Order) -> None:
    """Give back what is kept back, once it is certain that nobody pays for it any more."""
    await _hold(session, order, await _lock(session, order))


async def take_stock(session: AsyncSession, order: Order, revision: OrderRevision) -> None:
    """Sell what the revision sells, from what was kept back for it or else from what is there. Raises SoldOut, and has
    taken nothing then."""
    books = await _lock(session, order, revision)
    for book in books:
        # The catalogue may have been corrected since copies were kept back.
        if book.more > book.left or book.wanted > book.stock:
            raise SoldOut(order, book.title, held=book.stock >= book.wanted)
    for book in books:
        if book.wanted or book.ours:
            moved = {"book": book.id, "sold": book.wanted, "more": -book.ours}
            await session.execute(MOVING, moved)
    await _note(session, order, books, HoldState.SOLD)


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


class _Book(NamedTuple):
    """A book that an order sells or keeps back; its row is locked."""

    id: int
    title: str
    withdrawn: bool
    file: str | None
    stock: int
    held: int  # for any order
    ours: int  # of these for this one
    ordered: int

    @property
    def wanted(self) -> int:
        """How many copies leave the shelf."""
        return self.ordered if self.file is None else 0

    @property
    def more(self) -> int:
        """How many are to be kept back beyond those that are."""
        return self.wanted - self.ours

    @property
    def left(self) -> int:
        """How many can be kept back. (Giving some back is always possible.)"""
        return max(self.stock - self.held, 0)


async def _lock(
    session: AsyncSession, order: Order, revision: OrderRevision | None = None
) -> Sequence[_Book]:
    """What the order keeps back, and what the revision sells."""
    ordered = {line.book_id: line.quantity for line in revision.lines} if revision else {}
    asked = {"order": order.id, "revision": revision.id if revision else None}
    rows = (await session.execute(LOCKING, asked)).all()
    return [_Book(*row, ordered.get(row.id, 0)) for row in rows]


async def _hold(session: AsyncSession, order: Order, books: Sequence[_Book]) -> None:
    for book in books:
        if book.more:
            await session.execute(MOVING, {"book": book.id, "sold": 0, "more": book.more})
    await _note(session, order, books, HoldState.HELD)


async def _note(session: AsyncSession, order: Order, books: Sequence[_Book], state: HoldState) -> None:
    """What the order keeps back or has taken from now on."""
    kept, wanted = any(book.ours for book in books), [book for book in books if book.wanted]
    if not any(book.more for book in books):
        if kept and state is HoldState.SOLD:
            await session.execute(SELLING, {"order": order.id})
        return
    if kept:
        await session.execute(FREEING, {"order": order.id})
    if wanted:
        of_order = {"order_id": order.id, "state": state}
        rows = [{**of_order, "book_id": book.id, "quantity": book.wanted} for book in wanted]
        await session.execute(KEEPING, rows)
