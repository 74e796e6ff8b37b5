"""Holding the database against Stripe, from a page. It repairs nothing: that is for `shop audit --fix`."""

from quart import Blueprint

from shop.errors import Conflict, PaymentUnavailable, ShopError
from shop.staff.auditing import Result, TookTooLong, look
from shop.web import Reply, finish, partial, render, settings
from shop.words import _

audit = Blueprint("audit", __name__, url_prefix="/audit")


@audit.get("")
async def show() -> Reply:
    return await _page()


@audit.post("")
async def run() -> Reply:
    try:
        return await _page(await finish(look(settings())))
    except (TookTooLong, Conflict) as error:
        return await _page(error=error)
    except PaymentUnavailable:
        return await _page(error=ShopError(_("Stripe does not answer. Try again in a moment.")))


async def _page(result: Result | None = None, error: ShopError | None = None) -> Reply:
    page, fragment = "staff/audit/show.html", "staff/audit/_result.html"
    status = error.status if error and not partial() else 200  # of 5xx, htmx swaps nothing in
    return await render(page, fragment, status, result=result, error=error)
