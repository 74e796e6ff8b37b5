"""A Checkout Session as the shopper's browser has it. These routes are private to Stripe's own pages and scripts
(its CLI uses two of them with a secret key); their shapes here are the sandbox's own.

`GET  /v1/payment_pages/{cs}` and two more take a secret key, or a publishable one with the session's
`client_secret`; a hosted session has none, and its id is enough. All three answer with the page:

    {id: "cs_test_…", object: "payment_page", livemode, mode, ui_mode, status, payment_status,
     currency, amount_subtotal, amount_total, total_details: {amount_discount, amount_shipping, amount_tax},
     currency_options: null or [{currency, amount_total, fx_rate (text), source_currency}],
     line_items: [{id, name, description, quantity, unit_amount, amount_subtotal, amount_discount, amount_tax,
                   amount_total, adjustable_quantity: null or {enabled, minimum, maximum}}],
     discounts: [{code or null, promotion_code or null, name, percent_off, amount_off, amount}],
     allow_promotion_codes, shipping_options: [{id, display_name, amount, delivery_estimate}],
     shipping_rate: id or null, automatic_tax: {enabled, status},
     saved_payment_methods, payment_method_save (whether a card may be saved),
     email, email_editable, phone_number, billing_address and shipping_address: null or {name, address: {…}},
     billing_address_collection, shipping_address_collection, phone_number_collection,
     payment_method_types, payment_intent and setup_intent: null or as the client sees it, client_secret and
     next_action with it, last_payment_error, return_url, success_url, cancel_url, redirect_on_completion,
     expires_at, display_name}

All amounts are in minor units of `currency`, which is the one that the shopper has chosen among
`currency_options` (the first of these is the session's own). In `return_url` and `success_url` the session's id
is filled in.

`POST /v1/payment_pages/{cs}` changes what is given: `email`, `phone_number`, `billing_address` and
`shipping_address` ({name, address}), `promotion_code` (a code as typed; "" takes the discount away), `line_items`
([{id, quantity}], only adjustable ones; those left out stay), `shipping_rate`, `currency`. Errors: 400 with
`code` email_invalid, promotion_code_invalid, or `param` naming the field.

`POST /v1/payment_pages/{cs}/confirm` takes all of these and `payment_method`, `payment_method_data` or
`confirmation_token`, `expected_amount` (refused when it is not `amount_total`: code checkout_amount_mismatch),
`return_url`, `use_stripe_sdk`, `save_payment_method` (the box is ticked). A decline is a 402 as with PaymentIntents.
When the bank asks for a challenge, `payment_intent.status` is requires_action: handle its `next_action`, then read
the page again; its status is complete once the challenge is passed.
"""

import re

from quart import Blueprint

from ..access import check_client_secret
from ..adaptive_pricing import local_currency, presented, shown_total
from ..addresses import address, shipping
from ..call import Call
from ..errors import Json, invalid
from ..wire import endpoint
from . import checkout_discounts as discounts
from . import payment_attempts, setup_attempts
from .checkout_items import totalled
from .checkout_payments import begin_intent, complete, with_customer
from .checkout_saved import saving
from .checkout_sessions import find, not_open
from .payment_page_view import fixed_email, page_of
from .shipping_rates import chosen

routes = Blueprint("sandbox_payment_pages", __name__)

EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


@routes.get("/v1/payment_pages/<session>")
@endpoint(client=True)
def retrieve(call: Call, session: str) -> Json:
    return page_of(call, _find(call, session))


@routes.post("/v1/payment_pages/<session>")
@endpoint(client=True)
def update(call: Call, session: str) -> Json:
    return page_of(call, call.store.put(changed(call, _find(call, session), call.params)))


@routes.post("/v1/payment_pages/<session>/confirm")
@endpoint(client=True)
def confirm(call: Call, session: str) -> Json:
    return page_of(call, pay(call, _find(call, session), call.params))


def _find(call: Call, id: str) -> Json:
    session = find(call, id)
    if session["ui_mode"] != "hosted_page":
        check_client_secret(call.key, session, call.params.get("client_secret"), "session")
    return session


def changed(call: Call, session: Json, params: Json) -> Json:
    """The session with what the shopper has said. Not stored."""
    if session["status"] != "open":
        raise not_open(session, "update")
    session = {**session, "_typed": {**session.get("_typed", {})}}
    if "email" in params:
        session["_email"] = _email(call, session, params["email"])
    for name in ("billing_address", "shipping_address"):
        if given := params.get(name):
            session["_typed"][name] = {"name": given.get("name"), "address": address(given.get("address"))}
    if "phone_number" in params:
        session["_typed"]["phone"] = params["phone_number"] or None
    if "line_items" in params:
        session["_line_items"] = _quantities(session, params["line_items"])
    if "shipping_rate" in params:
        session = chosen(session, params["shipping_rate"])
    if "promotion_code" in params:
        session = discounts.typed(call, session, params["promotion_code"])
    if "currency" in params:
        if params["currency"] not in (session["currency"], local_currency(session)):
            raise invalid(f"This session cannot be paid in {params['currency']}.", "currency")
        session["_currency"] = params["currency"]
    return totalled(session, session["_line_items"]) if session["mode"] == "payment" else session


def _email(call: Call, session: Json, given: str) -> str | None:
    if fixed := fixed_email(call, session):
        if given == fixed:
            return given
        raise invalid("The email address of this session was set by the shop.", "email")
    if given and not EMAIL.fullmatch(given):
        raise invalid("Your email is invalid.", "email", "email_invalid")
    return given or None


def _quantities(session: Json, given: list[Json]) -> list[Json]:
    items = {item["id"]: item for item in session["_line_items"]}
    for wanted in given:
        item = items.get(wanted.get("id", ""))
        allowed = (item or {}).get("adjustable_quantity") or {}
        if item is None or not allowed.get("enabled"):
            raise invalid("The quantity of this line item cannot be changed.", "line_items")
        least, most = allowed["minimum"] or 1, allowed["maximum"] or 99
        if not least <= wanted.get("quantity", 0) <= most:
            raise invalid(f"The quantity must be between {least} and {most}.", "line_items")
        items[item["id"]] = {**item, "quantity": wanted["quantity"]}
    return list(items.values())


def pay(call: Call, session: Json, params: Json) -> Json:
    """Pay the session; how it stands then. Raises the 402 of a decline, with the session kept."""
    session = changed(call, session, params)
    expected = params.get("expected_amount", session["amount_total"])
    if expected not in (session["amount_total"], shown_total(session)):
        message = f"The amount of this session has changed: it is {session['amount_total']} now."
        raise invalid(message, "expected_amount", "checkout_amount_mismatch")
    session = with_customer(call, session, params)
    if session["mode"] == "payment" and session["amount_total"] == 0:
        return complete(call, session, None)
    names = ("payment_method", "payment_method_data", "confirmation_token", "return_url", "use_stripe_sdk")
    given = {name: params[name] for name in names if name in params} | saving(session, params)
    if session["mode"] == "setup":
        setup = call.store.get(call.store.put(session)["setup_intent"], "setup_intent")
        assert setup, "a session's setup intent is stored"
        setup_attempts.confirm(
            call, {**setup, "customer": setup["customer"] or session.get("_customer")}, given
        )
    else:
        session, intent = _with_intent(call, session)
        payment_attempts.confirm(call, intent, given)
    return find(call, session["id"])


def _with_intent(call: Call, session: Json) -> tuple[Json, Json]:
    """Both stored; the intent knows by now what the shopper has chosen."""
    if not session["payment_intent"]:
        session = begin_intent(call, session)
    intent = call.store.get(session["payment_intent"], "payment_intent")
    assert intent, "a session's intent is stored"
    payer = intent["customer"] or session.get("_customer")
    details = {**intent, "amount": session["amount_total"], "customer": payer, **presented(session)}
    if sent_to := session["_typed"].get("shipping_address"):
        details["shipping"] = shipping({**sent_to, "phone": session["_typed"].get("phone")})
    return call.store.put(session), call.store.put(details)
