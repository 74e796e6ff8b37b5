"""Who has proved to read the letters of an email address: for them Stripe keeps cards, and their browser is known."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from shop.db import Base, now
from shop.models.public_id import random_id


class Customer(Base):
    """One for each address, and one Customer at Stripe for each that has come to pay. Their cards are there alone."""

    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=random_id)
    email: Mapped[str] = mapped_column(String(320), unique=True)  # as `account_email` writes it
    created_at: Mapped[datetime] = mapped_column(default=now)
    stripe_id: Mapped[str | None] = mapped_column(String(255), unique=True)
    # Of making it there, as in Payment; `attempted_at` is None until Stripe is asked.
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    attempt: Mapped[int] = mapped_column(default=1)
    attempted_at: Mapped[datetime | None]
    attempt_failed: Mapped[bool] = mapped_column(default=False)


class SignIn(Base):
    """Somebody wants a link to sign in by, sent to an address. It is good once. Kept for a day."""

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=random_id)
    email: Mapped[str] = mapped_column(String(320), index=True)
    visitor: Mapped[str | None] = mapped_column(String(64))  # as in Order
    at: Mapped[datetime] = mapped_column(default=now)
    until: Mapped[datetime]
    used_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_sign_ins_visitor_at", "visitor", "at"),)


class AccountSession(Base):
    """A browser that is signed in. It has the token, the table its hash: who reads the table cannot sign in."""

    __tablename__ = "account_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    until: Mapped[datetime]
