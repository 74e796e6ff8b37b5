"""Who is signed in: by a link that was mailed, for the sake of the cards that they have saved."""

from quart import Blueprint, request
from werkzeug.wrappers import Response

from shop.addresses import BadEmail, read_email
from shop.customers import cards_of, remove_card
from shop.models import Customer
from shop.orders import unpaid_order
from shop.signing_in import SESSION_LIFE, LinkIsSpent, ask_for_link, find_link, sign_in, sign_out, who_is
from shop.templating import render_template
from shop.token_cookie import TokenCookie
from shop.web import Reply, cart_id, db, finish, gateway, letters_are_due, see_other, settings, visitor

account = Blueprint("account", __name__)
COOKIE = TokenCookie("colophon-account")


async def signed_in() -> Customer | None:
    """Whom this browser belongs to, by their own letter; that somebody types an address says nothing."""
    return await who_is(db(), COOKIE.token)


@account.get("/account")
async def show() -> str | Response:
    customer = await signed_in()
    if customer is None:
        return see_other("account.ask")
    cards = await cards_of(db(), gateway(), customer)
    return await render_template("account/show.html", customer=customer, cards=cards)


@account.post("/account/cards/<card_id>/removal")
async def remove(card_id: str) -> Response:
    customer = await signed_in()
    if customer is not None:
        await finish(remove_card(gateway(), customer, card_id))
    return see_other("account.show")


@account.get("/sign-in")
async def ask() -> str:
    return await render_template("account/sign_in.html", email="", error=None)


@account.post("/sign-in")
async def send_link() -> Reply | Response:
    typed = (await request.form).get("email", "")
    try:
        email = read_email(typed)
    except BadEmail as error:
        return await render_template("account/sign_in.html", email=typed, error=error), error.status, {}
    # Whoever sends letters is woken every time, as every address is sent one.
    await ask_for_link(db(), email, visitor())
    letters_are_due()
    return see_other("account.asked")


@account.get("/sign-in/asked")
async def asked() -> str:
    """The same for everybody, whatever was typed."""
    return await render_template("account/asked.html")


@account.get("/sign-in/<token>")
async def open_link(token: str) -> str:
    """Nothing is used up by looking: programs that check letters look too."""
    email = await find_link(db(), settings(), token)
    return await render_template("account/enter.html", email=email, token=token)


@account.post("/sign-in/<token>")
async def enter(token: str) -> Response:
    try:
        made = await sign_in(db(), settings(), token, COOKIE.token)
    except LinkIsSpent:
        if await signed_in():  # a second click on the button
            return await _onward()
        raise
    return COOKIE.give(await _onward(), made, SESSION_LIFE)


@account.post("/account/sign-out")
async def leave() -> Response:
    await sign_out(db(), COOKIE.token)
    return COOKIE.take_back(see_other("account.ask"))


async def _onward() -> Response:
    """To what they were about to pay, or to their cards."""
    if order_id := await unpaid_order(db(), cart_id()):
        return see_other("checkout.show", order_id=order_id)
    return see_other("account.show")
