"""Shutting out who tries cards: the intents whose client secrets they know are closed at Stripe.

Nothing else is lost by it: the orders and carts stay, and once the wait is over the pay page makes a new intent."""

from sqlalchemy import or_, select

from shop.db import Database
from shop.failures import find_excesses
from shop.gateway import Gateway
from shop.models import Order, OrderStatus, Payment
from shop.payments import retire_payment
from shop.settings import Settings

AT_ONCE = 10  # payments; each further attempt that fails closes as many again


async def shut_out(db: Database, gateway: Gateway, settings: Settings, order_id: str) -> None:
    """If the order's cart or address has to wait: close what is open to be tried, of the order itself and of others of
    the same cart or address that nobody is paying at the moment. Raises PaymentUnavailable."""
    async with db.read() as session:
        excesses = await find_excesses(session, settings, order_id)
    if not excesses:
        return
    itself, idle = Order.public_id == order_id, Order.lease_until.is_(None)
    theirs = (Order.status == OrderStatus.PENDING, or_(*(excess.orders for excess in excesses)))
    query = select(Order.public_id, Payment.id).join(Payment).where(Payment.open, *theirs, or_(itself, idle))
    async with db.read() as session:
        found = (await session.execute(query.order_by(itself.desc(), Payment.id).limit(AT_ONCE))).all()
    for open_order, payment_id in found:
        await retire_payment(db, gateway, open_order, payment_id)


async def shut_out_after(db: Database, gateway: Gateway, settings: Settings, stripe_id: str) -> None:
    """The same for the order of an intent of which Stripe tells."""
    async with db.read() as session:
        theirs = or_(Payment.intent_id == stripe_id, Payment.session_id == stripe_id)
        order_id = await session.scalar(select(Order.public_id).join(Payment).where(theirs))
    if order_id:
        await shut_out(db, gateway, settings, order_id)
