"""Refunds of an order: chosen on one page, looked at on the next, made once."""

import re
from typing import Any

from quart import Blueprint, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from shop.errors import BadInput, Conflict, ShopError
from shop.models import OrderStatus, random_id
from shop.orders import find_order
from shop.refunding import RefundRefused, RefundWaits, Wish, copies_left, foresee, refund_order, share
from shop.staff.orders import tell
from shop.web import Reply, db, finish, gateway, optional_number, render, see_other, whole_number
from shop.words import _, gettext_noop

refunds = Blueprint("refunds", __name__, url_prefix="/orders/<order_id>/refunds")
PUBLIC_ID = re.compile(r"[\w-]{22}", re.ASCII)


@refunds.get("/new")
async def choose(order_id: str) -> Reply:
    """The form; once it is filled in, what it comes to."""
    if "what" not in request.args:
        return await _form(order_id)
    try:
        wish = _wish(request.args)
        plan = await foresee(db(), order_id, wish)
    except (BadInput, RefundRefused) as error:
        return await _form(order_id, error)
    context: dict[str, Any] = {
        "order": await find_order(db(), order_id),
        "wish": wish,
        "plan": plan,
        "refund_id": random_id(),
    }
    page = "staff/refunds/confirm.html"
    return await render(page, page, typed=request.args, **context)


@refunds.post("")
async def create(order_id: str) -> Reply | Response:
    form = await request.form
    try:
        await finish(refund_order(db(), gateway(), order_id, _wish(form, confirmed=True)))
    except RefundWaits:
        pass  # it is written down: the order's page tells
    except (BadInput, RefundRefused, Conflict) as error:
        return await _form(order_id, error)
    return see_other("staff.orders.show", order_id=order_id, _anchor="refunds")


def _wish(typed: "MultiDict[str, str]", *, confirmed: bool = False) -> Wish:
    """Raises BadInput."""
    what = typed.get("what")
    lines: dict[str, int | None] = {}
    if what == "lines":
        for slug, copies in zip(typed.getlist("line"), typed.getlist("copies"), strict=False):
            if count := whole_number(copies or "0", gettext_noop("number of copies")):
                lines[slug] = count
    if what not in ("whole", "lines", "amount") or (what == "lines" and not lines):
        raise BadInput(_("Say what is to be refunded: all that is left, copies of a book, or an amount."))
    again = {}
    if confirmed:
        if not PUBLIC_ID.fullmatch(typed.get("refund", "")):
            raise BadInput(_("Choose what is to be refunded again: this page was not made here."))
        left = optional_number(typed.get("left"))
        again = {"again": True, "id": typed["refund"], "left": -1 if left is None else left}
    return Wish(
        lines,
        typed.get("amount", "").strip() if what == "amount" else None,
        restock="restock" in typed and what != "amount",
        reason=typed.get("reason", "").strip(),
        **again,  # type: ignore[arg-type]
    )


async def _form(order_id: str, error: ShopError | None = None) -> Reply:
    story, typed = await tell(db(), order_id), request.args or await request.form
    order, page = story.order, "staff/refunds/new.html"
    lines = copies_left(order) if order.status is OrderStatus.PAID else {}
    context = {"lines": lines, "share": share, "books": story.books}
    return await render(
        page, page, error.status if error else 200, order=order, typed=typed, error=error, **context
    )
