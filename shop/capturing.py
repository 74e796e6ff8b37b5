"""Charging what was authorised, once the books leave; or letting it go.

That it is to be captured is written down first, so that recovery finishes what a crash interrupts."""

from contextlib import suppress

from sqlalchemy import select

from shop.db import Database, now, retried
from shop.errors import Conflict, IntentClosed, PaymentRefused, PaymentUnavailable, ShopError
from shop.gateway import Gateway
from shop.models import Order, OrderStatus, Payment
from shop.money import money
from shop.order_parts import lock_order
from shop.orders import glance_at
from shop.settling import record
from shop.syncing import sync_order


class CaptureRefused(Conflict):
    heading = "Nothing was captured"


class CaptureWaits(ShopError):
    """It is written down, and Stripe has not answered yet."""

    heading = "The payment is not captured yet"

    def __init__(self) -> None:
        super().__init__(
            "Stripe does not answer. It is written down and will be captured once, by the running shop or by the same "
            "command."
        )


async def capture_order(db: Database, gateway: Gateway, order_id: str) -> Order:
    """Take what is authorised for an order; asked again, it finds the order paid. Raises NotFound, CaptureRefused,
    CaptureWaits."""
    await _look(db, gateway, order_id)
    await _write_down(db, order_id)
    try:
        order = await finish_capture(db, gateway, order_id)
    except PaymentUnavailable as error:
        raise CaptureWaits from error
    if order.status is not OrderStatus.PAID:
        raise CaptureRefused(f"Stripe did not let us: the order is {order.status.value} now.")
    return order


async def release_order(db: Database, gateway: Gateway, order_id: str) -> Order:
    """Let go of what is authorised: the order is cancelled and nothing charged. Raises NotFound, CaptureRefused."""
    order = await _look(db, gateway, order_id)
    payment = order.open_payment
    if order.status is OrderStatus.CANCELED:
        return order
    if order.status is not OrderStatus.AUTHORISED or payment is None or payment.intent_id is None:
        raise CaptureRefused(f"The order is {order.status.value}: there is nothing authorised to let go.")
    if payment.capture_asked_at is not None:
        raise CaptureRefused("It is being captured: refund it when it is paid.")
    try:
        with suppress(IntentClosed):  # syncing tells how
            await gateway.cancel_intent(
                payment.intent_id, {}, f"{payment.public_id}-release-{payment.counter}"
            )
        return await sync_order(db, gateway, order_id)
    except PaymentUnavailable as error:
        raise CaptureRefused("Stripe does not answer. Try again in a moment.") from error


async def finish_capture(db: Database, gateway: Gateway, order_id: str) -> Order:
    """Ask Stripe for what is to be captured, if it is; a second time finds nothing. Raises PaymentUnavailable."""
    order = await glance_at(db, order_id)
    payment = order.open_payment
    if not order.owes_capture or payment is None:
        return order
    assert payment.intent_id
    # Refused: captured before, or let go by the bank; syncing tells which. The key changes with Stripe's truth, so that
    # an answer that failed is not repeated.
    with suppress(IntentClosed, PaymentRefused):
        await gateway.capture_intent(payment.intent_id, f"{payment.public_id}-capture-{payment.counter}")
    return await sync_order(db, gateway, order_id)


async def _look(db: Database, gateway: Gateway, order_id: str) -> Order:
    try:
        return await sync_order(db, gateway, order_id)
    except PaymentUnavailable as error:
        raise CaptureRefused("Stripe does not answer. Try again in a moment.") from error


@retried
async def _write_down(db: Database, order_id: str) -> None:
    async with db.write() as session:
        mine = (Order.public_id == order_id, Payment.open)
        locked = select(Payment).join(Order, Order.id == Payment.order_id).where(*mine)
        payment = await session.scalar(locked.with_for_update(of=Payment))
        order = await lock_order(session, order_id)
        if order.status is OrderStatus.PAID:
            return
        if order.status is not OrderStatus.AUTHORISED or payment is None:
            raise CaptureRefused(
                f"The order is {order.status.value}: there is nothing authorised to capture."
            )
        held, total = payment.amount_capturable, order.in_force.total
        if (held, payment.currency) != (total, order.in_force.currency):
            said = (
                f"{money(held, payment.currency)} is authorised, not {money(total, order.in_force.currency)}"
            )
            raise CaptureRefused(f"{said}: let it go, or settle it in Stripe's dashboard.")
        if payment.capture_asked_at is None:
            payment.capture_asked_at = now()
            record(session, order, "capture asked", money(held, payment.currency))
