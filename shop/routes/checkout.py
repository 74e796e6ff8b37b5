"""From the cart to a paid order: the pages on which money is at stake."""

from quart import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from shop.addresses import read_email
from shop.cart import open_cart
from shop.errors import BadInput, Conflict, PaymentUnderway, TotalChanged
from shop.orders import find_order, press_pay, refill, sold
from shop.payments import PAYABLE, bring_up_to_date, cancel_payment, check_out, sync_payment
from shop.web import (
    Reply,
    cart_id,
    db,
    finish,
    gateway,
    partial,
    remember_cart,
    render,
    see_other,
    settings,
    whole_number,
)

checkout = Blueprint("checkout", __name__)


@checkout.post("/checkout")
async def create() -> Reply | Response:
    revision = (await request.form).get("revision", type=int)
    try:
        order_id = await finish(check_out(db(), gateway(), settings(), cart_id(), revision))
    except PaymentUnderway as error:
        html = await render_template("checkout/underway.html", error=error)
        return html, error.status, {}
    except (BadInput, Conflict) as error:
        basket = await open_cart(db(), cart_id())
        return await render(
            "cart/show.html", "cart/_cart.html", error.status, basket=basket, problem=str(error)
        )
    return see_other("checkout.show", order_id=order_id)


@checkout.post("/orders/<order_id>/checkout")
async def again(order_id: str) -> Response:
    """After a cancelled payment: check out the visitor's cart or, where it is empty, the order's own books."""
    refilled = await refill(db(), order_id, cart_id())
    remember_cart(await open_cart(db(), refilled))
    new_order = await finish(check_out(db(), gateway(), settings(), refilled))
    return see_other("checkout.show", order_id=new_order)


@checkout.get("/orders/<order_id>/pay")
async def show(order_id: str) -> Reply | Response:
    return await pay_page(order_id)


@checkout.post("/orders/<order_id>/pay")
async def press(order_id: str) -> Reply | Response:
    """The press on Pay, before the browser confirms: 204 lets it go on, anything else stops it."""
    form = await request.form
    try:
        email = read_email(form.get("email", ""))
        shown, revision = whole_number(form.get("total"), "total"), form.get("revision", type=int)
        going_on = await finish(press_pay(db(), order_id, email, shown, revision))
    except (BadInput, Conflict) as error:
        if partial():
            return await render(
                "",
                "checkout/_stopped.html",
                error.status,
                error=error,
                changed=isinstance(error, TotalChanged),
            )
        return await pay_page(order_id, error.status, error)
    if not going_on:
        return see_other("orders.show", order_id=order_id)
    if partial():
        return "", 204, {}
    return await pay_page(
        order_id, 200, BadInput("Your card details are entered with JavaScript: please switch it on.")
    )


@checkout.post("/orders/<order_id>/cancellation")
async def cancel(order_id: str) -> Response:
    await finish(cancel_payment(db(), gateway(), order_id))
    return redirect(url_for("orders.show", order_id=order_id), 303)


async def pay_page(order_id: str, status: int = 200, error: Exception | None = None) -> Reply | Response:
    """The form, with a client secret fresh from Stripe; an order that is past it shows itself instead."""
    order = await find_order(db(), order_id)
    payment = order.payments[-1] if order.payments else None
    if payment is None or not payment.open:
        return see_other("orders.show", order_id=order_id)
    if payment.intent_id is None or order.revision < len(order.revisions):
        await finish(bring_up_to_date(db(), gateway(), settings(), order_id))
        return see_other("checkout.show", order_id=order_id)
    intent = await finish(sync_payment(db(), gateway(), payment.intent_id))
    if intent.status not in PAYABLE:
        return see_other("orders.show", order_id=order_id)
    order = await find_order(db(), order_id)
    html = await render_template(
        "checkout/pay.html",
        order=order,
        revision=sold(order),
        payment=order.payments[-1],
        client_secret=intent.client_secret,
        error=error,
        email=(await request.form).get("email") or order.email or "",
    )
    return html, status, {}
