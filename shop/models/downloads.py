"""Files that an order may fetch."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.db import Base, now
from shop.models.books import Book
from shop.models.orders import Order
from shop.models.public_id import random_id

DOWNLOADS = 5  # of each file of an order


class Download(Base):
    """A file that a paid order may fetch, and how often it has."""

    __tablename__ = "downloads"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=random_id)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"))
    book_id: Mapped[int] = mapped_column(ForeignKey("books.id"))
    allowed: Mapped[int] = mapped_column(default=DOWNLOADS)
    used: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=now)
    last_at: Mapped[datetime | None]
    order: Mapped[Order] = relationship(lazy="raise", back_populates="downloads")
    book: Mapped[Book] = relationship(lazy="raise")

    __table_args__ = (UniqueConstraint("order_id", "book_id"), CheckConstraint("used <= allowed", "used"))
