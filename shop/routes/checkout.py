"""From the cart to a paid order: the pages on which money is at stake."""

import re
from contextlib import suppress

from quart import Blueprint, redirect, request
from werkzeug.wrappers import Response

from shop.addresses import read_email
from shop.card_testing import shut_out
from shop.cart import open_cart, open_visit
from shop.catalogue import find_book
from shop.countries import by_name
from shop.customers import open_form
from shop.delivery import choose_country
from shop.errors import (
    BadInput,
    Conflict,
    IntentClosed,
    IntentMissing,
    PaymentUnavailable,
    PaymentUnderway,
    ShopError,
    TooManyFailures,
    TotalChanged,
)
from shop.failures import check_failures, remember_visitor
from shop.hosted import open_session
from shop.metrics import CHECKOUTS
from shop.models import OrderStatus, PaymentKind, random_id
from shop.orders import book_bought_now, glance_at, pressed_order, refill, remember_email
from shop.payments import cancel_payment, check_out, choose_way, press, ready_to_pay
from shop.routes.account import signed_in
from shop.routes.cart import cart_page
from shop.routes.catalogue import book_page
from shop.settling import PAYABLE
from shop.templating import render_template
from shop.web import (
    Reply,
    cart_id,
    db,
    finish,
    gateway,
    optional_number,
    origin,
    partial,
    remember_cart,
    see_other,
    settings,
    shop_error,
    visitor,
    whole_number,
)
from shop.words import _

checkout = Blueprint("checkout", __name__)


@checkout.post("/checkout")
async def create() -> Reply | Response:
    form = await request.form
    revision, shown = optional_number(form.get("revision")), optional_number(form.get("total"))
    return await checked_out(cart_id(), revision, shown)


@checkout.post("/books/<slug>/checkout")
async def buy_now(slug: str) -> Reply | Response:
    """One copy of the book, and the cart stays as it is; but where the visitor lives, it remembers."""
    form = await request.form
    visit = form.get("visit", random_id())
    if not re.fullmatch(r"[\w-]{22}", visit, re.ASCII):
        raise BadInput(_("Go back to the book, reload its page, and try again."))
    await find_book(db(), slug)
    basket = await open_visit(db(), cart_id(), visit)
    remember_cart(basket)
    if "country" in form:
        await choose_country(db(), settings().charges, basket.id, form["country"])
    return await checked_out(basket.id, only=slug)


@checkout.post("/orders/<order_id>/checkout")
async def again(order_id: str) -> Reply | Response:
    """After a cancelled payment: check out the visitor's cart or, where it is empty, the order's own books; or buy the
    one book that it was for."""
    if slug := await book_bought_now(db(), order_id):
        return await buy_now(slug)
    refilled = await refill(db(), order_id, cart_id())
    remember_cart(await open_cart(db(), refilled))
    return await checked_out(refilled)


@checkout.get("/orders/<order_id>/pay")
async def show(order_id: str) -> Reply | Response:
    return await pay_page(order_id)


@checkout.post("/orders/<order_id>/pay")
async def press_pay(order_id: str) -> Reply | Response:
    """The press on Pay, before the browser confirms: 204 lets it go on, anything else stops it."""
    form = await request.form
    await remember_visitor(db(), order_id, visitor())
    try:
        email = await typed_email(order_id)
        if not partial():
            await remember_email(db(), order_id, email)
            raise BadInput(_("Card details are entered with JavaScript. Switch it on and reload this page."))
        shown, revision = whole_number(form.get("total"), "total"), optional_number(form.get("revision"))
        going_on = await finish(press(db(), gateway(), settings(), order_id, email, shown, revision))
    except (BadInput, Conflict) as error:
        return await stopped(order_id, error)
    return ("", 204, {}) if going_on else see_other("orders.show", order_id=order_id)


@checkout.post("/orders/<order_id>/email")
async def keep_email(order_id: str) -> Reply | Response:
    """When its field is left: an address is kept, whatever becomes of the page; of another thing it is said why not."""
    await glance_at(db(), order_id)
    wrong = None
    try:
        await remember_email(db(), order_id, await typed_email(order_id))
    except BadInput as error:
        wrong = error
    if not partial():
        return await pay_page(order_id, wrong)
    html = await render_template("checkout/_email_hint.html", error=wrong)
    return html, wrong.status if wrong else 200, {}


@checkout.post("/orders/<order_id>/session")
async def pay_on_stripes_page(order_id: str) -> Reply | Response:
    form = await request.form
    shown, revision = optional_number(form.get("total")), optional_number(form.get("revision"))
    try:
        return await to_stripes_page(order_id, shown, revision)
    except Conflict as error:
        return await pay_page(order_id, error)


@checkout.post("/orders/<order_id>/intent")
async def pay_here(order_id: str) -> Response:
    """Back from Stripe's page to the form on ours: the session is expired first."""
    await finish(choose_way(db(), gateway(), order_id, PaymentKind.INTENT))
    return see_other("checkout.show", order_id=order_id)


@checkout.post("/orders/<order_id>/cancellation")
async def cancel(order_id: str) -> Response:
    await finish(cancel_payment(db(), gateway(), order_id))
    return see_other("orders.show", order_id=order_id)


@checkout.errorhandler(TooManyFailures)
async def wait(error: TooManyFailures) -> Reply:
    """Who tries out cards goes on neither here nor with what is open at Stripe. The order and the cart stay."""
    with suppress(PaymentUnavailable):
        await finish(shut_out(db(), gateway(), settings(), error.order_id))
    html, status, headers = await shop_error(error)
    if partial():  # beside the form
        html = await render_template("checkout/_stopped.html", error=error)
    return html, status, headers


async def checked_out(
    cart: str | None, revision: int | None = None, shown: int | None = None, only: str | None = None
) -> Reply | Response:
    """On to the pay page, or the cart (of one book: its page) with the reason why not."""
    try:
        order_id = await finish(check_out(db(), gateway(), settings(), cart, revision, shown, only))
    except PaymentUnderway as error:
        return await render_template("checkout/underway.html", error=error), error.status, {}
    except PaymentUnavailable:
        if (pressed := await pressed_order(db(), cart, only)) is None:
            raise
        return see_other("orders.show", order_id=pressed)  # which looks until it knows
    except (BadInput, Conflict) as error:
        if only:
            return await book_page(only, error)
        return await cart_page(await open_cart(db(), cart), error.status, problem=str(error))
    CHECKOUTS.inc()
    asks_first = only and (await glance_at(db(), order_id)).in_force.country  # where it goes: see `pay_page`
    if settings().ui_mode == "hosted_page" and not asks_first:
        return await to_stripes_page(order_id)
    return see_other("checkout.show", order_id=order_id)


async def to_stripes_page(order_id: str, shown: int | None = None, revision: int | None = None) -> Response:
    await remember_visitor(db(), order_id, visitor())
    who = await signed_in()
    opening = open_session(db(), gateway(), settings(), origin(), order_id, shown, revision, who)
    address = await finish(opening)
    return redirect(address, 303) if address else see_other("orders.show", order_id=order_id)


async def typed_email(order_id: str) -> str | None:
    """Raises BadEmail. Who buys one book now need not give an address."""
    typed = (await request.form).get("email", "")
    if not typed.strip() and await book_bought_now(db(), order_id):
        return None
    return read_email(typed)


async def stopped(order_id: str, error: ShopError) -> Reply | Response:
    """Why the payment did not start: beside the form for a script, else on the page again."""
    if not partial():
        return await pay_page(order_id, error)
    html = await render_template(
        "checkout/_stopped.html", error=error, changed=isinstance(error, TotalChanged)
    )
    return html, error.status, {"Vary": "HX-Request-Type"}


async def pay_page(order_id: str, error: ShopError | None = None) -> Reply | Response:
    """The form, with a client secret fresh from Stripe, or the way to Stripe's page; an order that is past it shows
    itself instead."""
    to_the_order = see_other("orders.show", order_id=order_id)  # which finds out what has become of it
    await remember_visitor(db(), order_id, visitor())
    try:
        order, truth = await finish(ready_to_pay(db(), gateway(), settings(), order_id))
        await check_failures(db(), settings(), order_id)
    except PaymentUnavailable:
        if not (await glance_at(db(), order_id)).press_is_open:
            raise
        return to_the_order
    except (IntentClosed, IntentMissing):
        return to_the_order
    status = error.status if error else 200
    if order.status != OrderStatus.PENDING:
        return to_the_order
    # Who buys one book now has not been asked yet.
    slug = await book_bought_now(db(), order_id) if order.only_book_id and order.in_force.country else None
    choices = settings().charges.choices(sent=order.in_force.ships_to is not None) if slug else ()
    where = {"slug": slug, "countries": by_name(choices)}
    here, waits_there = settings().ui_mode == "elements", truth and truth.session and order.open_payment
    if waits_there or not (here or order.open_payment):
        page = await render_template("checkout/elsewhere.html", order=order, error=error, here=here, **where)
        return page, status, {}
    intent = truth.intent if truth else None
    if intent is None or intent.status not in PAYABLE or order.open_payment is None:
        return to_the_order
    customer = await signed_in()
    cards = await finish(open_form(db(), gateway(), customer, order.open_payment, intent))
    typed = (await request.form).get("email")
    secret, known = intent.client_secret, intent.shipping.to_dict() if intent.shipping else {}
    html = await render_template(
        "checkout/pay.html",
        order=order,
        client_secret=secret,
        customer=customer,
        cards=cards,
        error=error,
        email=typed,
        known=known,
        **where,
    )
    return html, status, {}
