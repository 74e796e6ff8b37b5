"""Who may work in the back office, who tries to, and what they are bringing in."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, String, false
from sqlalchemy.orm import Mapped, mapped_column

from shop.db import Base, now
from shop.models.public_id import random_id


class StaffSession(Base):
    """Somebody is signed in. The browser has the token, the table its hash: who reads the table cannot sign in."""

    __tablename__ = "staff_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    password: Mapped[str] = mapped_column(
        String(64)
    )  # names the hash that was in force: another ends the session
    until: Mapped[datetime]


class StaffAttempt(Base):
    """Somebody tries to sign in, and has not proved to know the password. Kept as long as it counts."""

    __tablename__ = "staff_attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    visitor: Mapped[str] = mapped_column(String(64))  # as in Order
    at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (Index("ix_staff_attempts_visitor_at", "visitor", "at"),)


class CatalogueUpload(Base):
    """A catalogue file that was tried out and waits for the word to be imported. Kept for a day."""

    __tablename__ = "catalogue_uploads"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=random_id)
    name: Mapped[str] = mapped_column(String(200))
    data: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    currency: Mapped[str | None] = mapped_column(String(3))  # the terms, as `shop import` takes them
    copies: Mapped[int] = mapped_column(default=0)
    report: Mapped[dict[str, Any]] = mapped_column(default=dict)  # of the dry run, then of the import
    imported: Mapped[bool] = mapped_column(default=False, server_default=false())
    begun_at: Mapped[datetime | None]  # of the import, while nobody knows how it ends
    created_at: Mapped[datetime] = mapped_column(default=now)
