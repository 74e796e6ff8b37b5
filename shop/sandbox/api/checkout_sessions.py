"""Checkout Sessions: made, read and changed by the shop's server. What shoppers do is in payment_pages.py."""

from typing import Any

from quart import Blueprint

from ..call import Call
from ..errors import ApiError, Json, invalid, missing_resource
from ..events import emit
from ..ids import CONFIGURATION, new_id, token
from ..lists import limit_of, page
from ..metadata import merged
from ..money import check_currency
from ..payment_method_types import chosen_types
from ..store import now
from ..timers import Later, start
from ..wire import endpoint
from . import releases
from .checkout_discounts import given_by_shop
from .checkout_items import as_list, make_items, totalled
from .checkout_payments import begin_intent, begin_setup
from .checkout_rules import LONGEST_LIFE, check, ui_mode
from .shipping_rates import offered

routes = Blueprint("sandbox_checkout_sessions", __name__)

ATTEMPTED = ("requires_payment_method", "requires_confirmation", "requires_action")
COPIED = """
after_expiration allow_promotion_codes allowed_payment_method_types billing_address_collection cancel_url
client_reference_id consent_collection customer_email excluded_payment_method_types integration_identifier
invoice_creation locale managed_payments name_collection optional_items origin_context permissions
redirect_on_completion return_url saved_payment_method_options
shipping_address_collection submit_type success_url tax_id_collection wallet_options
"""
"""Parameters that become fields as they are."""
EMPTY = """
amount_subtotal amount_total client_secret consent currency currency_conversion customer customer_account
customer_details discounts invoice payment_intent payment_link recovered_from setup_intent shipping_cost
subscription total_details url
"""
BANK_ACCOUNT: Json = {
    "financial_connections": {"permissions": ["payment_method"], "prefetch": []},
    "verification_method": "automatic",
}
BRANDING: Json = {
    "background_color": "#ffffff", "border_style": "rounded", "button_color": "#0074d4",
    "display_name": "Sandbox", "font_family": "default", "icon": None, "logo": None,
}  # fmt: skip


@routes.post("/v1/checkout/sessions")
@endpoint()
def create(call: Call) -> Json:
    check(call.params)
    session = _fresh(call, call.params)
    if session["mode"] == "payment":
        session = totalled(session, make_items(call, call.params["line_items"]))
        if discounts := call.params.get("discounts"):
            session = given_by_shop(call, session, discounts)
        session = offered(call, session, call.params.get("shipping_options", []))
        session = totalled(session, session["_line_items"])
    types = {name: call.params[name] for name in TYPES if name in call.params}
    session["payment_method_types"] = chosen_types(call.version, types, session["currency"] or "usd")[0]
    if session["mode"] == "setup":
        session = begin_setup(call, session, call.params.get("setup_intent_data", {}))
    options = call.params.get("payment_method_options", {})
    card = {"request_three_d_secure": "automatic", **options.get("card", {})}
    session["payment_method_options"] = {**options, "card": card}
    if "us_bank_account" in session["payment_method_types"]:
        bank = {**BANK_ACCOUNT, **options.get("us_bank_account", {})}
        session["payment_method_options"]["us_bank_account"] = bank
    if call.version < "2022-08-01" and session["mode"] == "payment":
        session = begin_intent(call, session)
    start(call, Later.EXPIRY, session["id"], due=session["expires_at"])
    return call.store.put(session)


@routes.get("/v1/checkout/sessions")
@endpoint()
def index(call: Call) -> Json:
    given = call.params
    wanted = {name: given.get(name) for name in ("customer", "payment_intent", "status")}
    wanted["_email"] = (given.get("customer_details") or {}).get("email")
    return page(call, "checkout.session", "/v1/checkout/sessions", **wanted)


@routes.get("/v1/checkout/sessions/<session>")
@endpoint()
def retrieve(call: Call, session: str) -> Json:
    return find(call, session)


@routes.get("/v1/checkout/sessions/<session>/line_items")
@endpoint()
def line_items(call: Call, session: str) -> Json:
    found, limit = find(call, session), limit_of(call.params)
    items: list[Json] = found["_line_items"]
    places = {item["id"]: place for place, item in enumerate(items)}
    if after := call.params.get("starting_after"):
        if after not in places:
            raise missing_resource("line item", after, "starting_after", 400)
        items = items[places[after] + 1 :]
    return as_list(found, items[:limit], len(items) > limit)


@routes.post("/v1/checkout/sessions/<session>")
@endpoint()
def update(call: Call, session: str) -> Json:
    found, params = find(call, session), call.params
    if found["status"] != "open" and set(params) - {"metadata", "expand"}:
        raise not_open(found, "update")
    found["metadata"] = merged(found["metadata"], params.get("metadata"))
    if "line_items" in params:
        found = totalled(found, make_items(call, params["line_items"], found["_line_items"]))
    if "shipping_options" in params:
        found = offered(call, found, params["shipping_options"])
        found = totalled(found, found["_line_items"])
    if "payment_intent_data" in params:
        if (found["mode"], found["ui_mode"]) != ("payment", "elements"):
            message = "`payment_intent_data` can only be updated in `payment` mode with `ui_mode: elements`."
            raise invalid(message, "payment_intent_data")
        found["_payment_intent_data"] |= params["payment_intent_data"]
    if details := (params.get("collected_information") or {}).get("shipping_details"):
        found["collected_information"] = {**found["collected_information"], "shipping_details": details}
    return call.store.put(found)


@routes.post("/v1/checkout/sessions/<session>/expire")
@endpoint()
def expire_now(call: Call, session: str) -> Json:
    found = find(call, session)
    if found["status"] != "open":
        raise not_open(found, "expire")
    return _expired(call, found)


def expire(call: Call, id: str) -> None:
    """When its time has come."""
    found = call.store.get(id, "checkout.session")
    if found is not None and found["status"] == "open":
        _expired(call, found)


def _expired(call: Call, session: Json) -> Json:
    session = call.store.put({**session, "status": "expired", "url": None})
    emit(call, "checkout.session.expired", session)
    intent = call.store.get(session["payment_intent"] or "", "payment_intent")
    if intent is not None and intent["status"] in ATTEMPTED:
        # "To cancel, expire the Checkout Session", says the API reference.
        releases.cancel(call, intent, None)
    return session


def find(call: Call, id: str) -> Json:
    return call.find(id, "checkout.session", "checkout.session", "session")


def not_open(session: Json, verb: str) -> ApiError:
    message = f'Only Checkout Sessions with a status in ["open"] can be {verb}d. '
    return ApiError(f"{message}This one has a status of {session['status']}.", begun=True)


TYPES = ("payment_method_types", "allowed_payment_method_types", "excluded_payment_method_types")


def _fresh(call: Call, params: Json) -> Json:
    mode, look = params.get("mode", "payment"), ui_mode(params)
    id = new_id(f"cs_test_{'c' if mode == 'setup' else 'a'}1", 60)
    session: dict[str, Any] = dict.fromkeys(EMPTY.split())
    session |= {name: params.get(name) for name in COPIED.split()}
    hosted = look == "hosted_page"
    session |= {
        "id": id,
        "object": "checkout.session",
        "adaptive_pricing": {
            "enabled": _enabled(params, "adaptive_pricing", look != "elements" and mode != "setup")
        },
        "automatic_tax": {
            "enabled": _enabled(params, "automatic_tax", False),
            "liability": None,
            "provider": None,
            "status": None,
        },
        "branding_settings": {**BRANDING, **params.get("branding_settings", {})},
        "client_secret": None if hosted else f"{id}_secret_{token(25)}",
        "collected_information": dict.fromkeys(("business_name", "individual_name", "shipping_details")),
        "created": now(),
        "currency": check_currency(params["currency"]) if "currency" in params else None,
        "custom_fields": params.get("custom_fields", []),
        "custom_text": {**dict.fromkeys(TEXTS), **(params.get("custom_text") or {})},
        "expires_at": params.get("expires_at", now() + LONGEST_LIFE),
        "livemode": False,
        "metadata": merged({}, params.get("metadata")),
        "mode": mode,
        "payment_method_collection": params.get(
            "payment_method_collection", "always" if mode == "setup" else "if_required"
        ),
        "payment_method_configuration_details": {"id": CONFIGURATION, "parent": None},
        "payment_status": "no_payment_required" if mode == "setup" else "unpaid",
        "phone_number_collection": {"enabled": _enabled(params, "phone_number_collection", False)},
        "shipping_options": [],
        "status": "open",
        "ui_mode": look,
        "url": f"{call.settings.hosts.checkout}/c/pay/{id}#{token(60)}" if hosted else None,
        "_line_items": [],
        "_payment_intent_data": params.get("payment_intent_data", {}),
    }
    return _with_customer(call, session, params)


TEXTS = ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")


def _enabled(params: Json, name: str, unsaid: bool) -> bool:
    return bool((params.get(name) or {}).get("enabled", unsaid))


def _with_customer(call: Call, session: Json, params: Json) -> Json:
    unsaid = "always" if session["mode"] == "setup" or call.version < "2022-08-01" else "if_required"
    creation = params.get("customer_creation", unsaid)
    email = params.get("customer_email")
    if id := params.get("customer"):
        customer = call.store.get(id, "customer")
        if customer is None:
            raise missing_resource("customer", id, "customer", 400)
        email, creation = customer["email"], None
        session["customer"] = id
    details = {"address": None, "business_name": None, "email": email, "individual_name": None}
    exempt = None if session["mode"] == "setup" else "none"
    details |= {"name": None, "phone": None, "tax_exempt": exempt, "tax_ids": None}
    return {
        **session,
        "customer_creation": creation,
        "customer_details": details if email else None,
        "_email": email,
    }
