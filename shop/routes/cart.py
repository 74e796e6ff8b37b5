"""The cart: every action is a form post that works without scripts."""

from quart import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from shop.cart import Basket, add_book, open_cart, set_quantity
from shop.catalogue import find_book
from shop.errors import BadInput, Conflict, ShopError
from shop.web import Reply, cart_id, db, partial, remember_cart, render, whole_number

cart = Blueprint("cart", __name__)


@cart.get("/cart")
async def show() -> Reply:
    basket = await open_cart(db(), cart_id())
    if cart_id():
        remember_cart(basket)
    added = next((item for item in basket.items if item.book.slug == request.args.get("added")), None)
    return await render(
        "cart/show.html",
        "cart/_changed.html",
        basket=basket,
        message=added and said(added.book.title, basket),
    )


@cart.post("/cart/items")
async def add() -> Reply | Response:
    form = await request.form
    slug, quantity = form.get("book", ""), whole_number(form.get("quantity", "1"), "quantity")
    if quantity == 0:
        raise BadInput("Give the quantity as a whole number, like 2.")
    basket = await add_book(db(), cart_id(), slug, quantity)
    remember_cart(basket)
    if not partial():
        return redirect(url_for("cart.show", added=slug), 303)
    book = next(item.book for item in basket.items if item.book.slug == slug)
    html = await render_template(
        "cart/_news.html", basket=basket, message=said(book.title, basket), to_cart=True
    )
    return html, 200, {"Vary": "HX-Request-Type"}


@cart.post("/cart/items/<slug>")
async def change(slug: str) -> Reply | Response:
    form = await request.form
    try:
        quantity = whole_number(form.get("quantity"), "quantity")
        step = int(form["step"]) if form.get("step") in ("1", "-1") else 0
        basket = await set_quantity(db(), cart_id(), slug, max(0, quantity + step))
    except (BadInput, Conflict) as error:
        return await refused(error, slug)
    remember_cart(basket)
    if not partial():
        return redirect(url_for("cart.show"), 303)
    title = (await find_book(db(), slug)).title
    item = next((item for item in basket.items if item.book.slug == slug), None)
    sentence = f"{item.quantity} × {title}." if item else f"Removed {title}."
    return await render(
        "cart/show.html", "cart/_changed.html", basket=basket, message=f"{sentence} {in_cart(basket)}"
    )


async def refused(error: ShopError, slug: str) -> Reply:
    """The cart as it was, and beside the line what is the matter."""
    basket = await open_cart(db(), cart_id())
    return await render(
        "cart/show.html",
        "cart/_changed.html",
        error.status,
        basket=basket,
        problem=str(error),
        problem_slug=slug,
    )


def said(title: str, basket: Basket) -> str:
    return f"Added {title}. {in_cart(basket)}"


def in_cart(basket: Basket) -> str:
    if not basket.count:
        return "Your cart is empty."
    return f"{basket.count} book{'s' if basket.count > 1 else ''} in your cart."
