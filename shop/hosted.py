"""Paying on Stripe's own page: a Checkout Session for the same frozen order, the second way of paying."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, cast

from shop.attempts import MISSING, make_at_stripe
from shop.customers import customer_at_stripe, look_again
from shop.db import Database, now, retried
from shop.errors import PaymentRefused
from shop.failures import check_failures
from shop.gateway import Gateway
from shop.holding import hold
from shop.models import Customer, Order, OrderRevision, OrderStatus, Payment, PaymentKind, random_id
from shop.order_parts import lock_order
from shop.orders import check_shown, chosen_elsewhere, glance_at
from shop.payments import choose_way, metadata, retire_payment, stated
from shop.pricing import AdjustmentKind
from shop.settings import Settings
from shop.settling import record
from shop.syncing import sync_order, sync_payment

if TYPE_CHECKING:
    from stripe.params.checkout import (
        SessionCreateParams,
        SessionCreateParamsShippingOptionShippingRateData,
    )

# Stripe takes 30 minutes to 24 hours. More than the least, so that a lost answer can be asked for again.
LIFE = timedelta(minutes=45)


def session_params(
    order: Order,
    revision: OrderRevision,
    payment: Payment,
    settings: Settings,
    shop_url: str,
    customer: str | None = None,
) -> "SessionCreateParams":
    """What we ask Stripe for: the frozen amounts, and the same metadata as an intent of ours has. `customer`: at
    Stripe, whose saved cards the page shows to whoever has its address."""
    named = stated(metadata(order, revision, payment))
    params: SessionCreateParams = {
        "mode": "payment",
        "client_reference_id": order.public_id,
        "line_items": [
            {
                "price_data": {
                    "currency": revision.currency,
                    "unit_amount": unit_price,
                    "product_data": {"name": title},
                },
                "quantity": quantity,
            }
            for title, unit_price, quantity in _lines(revision)
        ],
        "success_url": f"{shop_url}/orders/{order.public_id}",
        "cancel_url": f"{shop_url}/orders/{order.public_id}/pay",
        "expires_at": int((now() + LIFE).timestamp()),
        "metadata": named,
        "payment_intent_data": {"metadata": named},
    }
    if settings.capture_method == "manual":
        params["payment_intent_data"]["capture_method"] = "manual"
    if customer:
        params["customer"] = customer
        params["saved_payment_method_options"] = {"payment_method_save": "enabled"}
    elif order.email:
        params["customer_email"] = order.email
    return {**params, **_delivery(revision)}


def _lines(revision: OrderRevision) -> Iterator[tuple[str, int, int]]:
    """Title, price and quantity, to the cent as frozen. Stripe's page has no lines below zero: what is discounted
    stands there for what it costs in the end."""
    for line in revision.lines:
        if line.discount:
            title = f"{line.quantity} × {line.title}" if line.quantity > 1 else line.title
            yield title, line.amount - line.discount, 1
        else:
            yield line.title, line.unit_price, line.quantity
    for adjustment in revision.adjusted:
        told = revision.ships_to and adjustment.kind is AdjustmentKind.SHIPPING
        if adjustment.amount and adjustment.kind is not AdjustmentKind.DISCOUNT and not told:
            yield adjustment.label, adjustment.amount, 1


def _delivery(revision: OrderRevision) -> "SessionCreateParams":
    """Stripe's page asks for an address in the country that was priced, and shows the one way of shipping."""
    if revision.ships_to is None or revision.shipping is None:
        return {}
    rate: SessionCreateParamsShippingOptionShippingRateData = {
        "type": "fixed_amount",
        "display_name": revision.shipping.label,
        "fixed_amount": {"amount": revision.shipping.amount, "currency": revision.currency},
    }
    country = cast("Literal['US']", revision.ships_to)
    return {
        "shipping_address_collection": {"allowed_countries": [country]},
        "shipping_options": [{"shipping_rate_data": rate}],
    }


async def open_session(
    db: Database,
    gateway: Gateway,
    settings: Settings,
    shop_url: str,
    order_id: str,
    shown: int | None = None,
    revision: int | None = None,
    who: Customer | None = None,
) -> str | None:
    """The address of Stripe's page for this order: a new one, or the one that is open, unless it is open for another
    than `who` is signed in (None is a guest): that one is closed first. None when there is nothing left to pay.

    Raises TotalChanged, Conflict (of these CodeRefused, SoldOut), PaymentRefused, PaymentUnavailable,
    TooManyFailures."""
    customer = await customer_at_stripe(db, gateway, who)
    await sync_order(db, gateway, order_id)
    await check_failures(db, settings, order_id)
    await choose_way(db, gateway, order_id, PaymentKind.SESSION)
    await _close_anothers(db, gateway, order_id, customer)
    payment = await _open_payment(db, settings, order_id, shop_url, shown, revision, customer)
    if payment is None:
        return None
    try:
        payment = await make_at_stripe(db, gateway, payment)
    except PaymentRefused as error:
        if who is None or error.code != MISSING:
            raise
        await look_again(db, gateway, who)
        return await open_session(db, gateway, settings, shop_url, order_id, shown, revision)
    _order, truth = await sync_payment(db, gateway, str(payment.session_id))
    return truth.session.url if truth.session else None


async def _close_anothers(db: Database, gateway: Gateway, order_id: str, customer: str | None) -> None:
    """Their cards are on that page, and nobody else must get there."""
    payment = (await glance_at(db, order_id)).open_payment
    if payment and payment.kind is PaymentKind.SESSION and payment.customer != customer:
        await retire_payment(db, gateway, order_id, payment.id)


@retried
async def _open_payment(
    db: Database,
    settings: Settings,
    order_id: str,
    shop_url: str,
    shown: int | None,
    number: int | None,
    customer: str | None,
) -> Payment | None:
    """The row, the hold on books and code and the lease on the amount, before Stripe hears of it."""
    async with db.write() as session:
        order = await lock_order(session, order_id)
        if order.status != OrderStatus.PENDING or order.in_force.total == 0:
            return None
        if order.open_payment:
            there = order.open_payment.kind is PaymentKind.SESSION
            if there and order.open_payment.customer == customer:
                return order.open_payment
            raise chosen_elsewhere()
        revision = order.in_force
        check_shown(revision, shown, number)
        await hold(session, order, revision)
        payment = Payment(order_id=order.id, kind=PaymentKind.SESSION, public_id=random_id())
        payment.amount, payment.currency = revision.total, revision.currency
        payment.customer = customer
        payment.params = dict(session_params(order, revision, payment, settings, shop_url, customer))
        order.lease_until = now() + LIFE
        session.add(payment)
        record(session, order, "went to stripe's page")
        return payment
