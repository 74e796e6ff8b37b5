"""The tables. Amounts are integers in minor units of the row's currency; times are UTC."""

import secrets
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.db import Base, now
from shop.order_code import order_code
from shop.words import _, gettext_noop

DOWNLOADS = 5  # of each file of an order
UNLIMITED = 1_000_000  # what the stock of a file says, for whoever counts


def random_id() -> str:
    """A public id: 128 random bits, the only name by which a cart, order or payment leaves the database."""
    return secrets.token_urlsafe(16)


class BookFormat(StrEnum):
    HARDCOVER = "hardcover"
    PAPERBACK = "paperback"
    EBOOK = "ebook"
    AUDIOBOOK = "audiobook"

    @property
    def words(self) -> str:
        return _(FORMATS[self][0])

    @property
    def several(self) -> str:
        return _(FORMATS[self][1])


FORMATS = {
    BookFormat.HARDCOVER: (gettext_noop("hardcover"), gettext_noop("hardcovers")),
    BookFormat.PAPERBACK: (gettext_noop("paperback"), gettext_noop("paperbacks")),
    BookFormat.EBOOK: (gettext_noop("e-book"), gettext_noop("e-books")),
    BookFormat.AUDIOBOOK: (gettext_noop("audiobook"), gettext_noop("audiobooks")),
}


class OrderStatus(StrEnum):
    """Where an order stands. It moves forward only: see `orders.apply_status`."""

    PENDING = "pending"  # waits for the shopper
    PROCESSING = "processing"  # the bank takes its time
    AUTHORISED = "authorised"  # the amount is held on the card, not yet captured
    PAID = "paid"
    CANCELED = "canceled"
    REVIEW = "review"  # Stripe took money that does not match the order: for a person to look at


class PaymentKind(StrEnum):
    INTENT = "intent"  # on our page, with Elements
    SESSION = "session"  # on Stripe's page, by a Checkout Session


class HoldState(StrEnum):
    HELD = "held"  # kept back while the order is being paid
    SOLD = "sold"  # gone from the stock


class RefundStatus(StrEnum):
    """Stripe's own words, but for the first."""

    REQUESTED = "requested"  # written down, Stripe has not answered yet
    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


class Book(Base):
    __tablename__ = "books"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(200), unique=True)
    isbn: Mapped[str | None] = mapped_column(String(13), unique=True)  # ISBN-13 without hyphens
    title: Mapped[str] = mapped_column(String(300), index=True)
    subtitle: Mapped[str] = mapped_column(String(300), default="")
    authors: Mapped[str] = mapped_column(String(500))  # names separated by "; "
    publisher: Mapped[str] = mapped_column(String(200), default="")
    year: Mapped[int | None]  # of this edition
    first_published: Mapped[int | None]
    format: Mapped[BookFormat]
    category: Mapped[str] = mapped_column(String(100), default="", index=True)
    price: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    stock: Mapped[int]  # copies that we have and have not sold
    # Of these, how many are being paid for at the moment: the sum of what StockHold holds.
    held: Mapped[int] = mapped_column(default=0, server_default="0")
    # What an e-book is, in the folder for files. It is never sold out, and nobody holds or takes a copy of it.
    file: Mapped[str | None] = mapped_column(String(200))
    blurb: Mapped[str] = mapped_column(Text, default="")
    # No longer sold. Its row stays, since carts and orders refer to it.
    withdrawn: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Its words as `search` cuts them: of the title and subtitle, and of all that is searched.
    search_title: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    search_text: Mapped[str] = mapped_column(Text)

    __table_args__ = (CheckConstraint("price >= 0", "price"), CheckConstraint("stock >= 0", "stock"))

    @property
    def available(self) -> int:
        """Copies that somebody may still buy."""
        if self.withdrawn:
            return 0
        return UNLIMITED if self.file else max(0, self.stock - self.held)


class Cart(Base):
    __tablename__ = "carts"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=random_id)
    revision: Mapped[int] = mapped_column(default=0)  # counts changes
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
    items: Mapped[list["CartItem"]] = relationship(
        lazy="raise", order_by="(CartItem.position, CartItem.id)", cascade="all, delete-orphan"
    )
    changes: Mapped[list["CartChange"]] = relationship(
        lazy="raise", order_by="CartChange.revision", cascade="all, delete-orphan"
    )


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
    def holds_books(self) -> bool:
        """Whether a cart gave up its books for this order and has not got them back."""
        return self.cart_released and self.cart_id is not None and self.only_book_id is None

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
    adjustments: Mapped[list[dict[str, Any]]] = mapped_column(default=list)  # {"label", "amount"}
    total: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=now)
    lines: Mapped[list["OrderLine"]] = relationship(lazy="raise", order_by="OrderLine.id")

    __table_args__ = (UniqueConstraint("order_id", "number"),)


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
    book: Mapped[Book] = relationship(lazy="raise")

    @property
    def amount(self) -> int:
        return self.unit_price * self.quantity


class Payment(Base):
    """One way of paying an order: what we asked Stripe for, and the last that Stripe said of it."""

    __tablename__ = "payments"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=random_id)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), index=True)
    kind: Mapped[PaymentKind] = mapped_column(default=PaymentKind.INTENT)
    open: Mapped[bool] = mapped_column(default=True)
    # The shopper has chosen another way of paying: this one is being closed at Stripe, the order stays.
    closing: Mapped[bool] = mapped_column(default=False, server_default=false())
    attempt: Mapped[int] = mapped_column(default=1)  # part of the idempotency keys
    attempted_at: Mapped[datetime] = mapped_column(default=now)
    # Stripe answered 5xx to the creation and will answer the same to its key for a day.
    attempt_failed: Mapped[bool] = mapped_column(default=False)
    params: Mapped[dict[str, Any]]  # exactly as sent
    # Counts copies of Stripe's answers: an older answer never overwrites a newer one.
    counter: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=now)
    synced_at: Mapped[datetime | None]  # when Stripe's answer was last copied down
    session_id: Mapped[str | None] = mapped_column(String(255))
    session_status: Mapped[str | None] = mapped_column(String(32))  # Stripe's own word
    # A mirror of the intent, more of it than today needs.
    intent_id: Mapped[str | None] = mapped_column(String(255), unique=True)
    status: Mapped[str | None] = mapped_column(String(32))  # Stripe's own word
    currency: Mapped[str] = mapped_column(String(3))
    amount: Mapped[int]
    amount_received: Mapped[int] = mapped_column(default=0)
    amount_capturable: Mapped[int] = mapped_column(default=0)
    amount_refunded: Mapped[int] = mapped_column(default=0)
    latest_charge: Mapped[str | None] = mapped_column(String(255))
    method: Mapped[str | None] = mapped_column(String(50))  # card, us_bank_account, …
    brand: Mapped[str | None] = mapped_column(String(50))
    last4: Mapped[str | None] = mapped_column(String(4))
    dispute: Mapped[str | None] = mapped_column(
        String(32)
    )  # Stripe's own word for how it stands, if there is one
    # Stripe's sentence for the shopper about the last failed attempt.
    error: Mapped[str | None] = mapped_column(Text)
    # Names the last failed attempt; a change of it ends the pay lease.
    failure: Mapped[str | None] = mapped_column(String(255))

    @property
    def is_disputed(self) -> bool:
        """Whether the customer's bank has the money for now."""
        return self.dispute in ("needs_response", "under_review")

    @property
    def is_taken_back(self) -> bool:
        """Whether the customer's bank has the money for good."""
        return self.dispute == "lost"

    __table_args__ = (
        Index(
            "uq_payments_open_order",
            "order_id",
            unique=True,
            sqlite_where=text("open"),
            postgresql_where=text("open"),
        ),
        Index("uq_payments_session", "session_id", unique=True),
    )


class FailedAttempt(Base):
    """An attempt to pay that came to nothing, counted against those who try out other people's cards."""

    __tablename__ = "failed_attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(255))  # as in Payment.failure: each attempt counts once
    cart_id: Mapped[int | None] = mapped_column(ForeignKey("carts.id", ondelete="SET NULL"))
    visitor: Mapped[str | None] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (
        UniqueConstraint("payment_id", "name"),
        Index("ix_failed_attempts_cart_id_at", "cart_id", "at"),
        Index("ix_failed_attempts_visitor_at", "visitor", "at"),
    )


class StockHold(Base):
    """Copies of a book that an order keeps back, or has taken."""

    __tablename__ = "stock_holds"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"))
    book_id: Mapped[int] = mapped_column(ForeignKey("books.id"), index=True)
    quantity: Mapped[int]
    state: Mapped[HoldState] = mapped_column(default=HoldState.HELD)

    __table_args__ = (UniqueConstraint("order_id", "book_id"), CheckConstraint("quantity > 0", "quantity"))


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


class Refund(Base):
    """Money that goes back, whoever sent it. The row of a refund of ours is there before Stripe hears of it."""

    __tablename__ = "refunds"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=random_id)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), index=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id", ondelete="CASCADE"), index=True)
    refund_id: Mapped[str | None] = mapped_column(String(255), unique=True)  # re_…, once Stripe has answered
    status: Mapped[RefundStatus] = mapped_column(default=RefundStatus.REQUESTED)
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    reason: Mapped[str] = mapped_column(String(200), default="")  # in words, for the order's page
    lines: Mapped[list[dict[str, Any]]] = mapped_column(
        default=list
    )  # {"book_id", "quantity"}, where by line
    restock: Mapped[bool] = mapped_column(default=False)
    # {"book_id", "quantity"}: what went back to the stock on its account, and stays there should it fail later.
    restocked: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    failure: Mapped[str | None] = mapped_column(String(255))  # Stripe's failure_reason
    attempt: Mapped[int] = mapped_column(default=1)  # part of the idempotency key
    attempted_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)

    @property
    def counts(self) -> bool:
        """Whether its money has gone back or is to go back."""
        return self.status not in (RefundStatus.FAILED, RefundStatus.CANCELED)


class Mail(Base):
    """A letter that is owed, written in the commit that owes it. Each order gets each kind once."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(50))  # receipt, …
    recipient: Mapped[str] = mapped_column(String(320))
    message_id: Mapped[str] = mapped_column(String(200), unique=True)  # the same in every attempt
    created_at: Mapped[datetime] = mapped_column(default=now)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime] = mapped_column(default=now, index=True)
    sent_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (UniqueConstraint("order_id", "kind"),)


class LookUp(Base):
    """Somebody looks for an order and says which; whether there is one is found out later. Kept for a day."""

    __tablename__ = "look_ups"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(16))
    email: Mapped[str] = mapped_column(String(320))
    visitor: Mapped[str | None] = mapped_column(String(64))  # as in Order
    at: Mapped[datetime] = mapped_column(default=now)
    answered: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (Index("ix_look_ups_visitor_at", "visitor", "at"),)


class Duty(Base):
    """Who does a periodic job: of several processes, the one that holds it until the moment it is held."""

    __tablename__ = "duties"

    name: Mapped[str] = mapped_column(String(50), primary_key=True)
    holder: Mapped[str] = mapped_column(String(32))
    until: Mapped[datetime]


class OrderEvent(Base):
    """What happened to an order, for people to read; never the source of an amount."""

    __tablename__ = "order_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(default=now)
    kind: Mapped[str] = mapped_column(String(50))
    detail: Mapped[str] = mapped_column(Text, default="")


class StripeEvent(Base):
    """A webhook event that has had its effect."""

    __tablename__ = "stripe_events"

    id: Mapped[str] = mapped_column(String(255), primary_key=True)
    type: Mapped[str] = mapped_column(String(100))
    received_at: Mapped[datetime] = mapped_column(default=now)
