"""Promotion codes as Stripe states them, and what our orders have made of them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from shop.db import Base, now


class Promotion(Base):
    """What Stripe last said of a promotion code and its coupon, so that a cart need not ask."""

    __tablename__ = "promotions"

    id: Mapped[str] = mapped_column(String(255), primary_key=True)  # promo_…
    code: Mapped[str] = mapped_column(String(500))
    coupon: Mapped[str] = mapped_column(String(255), index=True)
    active: Mapped[bool]
    # Whether it is for certain customers or products at Stripe, of which the shop knows none.
    restricted: Mapped[bool]
    percent_off: Mapped[str | None] = mapped_column(String(16))  # exact, like "12.5"
    amount_off: Mapped[int | None]
    currency: Mapped[str | None] = mapped_column(String(3))  # of amount_off
    minimum_amount: Mapped[int | None]
    minimum_currency: Mapped[str | None] = mapped_column(String(3))
    ends_at: Mapped[datetime | None]
    first_time: Mapped[bool]
    # How many redemptions are left to our orders in all: Stripe's limit less what Stripe itself has counted.
    allowed: Mapped[int | None]
    allowed_of_coupon: Mapped[int | None]  # by all its codes
    looked_up_at: Mapped[datetime] = mapped_column(default=now)


class RedemptionState(StrEnum):
    HELD = "held"  # kept back while the order is being paid
    REDEEMED = "redeemed"


class Redemption(Base):
    """The one use that an order makes of a promotion code."""

    __tablename__ = "redemptions"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), unique=True)
    promotion_id: Mapped[str] = mapped_column(ForeignKey("promotions.id"), index=True)
    state: Mapped[RedemptionState] = mapped_column(default=RedemptionState.HELD)
    at: Mapped[datetime] = mapped_column(default=now)


class CodeGuess(Base):
    """Somebody has typed a code that was none. Kept for a day."""

    __tablename__ = "code_guesses"

    id: Mapped[int] = mapped_column(primary_key=True)
    visitor: Mapped[str | None] = mapped_column(String(64))  # as in Order
    at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (Index("ix_code_guesses_visitor_at", "visitor", "at"),)
