"""SetupIntents: create, read, change, cancel. What confirming does is in setup_attempts.py."""

from typing import Any

from quart import Blueprint

from ..access import Key, check_client_secret
from ..call import Call
from ..errors import Json, invalid
from ..events import emit
from ..ids import CONFIGURATION, new_id, token
from ..lists import page
from ..metadata import merged
from ..payment_method_types import chosen_types
from ..store import now
from ..wire import endpoint
from .customers import find as find_customer
from .payment_attempts import CONFIRMABLE, unexpected_state
from .payment_intents import named_method
from .setup_attempts import confirm as confirm_intent
from .setup_attempts import options

routes = Blueprint("sandbox_setup_intents", __name__)

CONFIRM_ONLY = ("confirmation_token", "mandate_data", "return_url", "single_use", "use_stripe_sdk")
COPIED = ("attach_to_self", "description", "flow_directions", "on_behalf_of")
EMPTY = """
allowed_payment_method_types application attach_to_self cancellation_reason customer customer_account description
flow_directions last_setup_error latest_attempt mandate next_action on_behalf_of payment_method
single_use_mandate
"""
KEEPING = ("card", "link", "us_bank_account")
"""Types that a shop can keep for later, of those that the account chooses by itself. None of them redirects, so
a confirmation needs no return_url."""


@routes.post("/v1/setup_intents")
@endpoint()
def create(call: Call) -> Json:
    params = call.params
    early = [name for name in CONFIRM_ONLY if name in params]
    if early and not params.get("confirm"):
        raise invalid(f"{early[0]} may only be given together with confirm=true.", early[0])
    intent = make(call)
    return confirm_intent(call, intent, params) if params.get("confirm") else intent


def make(call: Call) -> Json:
    """From the parameters of the call."""
    intent = call.store.put(_changed(call, _fresh(call)))
    emit(call, "setup_intent.created", intent)
    return intent


@routes.get("/v1/setup_intents")
@endpoint()
def index(call: Call) -> Json:
    wanted = {name: call.params.get(name) for name in ("customer", "payment_method")}
    return page(call, "setup_intent", "/v1/setup_intents", **wanted)


@routes.get("/v1/setup_intents/<intent>")
@endpoint(client=True)
def retrieve(call: Call, intent: str) -> Json:
    return find(call, intent)


@routes.post("/v1/setup_intents/<intent>")
@endpoint()
def update(call: Call, intent: str) -> Json:
    found = find(call, intent)
    if found["status"] not in CONFIRMABLE and not set(call.params) <= {"description", "expand", "metadata"}:
        raise unexpected_state(found, "update")
    return call.store.put(_changed(call, found))


@routes.post("/v1/setup_intents/<intent>/confirm")
@endpoint(client=True)
def confirm(call: Call, intent: str) -> Json:
    if call.key is Key.PUBLISHABLE and "allowed_payment_method_types" in call.params:
        name = "allowed_payment_method_types"
        raise invalid(
            f"The parameter {name} may not be sent with a publishable key.", name, "parameter_unknown"
        )
    return confirm_intent(call, find(call, intent), call.params)


@routes.post("/v1/setup_intents/<intent>/cancel")
@endpoint()
def cancel(call: Call, intent: str) -> Json:
    found = find(call, intent)
    if found["status"] not in CONFIRMABLE:
        raise unexpected_state(found, "cancel")
    end = {"status": "canceled", "next_action": None, "_source": None}
    found = call.store.put({**found, **end, "cancellation_reason": call.params.get("cancellation_reason")})
    emit(call, "setup_intent.canceled", found)
    return found


def find(call: Call, id: str) -> Json:
    found = call.find(id, "setup_intent", "setup_intent", "intent")
    check_client_secret(call.key, found, call.params.get("client_secret"))
    return found


def _fresh(call: Call) -> Json:
    id, params = new_id("seti_1"), call.params
    types, automatic = chosen_types(call.version, params, None)
    if not params.get("payment_method_types") and not params.get("allowed_payment_method_types"):
        types = [kind for kind in types if kind in KEEPING]
    empty: dict[str, Any] = dict.fromkeys(EMPTY.split())
    return empty | {
        "id": id,
        "object": "setup_intent",
        "allowed_payment_method_types": params.get("allowed_payment_method_types") or None,
        "automatic_payment_methods": automatic,
        "client_secret": f"{id}_secret_{token(25)}",
        "created": now(),
        "excluded_payment_method_types": params.get("excluded_payment_method_types") or None,
        "livemode": False,
        "metadata": {},
        "payment_method_configuration_details": {"id": CONFIGURATION, "parent": None} if automatic else None,
        "payment_method_options": options(types, params.get("payment_method_options")),
        "payment_method_types": types,
        "status": "requires_payment_method",
        "usage": params.get("usage", "off_session"),
    }


def _changed(call: Call, intent: Json) -> Json:
    """The intent as create and update leave it; not stored yet."""
    params = call.params
    new = {**intent, **{name: params[name] for name in COPIED if name in params}}
    new["metadata"] = merged(intent["metadata"], params.get("metadata"))
    if "customer" in params:
        new["customer"] = find_customer(call, params["customer"], "customer", 400)["id"]
    if given := params.get("payment_method_options"):
        new["payment_method_options"] = options(new["payment_method_types"], given)
    if not params.get("confirm") and ("payment_method" in params or "payment_method_data" in params):
        new["payment_method"] = named_method(call, new["customer"])
        new["status"] = "requires_confirmation" if new["payment_method"] else "requires_payment_method"
        new["next_action"] = None
    return new
