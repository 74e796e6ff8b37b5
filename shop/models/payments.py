"""What Stripe was asked for, and what it said."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from shop.db import Base, now
from shop.models.public_id import random_id


class PaymentKind(StrEnum):
    INTENT = "intent"  # on our page, with Elements
    SESSION = "session"  # on Stripe's page, by a Checkout Session


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
    customer: Mapped[str | None] = mapped_column(String(255))  # at Stripe, whose saved cards may pay
    currency: Mapped[str] = mapped_column(String(3))
    amount: Mapped[int]
    amount_received: Mapped[int] = mapped_column(default=0)
    amount_capturable: Mapped[int] = mapped_column(default=0)
    # When an operator asked for what was authorised: from then on it is captured, however often that takes.
    capture_asked_at: Mapped[datetime | None]
    amount_refunded: Mapped[int] = mapped_column(default=0)
    latest_charge: Mapped[str | None] = mapped_column(String(255))
    method: Mapped[str | None] = mapped_column(String(50))  # card, us_bank_account, …
    brand: Mapped[str | None] = mapped_column(String(50))
    last4: Mapped[str | None] = mapped_column(String(4))
    # Stripe's own word for how it stands, if there is one.
    dispute: Mapped[str | None] = mapped_column(String(32))
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


class EventOutcome(StrEnum):
    HANDLED = "handled"  # it has had its effect, and has it once
    NOT_OURS = "not_ours"  # about a payment of another application, or of none that Stripe knows
    FAILED = "failed"  # Stripe was asked to send it again


class StripeEvent(Base):
    """A webhook event of a type that is handled, and what became of it."""

    __tablename__ = "stripe_events"

    id: Mapped[str] = mapped_column(String(255), primary_key=True)
    type: Mapped[str] = mapped_column(String(100))
    received_at: Mapped[datetime] = mapped_column(default=now)  # when it came first
    outcome: Mapped[EventOutcome] = mapped_column(
        default=EventOutcome.HANDLED, server_default=EventOutcome.HANDLED
    )
    error: Mapped[str | None] = mapped_column(Text)
    about: Mapped[str | None] = mapped_column(String(255), index=True)  # Stripe's id of the intent or session

    __table_args__ = (Index("ix_stripe_events_received_at_id", "received_at", "id"),)
