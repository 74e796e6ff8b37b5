"""Money that goes back."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from shop.db import Base, now
from shop.models.public_id import random_id


class RefundStatus(StrEnum):
    """Stripe's own words, but for the first."""

    REQUESTED = "requested"  # written down, Stripe has not answered yet
    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


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
    # {"book_id", "quantity"}, where by line.
    lines: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
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
