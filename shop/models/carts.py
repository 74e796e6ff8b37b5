"""What a visitor has chosen, and the latest changes of it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.db import Base, now
from shop.models.books import Book
from shop.models.promotions import Promotion
from shop.models.public_id import random_id


class Cart(Base):
    __tablename__ = "carts"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=random_id)
    revision: Mapped[int] = mapped_column(default=0)  # counts changes
    promotion_id: Mapped[str | None] = mapped_column(ForeignKey("promotions.id"))
    country: Mapped[str | None] = mapped_column(String(2))  # that the shopper has chosen
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
    items: Mapped[list["CartItem"]] = relationship(
        lazy="raise", order_by="(CartItem.position, CartItem.id)", cascade="all, delete-orphan"
    )
    changes: Mapped[list["CartChange"]] = relationship(
        lazy="raise", order_by="CartChange.revision", cascade="all, delete-orphan"
    )
    promotion: Mapped[Promotion | None] = relationship(lazy="raise_on_sql")


class CartItem(Base):
    __tablename__ = "cart_items"

    id: Mapped[int] = mapped_column(primary_key=True)
    cart_id: Mapped[int] = mapped_column(ForeignKey("carts.id", ondelete="CASCADE"))
    book_id: Mapped[int] = mapped_column(ForeignKey("books.id"))
    quantity: Mapped[int]
    # The cart's revision that brought the book: its place among the lines, also when it is brought back.
    position: Mapped[int] = mapped_column(default=0, server_default="0")
    # The price that the shopper has seen and not objected to; None where nobody knows.
    seen_price: Mapped[int | None]
    seen_currency: Mapped[str | None] = mapped_column(String(3))
    book: Mapped[Book] = relationship(lazy="raise")

    __table_args__ = (UniqueConstraint("cart_id", "book_id"), CheckConstraint("quantity > 0", "quantity"))

    @property
    def price_changed(self) -> bool:
        """Whether the book has another price than the shopper has seen."""
        seen = (self.seen_price, self.seen_currency)
        return self.seen_price is not None and seen != (self.book.price, self.book.currency)


class CartChange(Base):
    """One of the latest changes of a cart, by which it can be undone: see `undo`."""

    __tablename__ = "cart_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    cart_id: Mapped[int] = mapped_column(ForeignKey("carts.id", ondelete="CASCADE"))
    revision: Mapped[int]  # of the cart, as this change left it
    page: Mapped[str] = mapped_column(String(32))  # the page that asked for it: see `cart_changes.Seen`
    book_id: Mapped[int] = mapped_column(ForeignKey("books.id", ondelete="CASCADE"))
    before: Mapped[int]  # copies in the cart
    after: Mapped[int]
    position: Mapped[int]  # of the line, and what else it would need if it came back
    seen_price: Mapped[int | None]
    seen_currency: Mapped[str | None] = mapped_column(String(3))
    book: Mapped[Book] = relationship(lazy="raise")

    __table_args__ = (UniqueConstraint("cart_id", "revision"),)
