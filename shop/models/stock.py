"""Copies that an order keeps back, or has taken."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.db import Base


class HoldState(StrEnum):
    HELD = "held"  # kept back while the order is being paid
    SOLD = "sold"  # gone from the stock


class StockHold(Base):
    """Copies of a book that an order keeps back, or has taken."""

    __tablename__ = "stock_holds"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"))
    book_id: Mapped[int] = mapped_column(ForeignKey("books.id"), index=True)
    quantity: Mapped[int]
    state: Mapped[HoldState] = mapped_column(default=HoldState.HELD)

    __table_args__ = (UniqueConstraint("order_id", "book_id"), CheckConstraint("quantity > 0", "quantity"))
