"""The cart: every action is a form post that works without scripts."""

import re
from collections.abc import Mapping

from quart import Blueprint, request
from werkzeug.wrappers import Response

from shop.cart import Basket, add_book, open_cart, set_quantity
from shop.cart_changes import Seen
from shop.delivery import choose_country
from shop.errors import BadInput, Conflict, ShopError
from shop.models import random_id
from shop.promotions import BadCode, TooManyGuesses, apply_code, remove_code
from shop.templating import SEEN, render_template
from shop.undo import undo_change
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
    visitor,
    whole_number,
)
from shop.words import _, counted

cart = Blueprint("cart", __name__)


@cart.get("/cart")
async def show() -> Reply:
    basket = await open_cart(db(), cart_id())
    if cart_id():
        remember_cart(basket)
    if slug := request.args.get("added", ""):
        return await cart_page(basket, message=added(basket, slug), news_of=slug)
    if code := request.args.get("code"):
        return await cart_page(basket, message=code_news(basket), code_news=code)
    slug = request.args.get("changed", "")
    return await cart_page(basket, message=changed(basket, slug), news_of=slug)


@cart.get("/cart/brief")
async def brief() -> Reply | Response:
    """The cart in brief, for the header."""
    if not partial():
        return see_other("cart.show")
    basket = await open_cart(db(), cart_id())
    if cart_id():
        remember_cart(basket)
    basket = basket.under(settings().charges)
    return await render("cart/_brief.html", "cart/_brief.html", basket=basket)


@cart.post("/cart/items")
async def add() -> Reply | Response:
    form = await request.form
    slug, quantity = form.get("book", ""), whole_number(form.get("quantity", "1"), "quantity", least=1)
    basket = await add_book(db(), cart_id(), slug, quantity, shown_price(form))
    remember_cart(basket)
    if not partial():
        return see_other("cart.show", added=slug)
    news = {"message": added(basket, slug), "news_of": slug, "seen": shown(basket)}
    html = await render_template("cart/_news.html", basket=basket, **news, elsewhere=True)
    return html, 200, {"Vary": "HX-Request-Type"}


@cart.post("/cart/items/<slug>")
async def change(slug: str) -> Reply | Response:
    form = await request.form
    seen = seen_by(form)
    try:
        quantity = whole_number(form.get("quantity"), "quantity") + STEPS.get(form.get("step", ""), 0)
        basket = await set_quantity(db(), cart_id(), slug, max(0, quantity), seen, shown_price(form))
    except (BadInput, Conflict) as error:
        return await refused(error, seen, slug)
    return await done(basket, slug, changed(basket, slug), seen)


STEPS = {"1": 1, "-1": -1}  # the buttons beside the number field, without scripts


@cart.post("/cart/country")
async def send_to() -> Reply | Response:
    """Where the books go."""
    try:
        await choose_country(db(), settings().charges, cart_id(), (await request.form).get("country", ""))
    except BadInput as error:
        return await refused(error, None)
    if not partial():
        return see_other("cart.show")
    basket = (await open_cart(db(), cart_id())).under(settings().charges)
    return await cart_page(basket, message=shipping_told(basket))


@cart.post("/cart/undo")
async def undo() -> Reply | Response:
    form = await request.form
    seen = seen_by(form)
    try:
        number = whole_number(form.get("change"), "change")
        basket, book = await undo_change(db(), cart_id(), number, seen)
    except (BadInput, Conflict) as error:
        return await refused(error, seen)
    return await done(basket, book.slug, _("Undone. %(change)s", change=changed(basket, book.slug)), seen)


@cart.post("/cart/discount")
async def apply_discount() -> Reply | Response:
    """A promotion code; the only action of the cart that asks Stripe."""
    form = await request.form
    seen, typed = seen_by(form), form.get("code", "")
    try:
        basket = await finish(apply_code(db(), gateway(), cart_id(), typed, visitor()))
    except (BadCode, TooManyGuesses) as error:
        basket = await open_cart(db(), cart_id())
        said = {"problem": str(error), "code_problem": str(error), "typed_code": typed[:100]}
        return await cart_page(basket, error.status, seen=seen, **said)
    return await code_changed(basket, seen)


@cart.post("/cart/discount/removal")
async def remove_discount() -> Reply | Response:
    seen = seen_by(await request.form)
    return await code_changed(await remove_code(db(), cart_id()), seen)


async def code_changed(basket: Basket, seen: Seen | None) -> Reply | Response:
    if not partial():
        return see_other("cart.show", code="applied" if basket.promotion else "removed")
    return await cart_page(basket, message=code_news(basket), code_news="yes", seen=seen)


async def done(basket: Basket, slug: str, message: str, seen: Seen | None) -> Reply | Response:
    remember_cart(basket)
    if not partial():
        return see_other("cart.show", changed=slug)
    return await cart_page(basket, message=message, news_of=slug, seen=seen)


async def refused(error: ShopError, seen: Seen | None, slug: str = "") -> Reply:
    """The cart as it is, and beside the line what is the matter."""
    basket = await open_cart(db(), cart_id())
    return await cart_page(basket, error.status, problem=str(error), problem_slug=slug, seen=seen)


async def cart_page(basket: Basket, status: int = 200, seen: Seen | None = None, **context: str) -> Reply:
    """`news_of` names the book that was just added, changed or removed, and that has the focus."""
    basket = basket.under(settings().charges)
    shows = {"basket": basket, "swapped": partial()}
    html, status, headers = await render("cart/show.html", "cart/_changed.html", status, **shows, **context)
    return html.replace(SEEN, shown(basket, seen)), status, headers


def shown(basket: Basket, seen: Seen | None = None) -> str:
    """What the forms of a page say that it shows: the page stays the same when a part of it is swapped."""
    return f"{basket.revision}.{(seen and seen.page) or random_id()}"


def seen_by(form: Mapping[str, str]) -> Seen | None:
    """The same as it comes back; a page that is none of ours is older than any."""
    if (text := form.get("seen")) is None:
        return None
    found = re.fullmatch(r"(\d{1,9})\.([\w-]{1,32})", text, re.ASCII)
    return Seen(int(found[1]), found[2]) if found else Seen(-1, "")


def shown_price(form: Mapping[str, str]) -> int | None:
    return whole_number(form["shown"], "price") if "shown" in form else None


def added(basket: Basket, slug: str) -> str:
    """The sentence that is announced; empty if the book is not in the cart."""
    titles = [item.book.title for item in basket.items if item.book.slug == slug]
    return _("Added %(title)s.", title=titles[0]) + f" {in_cart(basket)}" if titles else ""


def changed(basket: Basket, slug: str) -> str:
    """The same for a book that is in the cart, or has just been taken out."""
    for item in basket.items:
        if item.book.slug == slug:
            return f"{item.quantity} × {item.book.title}. {in_cart(basket)}"
    if (latest := basket.latest) and latest.book.slug == slug:
        return _("Removed %(title)s.", title=latest.book.title) + f" {in_cart(basket)}"
    return ""


def code_news(basket: Basket) -> str:
    if basket.promotion is None:
        return _("The cart has no discount code any more.")
    off = basket.quote.money(basket.quote.discount)
    return _("The code %(code)s takes %(off)s off.", code=basket.promotion.code, off=off)


def shipping_told(basket: Basket) -> str:
    """What the choice of a country has changed."""
    told = [f"{label}: {amount}." for label, amount in basket.quote.rows if basket.has_total]
    return " ".join(told)


def in_cart(basket: Basket) -> str:
    if not basket.count:
        return _("Your cart is empty.")
    return counted("%(num)s book in your cart.", "%(num)s books in your cart.", basket.count)
