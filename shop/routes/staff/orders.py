"""Orders: the list, and one order's whole story with what can be done about it."""

from contextlib import suppress

from quart import Blueprint, request
from werkzeug.wrappers import Response

from shop.capturing import CaptureWaits, capture_order, release_order
from shop.outbox import owe_another_receipt
from shop.staff.orders import STATUSES, BadDate, Filters, Page, list_orders, tell
from shop.web import Reply, db, finish, gateway, letters_are_due, render, see_other, whole_number
from shop.words import gettext_noop

orders = Blueprint("orders", __name__, url_prefix="/orders")


@orders.get("")
async def index() -> Reply:
    filters, error = Filters.read(request.args), None
    try:
        page = await list_orders(db(), filters)
    except BadDate as bad:
        page, error = Page([]), bad
    context = {"found": page, "filters": filters, "error": error, "statuses": STATUSES}
    return await render(
        "staff/orders/index.html", "staff/orders/_found.html", error.status if error else 200, **context
    )


@orders.get("/<order_id>")
async def show(order_id: str) -> Reply:
    return await order_page(order_id)


@orders.post("/<order_id>/receipts")
async def send_receipt(order_id: str) -> Response:
    form = await request.form
    await owe_another_receipt(db(), order_id, whole_number(form.get("number"), gettext_noop("number")))
    letters_are_due()
    return see_other("staff.orders.show", order_id=order_id, _anchor="letters")


@orders.post("/<order_id>/capture")
async def capture(order_id: str) -> Response:
    with suppress(CaptureWaits):  # it is written down: the order's page tells
        await finish(capture_order(db(), gateway(), order_id))
    letters_are_due()
    return see_other("staff.orders.show", order_id=order_id)


@orders.post("/<order_id>/release")
async def release(order_id: str) -> Response:
    await finish(release_order(db(), gateway(), order_id))
    return see_other("staff.orders.show", order_id=order_id)


async def order_page(order_id: str) -> Reply:
    story = await tell(db(), order_id)
    return await render(
        "staff/orders/show.html", "staff/orders/show.html", story=story, order=story.order, statuses=STATUSES
    )
