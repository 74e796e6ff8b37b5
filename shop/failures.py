"""Attempts to pay that failed, counted by cart and by address, so that nobody can try out stolen cards here.

Checkouts are never counted, nor those who only look. The address is kept as a keyed hash."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Null, ScalarSelect, Select, bindparam, null, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.db import Database, now, retried, table
from shop.errors import TooManyFailures
from shop.models import FailedAttempt, Order, OrderStatus, Payment
from shop.settings import Settings

if TYPE_CHECKING:
    import stripe

WINDOW = timedelta(hours=1)
VISITOR = select(table(Order).c.visitor).where(table(Order).c.public_id == bindparam("order"))


def name_of_failure(intent: "stripe.PaymentIntent") -> str | None:
    """Tells the last failed attempt from every other; None if there was none."""
    if (error := getattr(intent, "last_payment_error", None)) is None:
        return None
    method = getattr(error, "payment_method", None)
    named = (getattr(error, "code", ""), getattr(method, "id", ""), getattr(error, "charge", ""))
    return ":".join(str(part) for part in named)


async def count_failure(
    session: AsyncSession, order: Order, payment: Payment, name: str | None, at: datetime | None = None
) -> None:
    """Each attempt once, whether Stripe's event told of it or we asked. Under the lock on the payment."""
    mine = (FailedAttempt.payment_id == payment.id, FailedAttempt.name == name)
    if name and await session.scalar(select(FailedAttempt.id).where(*mine)) is None:
        attempt = FailedAttempt(payment_id=payment.id, name=name, cart_id=order.cart_id, at=at or now())
        attempt.visitor = order.visitor
        session.add(attempt)
        await session.flush()


async def count_event(session: AsyncSession, order: Order, payment: Payment, event: "stripe.Event") -> None:
    """The event has a copy of the intent as it was then: when Stripe is asked, the next attempt may have failed."""
    if event.type == "payment_intent.payment_failed":
        at = datetime.fromtimestamp(event.created, UTC) if "created" in event else None
        name = name_of_failure(event.data.object)  # type: ignore[arg-type]
        await count_failure(session, order, payment, name, at)


async def check_failures(db: Database, settings: Settings, order_id: str) -> None:
    """Raises TooManyFailures if the order's cart or address has to wait."""
    async with db.glance() as session:
        excesses = await find_excesses(session, settings, order_id)
    if excesses:
        until = max(excess.until for excess in excesses)
        raise TooManyFailures(order_id, max(1, round((until - now()).total_seconds())))


@dataclass(frozen=True)
class Excess:
    until: datetime
    orders: ColumnElement[bool]  # of the same cart or address


async def find_excesses(session: AsyncSession, settings: Settings, order_id: str) -> Sequence[Excess]:
    """Why an order that is to be paid has to wait: its cart, its address, both or neither."""
    query = _attempts(settings.failed_payments_per_cart, settings.failed_payments_per_address)
    order = (await session.execute(query, {"order": order_id, "since": now() - WINDOW})).one_or_none()
    if order is None:
        return []
    cart_id, visitor, cart_since, address_since = order
    found = ((cart_since, Order.cart_id == cart_id), (address_since, Order.visitor == visitor))
    return [Excess(since + WINDOW, orders) for since, orders in found if since]


@cache
def _attempts(
    per_cart: int, per_address: int
) -> Select[int | None, str | None, datetime | None, datetime | None]:
    by_cart = _full_since(FailedAttempt.cart_id == Order.cart_id, per_cart)
    by_address = _full_since(FailedAttempt.visitor == Order.visitor, per_address)
    unpaid = (Order.public_id == bindparam("order"), Order.status == OrderStatus.PENDING)
    return select(Order.cart_id, Order.visitor, by_cart, by_address).where(*unpaid)


def _full_since(whose: ColumnElement[bool], limit: int) -> ScalarSelect[datetime] | Null:
    """When the oldest of the newest `limit` attempts failed: once that is an hour ago, there is room again."""
    if not limit:
        return null()
    newest = select(FailedAttempt.at).where(whose, FailedAttempt.at > bindparam("since")).correlate(Order)
    return newest.order_by(FailedAttempt.at.desc()).offset(limit - 1).limit(1).scalar_subquery()


@retried
async def remember_visitor(db: Database, order_id: str, visitor: str | None) -> None:
    """Who comes to pay now; failures that Stripe tells of later are theirs."""
    async with db.glance() as session:
        known = (await session.execute(VISITOR, {"order": order_id})).one_or_none()
    if known is None or known.visitor == visitor:
        return
    async with db.write() as session:
        await session.execute(update(Order).where(Order.public_id == order_id).values(visitor=visitor))


def hide_address(address: str, secret_key: str) -> str:
    """The same for the same address, of no use to others. Of IPv6 a household has a whole /64."""
    try:
        ip = ip_address(address)
    except ValueError:
        ip = None
    if isinstance(ip, IPv6Address):
        address = str(ip.ipv4_mapped or IPv6Network((ip, 64), strict=False))
    return hmac.new(secret_key.encode(), b"address " + address.encode(), hashlib.sha256).hexdigest()
