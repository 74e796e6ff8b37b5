"""Whether what orders hold and have taken adds up to what the books say."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.disagreement import Disagreement
from shop.models import Book, HoldState, Order, OrderStatus, StockHold


async def stock_that_does_not_add_up(session: AsyncSession, orders: Iterable[Order]) -> list[Disagreement]:
    """`orders`: all that there are, with their parts, read in this session: books, holds and orders of one moment."""
    books = {book.id: book for book in await session.scalars(select(Book))}
    holds = (await session.scalars(select(StockHold))).all()
    return [*_of_books(books, holds), *_of_orders(books, {order.id: order for order in orders}, holds)]


def _of_books(books: Mapping[int, Book], holds: Sequence[StockHold]) -> Iterator[Disagreement]:
    held = Counter[int]()
    for hold in holds:
        held[hold.book_id] += hold.quantity if hold.state is HoldState.HELD else 0
    for book in books.values():
        if book.held != held[book.id]:
            yield Disagreement(book.slug, "held does not add up", f"{book.held}, not {held[book.id]}")


def _of_orders(
    books: Mapping[int, Book], orders: Mapping[int, Order], holds: Sequence[StockHold]
) -> Iterator[Disagreement]:
    sold = {order_id: Counter[int]() for order_id in orders}
    for hold in holds:
        order = orders[hold.order_id]
        if hold.state is HoldState.SOLD:
            sold[order.id][hold.book_id] += hold.quantity
        elif not (order.open_payment or order.status is OrderStatus.REVIEW):
            slug = books[hold.book_id].slug
            yield Disagreement(order.public_id, "holds books that nobody pays for", slug)
    files = {book.id for book in books.values() if book.file}  # which nobody holds or takes
    for order in orders.values():
        taken = sold[order.id]
        for refund in order.refunds:
            taken += Counter({line["book_id"]: line["quantity"] for line in refund.restocked})
        lines = Counter({line.book_id: line.quantity for line in order.in_force.lines})
        for counted in (taken, lines):
            for file in files:
                del counted[file]
        if order.status is OrderStatus.PAID and taken != lines and (taken or not order.is_given_back):
            said = {books[book].slug: f"{taken[book]} of {lines[book]}" for book in taken | lines}
            yield Disagreement(order.public_id, "took other copies than it sold", str(said))
