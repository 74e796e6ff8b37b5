"""What was sold, frozen, and how the order stands."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.countries import country_name
from shop.db import Base, now
from shop.models.books import Book
from shop.models.public_id import random_id
from shop.order_code import order_code
from shop.pricing import Adjustment, AdjustmentKind, rows

if TYPE_CHECKING:
    from shop.models.downloads import Download
    from shop.models.payments import Payment
    from shop.models.refunds import Refund


class OrderStatus(StrEnum):
    """Where an order stands. It moves forward only: see `settling.apply_status`."""

    PENDING = "pending"  # waits for the shopper
    PROCESSING = "processing"  # the bank takes its time
    AUTHORISED = "authorised"  # the amount is held on the card, not yet captured
    PAID = "paid"
    CANCELED = "canceled"
    REVIEW = "review"  # Stripe took money that does not match the order: for a person to look at


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=random_id)
    # For people. (The migration has given every older order one; SQLite cannot be told so.)
    code: Mapped[str] = mapped_column(String(16), default=order_code, nullable=True)
    cart_id: Mapped[int | None] = mapped_column(ForeignKey("carts.id", ondelete="SET NULL"))
    # Buy now: the order is for one copy of this book. The cart tells whose order it is, and stays as it is.
    only_book_id: Mapped[int | None] = mapped_column(ForeignKey("books.id"))
    # Whether the cart has given up the ordered books, and so no longer belongs to this order.
    cart_released: Mapped[bool] = mapped_column(default=False)
    status: Mapped[OrderStatus] = mapped_column(default=OrderStatus.PENDING, index=True)
    email: Mapped[str | None] = mapped_column(String(320))
    # Where to send it, as it was given at Stripe: "name", and Stripe's names for the parts of an address.
    address: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    # A keyed hash of the address that last came to pay: see `failures`.
    visitor: Mapped[str | None] = mapped_column(String(64), index=True)
    # The revision whose amount Stripe has accepted; 0 until it has. Once paid: what was sold.
    revision: Mapped[int] = mapped_column(default=0)
    # Set by the press on Pay, ended by its outcome. Until this moment the amount may not change.
    lease_until: Mapped[datetime | None] = mapped_column(index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    paid_at: Mapped[datetime | None]
    revisions: Mapped[list["OrderRevision"]] = relationship(lazy="raise", order_by="OrderRevision.number")
    payments: Mapped[list["Payment"]] = relationship(lazy="raise", order_by="Payment.id")
    refunds: Mapped[list["Refund"]] = relationship(lazy="raise", order_by="Refund.id")
    downloads: Mapped[list["Download"]] = relationship(
        lazy="raise", order_by="Download.id", back_populates="order"
    )
    events: Mapped[list["OrderEvent"]] = relationship(lazy="raise", order_by="OrderEvent.id")

    @property
    def in_force(self) -> "OrderRevision":
        """The revision that is to be paid or was sold: the newest while the shopper is choosing, then the one that
        the payment is for, whatever was frozen later."""
        choosing = self.status == OrderStatus.PENDING and not self.cart_released
        return self.revisions[-1 if choosing or not self.revision else self.revision - 1]

    @property
    def press_is_open(self) -> bool:
        """Whether a press on Pay waits for its outcome, or the bank for the shopper."""
        return self.lease_until is not None or any(
            p.open and p.status == "requires_action" for p in self.payments
        )

    @property
    def open_payment(self) -> "Payment | None":
        return next((payment for payment in self.payments if payment.open), None)

    @property
    def paid_payment(self) -> "Payment | None":
        """The payment that brought the money, once one has."""
        return next((payment for payment in self.payments if payment.status == "succeeded"), None)

    @property
    def left_to_refund(self) -> int:
        """What was received and has neither gone back nor been asked to."""
        paid = self.paid_payment
        gone = (
            [refund.amount for refund in self.refunds if refund.counts and refund.payment_id == paid.id]
            if paid
            else []
        )
        return paid.amount_received - sum(gone) if paid else 0

    @property
    def is_given_back(self) -> bool:
        """Whether all that was received has gone back."""
        paid = self.paid_payment
        return paid is not None and paid.amount_refunded >= paid.amount_received

    @property
    def owes_capture(self) -> bool:
        """Whether an operator has asked for what is authorised and it is not captured yet."""
        payment = self.open_payment
        return self.status is OrderStatus.AUTHORISED and bool(payment and payment.capture_asked_at)

    @property
    def holds_books(self) -> bool:
        """Whether a cart gave up its books for this order and has not got them back."""
        return self.cart_released and self.cart_id is not None and self.only_book_id is None

    @property
    def sent_to(self) -> list[str]:
        """The lines of the address."""
        if self.address is None:
            return []
        part = self.address.get
        city = " ".join(filter(None, (part("city"), part("state"), part("postal_code"))))
        return [
            line
            for line in (part("name"), part("line1"), part("line2"), city, country_name(part("country", "")))
            if line
        ]

    __table_args__ = (
        Index("uq_orders_code", "code", unique=True),
        # A cart has one open order, whoever presses Check out twice.
        Index(
            "uq_orders_open_cart",
            "cart_id",
            unique=True,
            sqlite_where=text("status = 'pending' AND NOT cart_released AND only_book_id IS NULL"),
            postgresql_where=text("status = 'pending' AND NOT cart_released AND only_book_id IS NULL"),
        ),
        # So has a visitor for a book, whoever presses Buy now twice.
        Index(
            "uq_orders_open_book",
            "cart_id",
            "only_book_id",
            unique=True,
            sqlite_where=text("status = 'pending' AND NOT cart_released"),
            postgresql_where=text("status = 'pending' AND NOT cart_released"),
        ),
    )


class OrderRevision(Base):
    """One frozen version of what an order sells and for how much. Never changed once written."""

    __tablename__ = "order_revisions"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"))
    number: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    adjustments: Mapped[list[dict[str, Any]]] = mapped_column(default=list)  # {"kind", "label", "amount"}
    total: Mapped[int]
    # Of the code that has taken something off.
    promotion_id: Mapped[str | None] = mapped_column(ForeignKey("promotions.id"))
    # That it is priced for, where that makes a difference.
    country: Mapped[str | None] = mapped_column(String(2))
    created_at: Mapped[datetime] = mapped_column(default=now)
    lines: Mapped[list["OrderLine"]] = relationship(lazy="raise", order_by="OrderLine.id")

    __table_args__ = (UniqueConstraint("order_id", "number"),)

    @property
    def adjusted(self) -> list[Adjustment]:
        return [Adjustment(**{**kept, "kind": AdjustmentKind(kept["kind"])}) for kept in self.adjustments]

    @property
    def rows(self) -> list[tuple[str, str]]:
        return rows(self.adjusted, self.currency)

    @property
    def shipping(self) -> Adjustment | None:
        return next((added for added in self.adjusted if added.kind is AdjustmentKind.SHIPPING), None)

    @property
    def ships_to(self) -> str | None:
        """The country that an address must be in; None where no address is needed."""
        return self.country if self.shipping else None


class OrderLine(Base):
    """A book as it was sold: later changes of title or price do not reach it."""

    __tablename__ = "order_lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("order_revisions.id", ondelete="CASCADE"), index=True)
    book_id: Mapped[int] = mapped_column(ForeignKey("books.id"))
    title: Mapped[str] = mapped_column(String(300))
    authors: Mapped[str] = mapped_column(String(500))
    unit_price: Mapped[int]
    # The price that the shopper had seen in the cart, where it was another.
    price_before: Mapped[int | None]
    quantity: Mapped[int]
    # Its part of the discounts: what was paid for the line is the amount less this, and its tax on top.
    discount: Mapped[int] = mapped_column(default=0, server_default="0")
    tax: Mapped[int] = mapped_column(default=0, server_default="0")  # its part of a tax on top
    book: Mapped[Book] = relationship(lazy="raise")

    @property
    def amount(self) -> int:
        return self.unit_price * self.quantity


class OrderEvent(Base):
    """What happened to an order, for people to read; never the source of an amount."""

    __tablename__ = "order_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(default=now)
    kind: Mapped[str] = mapped_column(String(50))
    detail: Mapped[str] = mapped_column(Text, default="")
