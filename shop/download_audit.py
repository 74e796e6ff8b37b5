"""Whether every e-book that was paid can be fetched, and no other."""

from datetime import datetime

from sqlalchemy import Select, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.db import Database
from shop.disagreement import Disagreement
from shop.models import Book, Download, Order, OrderLine, OrderRevision, OrderStatus


async def downloads_that_do_not_fit(db: Database, judged: datetime) -> list[Disagreement]:
    """(That none is fetched oftener than it may be is the table's to see to.)"""
    granted = select(Order.public_id, Book.slug).join(Download.order).join(Download.book)
    async with db.read() as session:
        too_many = await session.execute(granted.where(Order.status != OrderStatus.PAID))
        too_few = await session.execute(_missing().where(Order.paid_at < judged))
        return [
            *(Disagreement(order, "a download of what is not paid", book) for order, book in too_many),
            *(Disagreement(order, "an e-book that cannot be fetched", book) for order, book, _, _ in too_few),
        ]


async def grant_what_is_missing(session: AsyncSession) -> None:
    for _, _, order_id, book_id in (await session.execute(_missing())).all():
        session.add(Download(order_id=order_id, book_id=book_id))


def _missing() -> Select[str, str, int, int]:
    """Files that paid orders have sold and have no download of."""
    sold = and_(OrderRevision.order_id == Order.id, OrderRevision.number == Order.revision)
    granted = and_(Download.order_id == Order.id, Download.book_id == Book.id)
    return (
        select(Order.public_id, Book.slug, Order.id, Book.id)
        .join(OrderRevision, sold)
        .join(OrderLine, OrderLine.revision_id == OrderRevision.id)
        .join(Book, Book.id == OrderLine.book_id)
        .outerjoin(Download, granted)
        .where(Order.status == OrderStatus.PAID, Book.file.is_not(None), Download.id.is_(None))
    )
