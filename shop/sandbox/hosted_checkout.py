"""The hosted Checkout page, where a Checkout Session's `url` leads. It works without scripts: they only close
the card section until it is chosen, and keep the card fields tidy while they are typed in."""

from typing import Any
from urllib.parse import urlsplit

from babel import Locale
from quart import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from .api.payment_page_view import page_of
from .api.payment_pages import changed
from .call import Call
from .checkout_form import Form, check, former, method, needs_card, said
from .errors import ApiError, Json
from .held import settings, store
from .ids import new_id, token
from .inside import post
from .money import written

hosted_checkout = Blueprint(
    "hosted_checkout",
    __name__,
    template_folder="checkout",
    static_folder="checkout/static",
    static_url_path="/c/static",
)

Reply = Response | Redirect
UNCERTAIN = (409, 429, 500, 502, 503)
"""Answers after which the same attempt is to be made again, under the same idempotency key."""
COUNTRIES = sorted(
    ((code, name) for code, name in Locale("en").territories.items() if len(code) == 2 and code not in
     ("EU", "EZ", "UN", "QO", "XA", "XB", "ZZ", "CU", "IR", "KP", "SY")),
    key=lambda country: country[1],
)  # fmt: skip
"""(code, name) of the countries of an address."""


@hosted_checkout.app_template_filter("delivery")
def delivery(estimate: Json) -> str:
    """5 to 7 business days."""
    ends = [end for end in (estimate["minimum"], estimate["maximum"]) if end]
    unit = ends[-1]["unit"].replace("_", " ")
    return f"{' to '.join(str(end['value']) for end in ends)} {unit}{'s' if ends[-1]['value'] > 1 else ''}"


@hosted_checkout.get("/c/pay/<id>")
async def show(id: str) -> Reply:
    page = page_of(_call(), _session(id))
    if page["status"] != "open":
        return await _ended(page)
    form = Form(former(page))
    if failed := page["last_payment_error"]:
        form.errors["page"] = failed["message"]
    return await _page(page, form)


@hosted_checkout.post("/c/pay/<id>")
async def submit(id: str) -> Reply:
    call, session, form = _call(), _session(id), Form((await request.form).to_dict())
    if session["status"] == "complete":
        return redirect(url_for(".thanks", id=id), 303)
    page = page_of(call, session)
    if session["status"] != "open":
        return await _ended(page)
    check(form, page)
    if form.errors:
        return await _page(page, form, 422)
    seen = session["amount_total"]
    try:
        if changed(call, session, _chosen(form, page))["amount_total"] != seen:
            form.errors["page"] = "What you chose has changed the total. Please look at it, and pay again."
            return await _update(id, form, page)
        page = await _pay(id, form, page, seen)
    except ApiError as error:
        form.refuse(error)
        return await _page(page_of(call, _session(id)), form, error.status)
    action = ((page["payment_intent"] or page["setup_intent"] or {}).get("next_action") or {}).get(
        "redirect_to_url"
    )
    return redirect(action["url"] if action else url_for(".thanks", id=id), 303)


async def _pay(id: str, form: Form, page: Json, seen: int | None) -> Json:
    """The page as it is then. `seen` is the total that the shopper saw."""
    params = {**_chosen(form, page), "expected_amount": seen}
    params["return_url"] = f"{settings().hosts.checkout}{url_for('.thanks', id=id)}"
    if needs_card(page) and form["savedCard"]:
        params["payment_method"] = form["savedCard"]
    elif needs_card(page):
        params["save_payment_method"] = bool(form["saveCard"])
        params["payment_method_data"] = method(form, params.get("email") or page["email"])
    return await post(f"/v1/payment_pages/{id}/confirm", params, form["key"])


@hosted_checkout.post("/c/pay/<id>/details")
async def update(id: str) -> Reply:
    """A change of the order before it is paid: quantities, promotion code, way of shipping, currency."""
    call, session, form = _call(), _session(id), Form((await request.form).to_dict())
    page = page_of(call, session)
    return await _update(id, form, page) if page["status"] == "open" else await _ended(page)


async def _update(id: str, form: Form, page: Json) -> Response:
    try:
        await post(f"/v1/payment_pages/{id}", _chosen(form, page))
    except ApiError as error:
        form.refuse(error)
    return await _page(page_of(_call(), _session(id)), form, 422 if form.errors else 200)


def _chosen(form: Form, page: Json) -> Json:
    """All that the form says but for the card."""
    return {**said(form, page), **_changes(form, page)}


def _changes(form: Form, page: Json) -> Json:
    params: Json = {}
    lines = [(line, form[f"quantity-{line['id']}"]) for line in page["line_items"]]
    if any(wanted.isdecimal() for _, wanted in lines):
        params["line_items"] = [
            {"id": line["id"], "quantity": int(wanted[:6])} for line, wanted in lines if wanted.isdecimal()
        ]
    if "apply" in form.typed or "remove" in form.typed:
        params["promotion_code"] = form["promotionCode"] if "apply" in form.typed else ""
    if form["shippingRate"]:
        params["shipping_rate"] = form["shippingRate"]
    if form["currency"]:
        params["currency"] = form["currency"]
    return params


@hosted_checkout.get("/c/pay/<id>/thanks")
async def thanks(id: str) -> Reply:
    """On to the shop. Not by a redirect: after a form was posted, a policy may forbid to leave by one."""
    page = page_of(_call(), _session(id))
    if page["status"] != "complete":
        return redirect(url_for(".show", id=id), 303)
    return await _ended(page, onward=True)


async def _page(page: Json, form: Form, status: int = 200) -> Response:
    shown: dict[str, Any] = {"page": page, "form": form, "money": written, "countries": COUNTRIES}
    shown["key"] = form["key"] if status in UNCERTAIN else token(24)
    return _answer(await render_template("checkout.html", **shown, needs_card=needs_card(page)), status)


async def _ended(page: Json, onward: bool = False) -> Response:
    return _answer(await render_template("ended.html", page=page, onward=onward, money=written))


def _answer(text: str, status: int = 200) -> Response:
    hooks = urlsplit(settings().hosts.hooks)
    response = Response(text, status, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; "
        f"frame-ancestors 'none'; form-action 'self' {hooks.scheme}://{hooks.netloc}"
    )
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY"}
    response.headers.update({**headers, "X-Content-Type-Options": "nosniff"})
    return response


def _call() -> Call:
    return Call(store(), settings(), request_id=new_id("req_", 14))


def _session(id: str) -> Json:
    """Only a hosted session has a page; whoever knows its id may see it."""
    found: Json | None = store().get(id, "checkout.session")
    if found is None or found["ui_mode"] != "hosted_page":
        abort(404)
    return found
