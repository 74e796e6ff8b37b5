"""An order's own page. Its address is the key to it: no cookie is asked for."""

from quart import Blueprint, request
from werkzeug.wrappers import Response

from shop.cart import open_cart
from shop.db import now
from shop.downloads import links
from shop.errors import PaymentUnavailable
from shop.models import Order, OrderStatus
from shop.orders import find_order, put_back
from shop.payments import cancel_payment
from shop.syncing import sync_order
from shop.web import (
    Reply,
    cart_id,
    db,
    finish,
    gateway,
    letters_are_due,
    partial,
    remember_cart,
    render,
    see_other,
    settings,
)

orders = Blueprint("orders", __name__)
SETTLED = (OrderStatus.PAID, OrderStatus.CANCELED, OrderStatus.REVIEW)


@orders.get("/orders/<order_id>")
async def show(order_id: str) -> Reply | Response:
    order, reached = await up_to_date(order_id)
    if "payment_intent" in request.args:
        # Back from Stripe. Which intent belongs to the order is ours to know: what the address says is dropped.
        return see_other("orders.show", order_id=order_id)
    if cart_id():
        remember_cart(await open_cart(db(), cart_id()))
    return await order_page(order, reached)


@orders.get("/orders/<order_id>/status")
async def status(order_id: str) -> Reply | Response:
    """What the order's page asks for while it waits."""
    return await order_page(*await up_to_date(order_id))


@orders.post("/orders/<order_id>/cart")
async def return_to_cart(order_id: str) -> Response:
    """Give the books back to the visitor's cart, once nothing can be charged for this order any more."""
    await finish(cancel_payment(db(), gateway(), order_id))
    cart = await put_back(db(), order_id, cart_id())
    if cart is None:
        return see_other("orders.show", order_id=order_id)
    remember_cart(await open_cart(db(), cart))
    return see_other("cart.show")


async def up_to_date(order_id: str) -> tuple[Order, bool]:
    """The order as Stripe sees it; if Stripe cannot be reached, as we know it, and False."""
    order = await find_order(db(), order_id)
    if order.status in SETTLED:
        return order, True
    try:
        await finish(sync_order(db(), gateway(), order_id))
    except PaymentUnavailable:
        return order, False
    order = await find_order(db(), order_id)
    if order.status is OrderStatus.PAID:
        letters_are_due()
    return order, True


async def order_page(order: Order, reached: bool) -> Reply:
    payment = order.payments[-1] if order.payments else None
    pressed = order.lease_until is not None and order.lease_until > now()
    # Between the press on Pay and its outcome nobody knows, and nobody should pay again.
    checking = not reached or (pressed and payment is not None and payment.status != "requires_action")
    waiting = order.status == OrderStatus.PROCESSING or (order.status not in SETTLED and checking)
    return await render(
        "orders/show.html",
        "orders/_status.html",
        order=order,
        payment=payment,
        downloads=links(settings(), order),
        reached=reached,
        checking=checking,
        waiting=waiting,
        news=partial() and not waiting,
    )
