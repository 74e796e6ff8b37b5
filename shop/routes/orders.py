"""An order's own page. Its address is the key to it: no cookie is asked for."""

from quart import Blueprint, request
from werkzeug.wrappers import Response

from shop.cart import open_cart
from shop.errors import PaymentUnavailable
from shop.models import Order, OrderStatus
from shop.orders import can_put_back, find_order, put_back, sold
from shop.payments import cancel_payment, sync_order
from shop.web import Reply, cart_id, db, finish, gateway, remember_cart, render, see_other

orders = Blueprint("orders", __name__)
SETTLED = (OrderStatus.PAID, OrderStatus.CANCELED, OrderStatus.REVIEW)


@orders.get("/orders/<order_id>")
async def show(order_id: str) -> Reply | Response:
    if "payment_intent" in request.args:
        # Back from Stripe. Which intent belongs to the order is ours to know: what the address says is dropped.
        await up_to_date(order_id)
        return see_other("orders.show", order_id=order_id)
    order, reached = await up_to_date(order_id)
    if cart_id():
        remember_cart(await open_cart(db(), cart_id()))
    return await order_page(order, reached)


@orders.get("/orders/<order_id>/status")
async def status(order_id: str) -> Reply | Response:
    order, reached = await up_to_date(order_id)
    return await order_page(order, reached)


@orders.post("/orders/<order_id>/cart")
async def return_to_cart(order_id: str) -> Response:
    """Give the books back to the visitor's cart, once nothing can be charged for this order any more."""
    order = await finish(cancel_payment(db(), gateway(), order_id))
    if not can_put_back(order):
        return see_other("orders.show", order_id=order_id)
    remember_cart(await open_cart(db(), await put_back(db(), order_id, cart_id())))
    return see_other("cart.show")


async def up_to_date(order_id: str) -> tuple[Order, bool]:
    """The order as Stripe sees it; if Stripe cannot be reached, as we know it, and False."""
    order = await find_order(db(), order_id)
    if order.status in SETTLED:
        return order, True
    try:
        return await finish(sync_order(db(), gateway(), order_id)), True
    except PaymentUnavailable:
        return order, False


async def order_page(order: Order, reached: bool) -> Reply:
    return await render(
        "orders/show.html",
        "orders/_status.html",
        order=order,
        revision=sold(order),
        payment=order.payments[-1] if order.payments else None,
        reached=reached,
        can_put_back=can_put_back(order),
    )
