"""CustomerSessions: what a browser may do with a customer's saved payment methods, for half an hour."""

from typing import Any

from quart import Blueprint

from ..call import Call
from ..errors import ApiError, Json, invalid, missing_resource
from ..ids import token
from ..store import now
from ..wire import endpoint
from .customers import find as find_customer
from .saved_methods import detach, of_customer

routes = Blueprint("sandbox_customer_sessions", __name__)

LIFE = 30 * 60
"""Seconds that a session lasts."""
NO_METHODS: Json = {"payment_method_allow_redisplay_filters": ["always"], "payment_method_remove": "disabled"}
NO_SAVING: Json = {**NO_METHODS, "payment_method_redisplay": "disabled", "payment_method_save": "disabled"}
FEATURES: dict[str, Json | None] = {
    "active_entitlements": None,
    "buy_button": None,
    "customer_portal": None,
    "customer_sheet": NO_METHODS,
    "mobile_payment_element": {**NO_SAVING, "payment_method_save_allow_redisplay_override": None},
    "payment_element": {
        **NO_SAVING,
        "payment_method_redisplay_limit": 3,
        "payment_method_save_usage": None,
    },
    "pricing_table": None,
}
"""The components, and the features of those that have some, where nothing is said of them."""


@routes.post("/v1/customer_sessions")
@endpoint()
def create(call: Call) -> Json:
    if not call.params.get("customer"):
        raise invalid("Missing required param: customer.", "customer", "parameter_missing")
    customer = find_customer(call, call.params["customer"], "customer", 400)
    asked = call.params["components"]
    if not any(component["enabled"] for component in asked.values()):
        raise invalid("At least one component must be enabled.", "components")
    secret = f"cuss_secret_{token(40)}"
    session = {
        "id": secret,
        "object": "customer_session",
        "client_secret": secret,
        "components": {name: _component(asked.get(name), FEATURES[name]) for name in FEATURES},
        "created": now(),
        "customer": customer["id"],
        "customer_account": None,
        "expires_at": now() + LIFE,
        "livemode": False,
    }
    return _without_id(call.store.put(session))


@routes.get("/v1/customer_sessions/current")
@endpoint(client=True)
def retrieve(call: Call) -> Json:
    """A private route of the sandbox, for stripe.js: the session that `client_secret` opens, with its
    components and their features."""
    return _without_id(_find(call))


@routes.get("/v1/customer_sessions/payment_methods")
@endpoint(client=True)
def list_payment_methods(call: Call) -> Json:
    """A private route of the sandbox, for stripe.js: a list of the payment methods that the Payment Element
    may show, newest first. Field: client_secret. To pay with one, confirm with `payment_method` its id; to
    save a new one, with `setup_future_usage` and `payment_method_data[allow_redisplay]` always."""
    session = _find(call)
    features = _features(session)
    shown = [
        method
        for method in of_customer(call, session["customer"])
        if method["allow_redisplay"] in features["payment_method_allow_redisplay_filters"]
    ]
    limit = features["payment_method_redisplay_limit"]
    data = shown[:limit] if features["payment_method_redisplay"] == "enabled" else []
    return {
        "object": "list",
        "data": data,
        "has_more": False,
        "url": "/v1/customer_sessions/payment_methods",
    }


@routes.post("/v1/customer_sessions/payment_methods/<payment_method>/detach")
@endpoint(client=True)
def detach_payment_method(call: Call, payment_method: str) -> Json:
    """A private route of the sandbox, for stripe.js: the shopper removes a saved method. Field:
    client_secret. Refused where the session's `payment_method_remove` is not enabled."""
    session = _find(call)
    if _features(session)["payment_method_remove"] != "enabled":
        raise ApiError("This CustomerSession does not let payment methods be removed.", status=403)
    found = call.store.get(payment_method, "payment_method")
    if found is None or found["customer"] != session["customer"]:
        raise missing_resource("PaymentMethod", payment_method, "payment_method")
    return detach(call, found)


def _component(asked: Json | None, features: Json | None) -> Json:
    enabled = bool(asked and asked["enabled"])
    if features is None:
        return {"enabled": enabled}
    said = (asked or {}).get("features") or {}
    return {"enabled": enabled, "features": {**features, **said} if enabled else None}


def _find(call: Call) -> Json:
    """The session of the client secret that the request brings; a wrong one and an expired one are alike."""
    secret = str(call.params.get("client_secret", ""))
    found = call.store.get(secret, "customer_session")
    if found is None or found["expires_at"] <= now():
        raise missing_resource("customer_session", secret[:16], "client_secret")
    return found


def _features(session: Json) -> Json:
    features: dict[str, Any] | None = session["components"]["payment_element"]["features"]
    return features or FEATURES["payment_element"] or {}


def _without_id(session: Json) -> Json:
    """At Stripe these have none."""
    return {name: value for name, value in session.items() if name != "id"}
