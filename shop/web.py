"""Between HTTP and the shop: replies as page or fragment, the visitor's cart, headers, errors."""

import asyncio
import re
from collections.abc import Coroutine
from typing import Any, TypeVar
from urllib.parse import unquote_to_bytes, urlsplit

import structlog
from quart import Quart, Response, current_app, redirect, request, session, url_for
from werkzeug.exceptions import HTTPException, RequestURITooLarge
from werkzeug.wrappers import Response as BaseResponse

from shop.asgi import BehindProxies, Uninterrupted
from shop.card import Cards
from shop.cart import Basket
from shop.compression import compress_page
from shop.cookies import came_by_https
from shop.db import Database
from shop.errors import BadInput, NoText, NotFound, ShopError
from shop.failures import hide_address
from shop.gateway import Gateway
from shop.headers import HSTS
from shop.kept_pages import UNAVAILABLE, KeptPages
from shop.limits import BoundedRequest
from shop.requests_log import Named
from shop.revision import Catalogue
from shop.settings import Settings
from shop.subject import concerns
from shop.templating import render_template
from shop.words import _, gettext_noop

T = TypeVar("T")
Reply = tuple[str, int, dict[str, str]]
PERSONAL = ("cart", "checkout", "orders", "downloads", "lookup", "account", "mailbox", "staff")  # blueprints
LOOPBACK = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d+)?")
log = structlog.get_logger()
_running: set[asyncio.Task[Any]] = set()


def db() -> Database:
    found: Database = current_app.extensions["db"]
    return found


def catalogue() -> Catalogue:
    found: Catalogue = current_app.extensions["catalogue"]
    return found


def gateway() -> Gateway:
    found: Gateway = current_app.extensions["gateway"]
    return found


def cards() -> Cards:
    found: Cards = current_app.extensions["cards"]
    return found


def settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found


async def finish(step: Coroutine[Any, Any, T]) -> T:
    """Run a step of a purchase to its end even if its handler is cancelled, by a time-out or a shutdown.
    (That a browser goes away does not cancel it: see `Uninterrupted`.)"""
    task = asyncio.create_task(step)
    _running.add(task)
    task.add_done_callback(_finished)
    return await asyncio.shield(task)


def _finished(task: asyncio.Task[Any]) -> None:
    _running.discard(task)
    if not task.cancelled():
        task.exception()  # whoever waited has heard of it; nobody else needs to


async def finish_running(*more: asyncio.Task[Any], within: float) -> None:
    """Wait for the steps (and more) that are under way, at shutdown; what takes longer than `within` seconds is broken
    off, as a crash would, and found by the next start."""
    if not (tasks := {*_running, *more}):
        return
    _, late = await asyncio.wait(tasks, timeout=within)
    for task in late:
        log.warning("shutdown.broken_off", step=task.get_coro())
        task.cancel()
    if late:
        await asyncio.wait(late, timeout=1)


def letters_are_due() -> None:
    """Wake whoever sends letters; he would come by himself, but later."""
    current_app.extensions["letters_due"].set()


def partial() -> bool:
    """Whether htmx asks for a fragment. Never ask HX-Request: history restores need whole pages."""
    return request.headers.get("HX-Request-Type") == "partial"


async def render(page: str, fragment: str, status: int = 200, **context: Any) -> Reply:
    """The page, or the fragment of it that htmx asks for."""
    html = await render_template(fragment if partial() else page, **context)
    return html, status, {"Vary": "HX-Request-Type"}


def see_other(endpoint: str, **values: Any) -> BaseResponse:
    return redirect(url_for(endpoint, **values), 303)


def origin() -> str:
    """Where this browser finds the shop, for leading it back to us and for nothing that others see: what a request says
    of its host holds for its own answer only."""
    return settings().url or request.host_url.rstrip("/")


def absolute(path: str) -> str:
    """The address by which others find a page of ours. What a request says of its host is believed on the developer's
    own machine only: elsewhere SHOP_URL tells."""
    here = request.host_url.rstrip("/") if LOOPBACK.fullmatch(request.host) else ""
    return (settings().url or here) + path


def over_https() -> bool:
    return came_by_https(request.scheme, settings())


def visitor() -> str | None:
    """Who asks, by a hash of the address; None where the server does not know it."""
    client = request.scope.get("client")
    return hide_address(client[0], settings().secret_key) if client else None


def cart_id() -> str | None:
    found = session.get("cart")
    if not isinstance(found, str):
        return None
    concerns(cart=found)
    return found


def remember_cart(basket: Basket) -> None:
    """The cookie holds the cart's random id and the number in the header, nothing else."""
    concerns(cart=basket.id)
    if basket.id is None:
        session.clear()
    elif (session.get("cart"), session.get("count")) != (basket.id, basket.count):
        session.update(cart=basket.id, count=basket.count)
        session.permanent = True


def whole_number(text: str | None, what: str, least: int = 0) -> int:
    """A number that a shopper typed. Raises BadInput."""
    text = (text or "").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and int(text) >= least):
        raise BadInput(_("Give the %(what)s as a whole number, like 2.", what=_(what)))
    return int(text)


def optional_number(text: str | None) -> int | None:
    """A number that a page of ours wrote into its form: None if it is not there, -1 if it is none of ours."""
    return None if text is None else int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else -1


def attach(app: Quart) -> None:
    """Checks before each request, headers after it, and a page for each error.

    All of them are coroutines: Quart sends each that is a plain function to a thread of its own."""
    app.request_class = BoundedRequest
    hops = app.extensions["settings"].trusted_proxies
    # Within what keeps pages: one that is answered as before needs no name.
    kept = KeptPages(app, Named(Uninterrupted(app.asgi_app), proxied=hops > 0))
    app.asgi_app = BehindProxies(kept, hops)  # type: ignore[method-assign]
    app.before_request(_say_what_is_known)
    app.before_request(_refuse_strange_addresses)
    app.before_request(_send_files_whole)
    app.before_request(_refuse_cross_origin)
    app.after_request(_add_headers)
    app.after_request(compress_page)
    app.register_error_handler(ShopError, shop_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _crash)


async def _say_what_is_known() -> None:
    """Whoever has waited for the database in vain does not wait again."""
    if UNAVAILABLE in request.scope:
        raise request.scope[UNAVAILABLE]  # type: ignore[literal-required]


async def _refuse_strange_addresses() -> None:
    """No page or file has so long a name, and file systems fail on them; databases take no NUL."""
    if len(request.path) > 1000 or "\0" in request.path:
        raise NotFound(_("This address is not one of ours."))
    if len(request.query_string) > 8000:
        raise RequestURITooLarge
    if b"\0" in unquote_to_bytes(request.query_string):
        raise NoText


async def _send_files_whole() -> None:
    """They are small, and Quart breaks on a range that counts from the end."""
    request.headers.remove("Range")


async def _refuse_cross_origin() -> Reply | None:
    """No other site may act with the visitor's cookie. The rules of Go's http.CrossOriginProtection: a request
    without both headers comes from no browser (Stripe's webhooks)."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return None
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin", "")
    # A proxy may not pass on by which name the browser came.
    ours = {request.host, urlsplit(settings().url or "").netloc} - {""}
    known = site in ("same-origin", "none") if site else not origin or origin.partition("://")[2] in ours
    if not known:
        raise ForeignOrigin(_("This form was sent from another site. Open the shop itself and try again."))
    return None


class ForeignOrigin(ShopError):
    status = 403
    heading = gettext_noop("Not from here")


async def _add_headers(response: Response) -> Response:
    headers, by_blueprint = response.headers, current_app.extensions["headers"]
    blueprint = (request.blueprint or "").partition(".")[0]  # of one within another, the outer
    for name, value in (by_blueprint.get(blueprint) or by_blueprint[None]).items():
        headers.setdefault(name, value)
    if over_https():
        headers["Strict-Transport-Security"] = HSTS
    if blueprint in PERSONAL:
        headers["Cache-Control"] = "no-store"
        headers["X-Robots-Tag"] = "noindex"
    elif request.endpoint == "static" and response.status_code in (200, 304):
        fresh = request.args.get("v") == current_app.extensions["tag"]((request.view_args or {})["filename"])
        headers["Cache-Control"] = "public, max-age=31536000, immutable" if fresh else "no-cache"
    elif response.mimetype == "text/html":  # it shows the visitor's cart
        headers.setdefault("Cache-Control", "private, no-cache")
        response.vary.add("Cookie")
    return response


async def shop_error(error: ShopError) -> Reply:
    """Its page, or its sentence for htmx."""
    html, status, headers = await error_reply(error.status, _(error.heading), str(error))
    if error.retry_after:
        headers["Retry-After"] = str(error.retry_after)
    return html, status, headers


async def _http_error(error: HTTPException) -> Reply | BaseResponse:
    heading, sentence = (_(words) for words in WORDS.get(error.code or 500, WORDS[400]))
    if error.code and error.code < 400:
        return error.get_response()
    reply = await error_reply(error.code or 500, heading, sentence)
    if allow := dict(error.get_headers()).get("Allow"):
        reply[2]["Allow"] = allow
    if error.code == 408:
        reply[2]["Connection"] = "close"  # the rest of what was sent is not waited for
    return reply


async def _crash(error: Exception) -> Reply:
    log.error("crash", endpoint=request.endpoint, exc_info=error)
    return await error_reply(500, *(_(words) for words in WORDS[500]))


async def error_reply(status: int, heading: str, sentence: str) -> Reply:
    """The error page, or for htmx a sentence in the live region that leaves the page as it is."""
    if not partial():
        return await render("error.html", "error.html", status, heading=heading, sentence=sentence)
    html = await render_template("_message.html", sentence=sentence, bad=True)
    return html, status, {"HX-Retarget": "#message", "HX-Reswap": "innerHTML", "Vary": "HX-Request-Type"}


WORDS = {
    400: (
        gettext_noop("That request was garbled"),
        gettext_noop("Go back and try again, or look at the books."),
    ),
    404: (
        gettext_noop("This page is not in the catalogue"),
        gettext_noop("Check the address, or look at the books."),
    ),
    405: (
        gettext_noop("That is not how this page works"),
        gettext_noop("Go back and use the links and buttons on the page."),
    ),
    408: (
        gettext_noop("That took too long"),
        gettext_noop("Your request did not arrive whole. Check your connection and try again."),
    ),
    413: (
        gettext_noop("That is too much"),
        gettext_noop("What was sent is larger than this shop accepts. Send less."),
    ),
    414: (
        gettext_noop("This address is too long"),
        gettext_noop("No page of ours has so long an address. Check it, or look at the books."),
    ),
    415: (
        gettext_noop("That is no form of ours"),
        gettext_noop("This shop takes no files. Go back and use the form on the page."),
    ),
    500: (
        gettext_noop("Something broke on our side"),
        gettext_noop(
            "Your cart is safe. If you were paying, look at your order’s page before you try again."
        ),
    ),
}
