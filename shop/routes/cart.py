"""The cart: every action is a form post that works without scripts."""

from quart import Blueprint, render_template, request
from werkzeug.wrappers import Response

from shop.cart import Basket, add_book, open_cart, set_quantity
from shop.catalogue import find_book
from shop.errors import BadInput, Conflict, ShopError
from shop.web import Reply, cart_id, db, partial, remember_cart, render, see_other, whole_number

cart = Blueprint("cart", __name__)


@cart.get("/cart")
async def show() -> Reply:
    basket = await open_cart(db(), cart_id())
    if cart_id():
        remember_cart(basket)
    return await cart_page(basket, message=added(basket, request.args.get("added", "")))


@cart.post("/cart/items")
async def add() -> Reply | Response:
    form = await request.form
    slug, quantity = form.get("book", ""), whole_number(form.get("quantity", "1"), "quantity", least=1)
    basket = await add_book(db(), cart_id(), slug, quantity)
    remember_cart(basket)
    if not partial():
        return see_other("cart.show", added=slug)
    message = added(basket, slug)
    html = await render_template("cart/_news.html", basket=basket, message=message, to_cart=True)
    return html, 200, {"Vary": "HX-Request-Type"}


@cart.post("/cart/items/<slug>")
async def change(slug: str) -> Reply | Response:
    form = await request.form
    try:
        quantity = whole_number(form.get("quantity"), "quantity") + STEPS.get(form.get("step", ""), 0)
        basket = await set_quantity(db(), cart_id(), slug, max(0, quantity))
    except (BadInput, Conflict) as error:
        return await refused(error, slug)
    remember_cart(basket)
    if not partial():
        return see_other("cart.show")
    return await cart_page(basket, message=changed(basket, slug, (await find_book(db(), slug)).title))


STEPS = {"1": 1, "-1": -1}  # the buttons beside the number field, without scripts


async def refused(error: ShopError, slug: str) -> Reply:
    """The cart as it was, and beside the line what is the matter."""
    basket = await open_cart(db(), cart_id())
    return await cart_page(basket, error.status, problem=str(error), problem_slug=slug)


async def cart_page(basket: Basket, status: int = 200, **context: str) -> Reply:
    return await render("cart/show.html", "cart/_changed.html", status, basket=basket, **context)


def added(basket: Basket, slug: str) -> str:
    """The sentence that is announced; empty if the book is not in the cart."""
    titles = [item.book.title for item in basket.items if item.book.slug == slug]
    return f"Added {titles[0]}. {in_cart(basket)}" if titles else ""


def changed(basket: Basket, slug: str, title: str) -> str:
    left = [item.quantity for item in basket.items if item.book.slug == slug]
    return f"{f'{left[0]} × {title}.' if left else f'Removed {title}.'} {in_cart(basket)}"


def in_cart(basket: Basket) -> str:
    if not basket.count:
        return "Your cart is empty."
    return f"{basket.count} book{'s' if basket.count > 1 else ''} in your cart."
