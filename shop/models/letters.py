"""Letters that are owed."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.db import Base, now


class Mail(Base):
    """A letter that is owed, written in the commit that owes it. Each order gets each kind once; who wants to sign in
    gets one."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"))
    sign_in_id: Mapped[int | None] = mapped_column(ForeignKey("sign_ins.id", ondelete="CASCADE"), unique=True)
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
