"""ConfirmationTokens: what a browser collected, for the shop's server to confirm an intent with, once."""

from typing import Any

from quart import Blueprint

from ..addresses import shipping
from ..call import Call
from ..errors import ApiError, Json, invalid
from ..ids import new_id
from ..metadata import merged
from ..store import now
from ..wire import endpoint
from .payment_methods import find as find_method
from .payment_methods import make as make_method

routes = Blueprint("sandbox_confirmation_tokens", __name__)

LIFE = 12 * 3600
"""Seconds that a token can be used."""
CARRIED = ("payment_method_options", "return_url", "setup_future_usage", "shipping", "use_stripe_sdk")
"""What a token says about the confirmation, unless the confirmation says it itself."""


@routes.post("/v1/confirmation_tokens")
@endpoint(client=True)
def create_in_browser(call: Call) -> Json:
    """A private route of the sandbox, for stripe.createConfirmationToken(); it takes what the test helper
    takes."""
    return _create(call)


@routes.post("/v1/test_helpers/confirmation_tokens")
@endpoint()
def create(call: Call) -> Json:
    return _create(call)


@routes.get("/v1/confirmation_tokens/<confirmation_token>")
@endpoint()
def retrieve(call: Call, confirmation_token: str) -> Json:
    return _find(call, confirmation_token, 404)


def applied(call: Call, intent: Json, params: Json) -> Json:
    """The parameters of a confirmation, with what its token carries; the token is used up."""
    if "confirmation_token" not in params:
        return params
    found = _find(call, params["confirmation_token"], 400)
    if found["payment_intent"] or found["setup_intent"]:
        message = f"The ConfirmationToken {found['id']} was already used. Tokens can be used only once."
        raise invalid(message, "confirmation_token", "token_already_used")
    if found["expires_at"] <= now():
        raise ApiError(f"The ConfirmationToken {found['id']} has expired.", param="confirmation_token")
    call.store.put({**found, intent["object"]: intent["id"]})
    carried = {name: found[name] for name in CARRIED if found[name]}
    return {**carried, **params, "payment_method": found["_payment_method"]}


def _find(call: Call, id: str, status: int) -> Json:
    return call.find(id, "confirmation_token", "confirmation_token", "confirmation_token", status)


def _create(call: Call) -> Json:
    params = call.params
    if "payment_method_data" in params:
        method = make_method(call, params["payment_method_data"], "payment_method_data")
    elif "payment_method" in params:
        method = find_method(call, params["payment_method"], status=400)
    else:
        message = "You must provide one of: payment_method, payment_method_data."
        raise invalid(message, "payment_method_data", "parameter_missing")
    copied: dict[str, Any] = {
        name: params.get(name) for name in ("payment_method_options", "return_url", "setup_future_usage")
    }
    return call.store.put(
        copied
        | {
            "id": new_id("ctoken_1"),
            "object": "confirmation_token",
            "created": now(),
            "expires_at": now() + LIFE,
            "livemode": False,
            "mandate_data": None,
            "metadata": merged({}, params.get("metadata")),
            "payment_intent": None,
            "payment_method_preview": _preview(method),
            "setup_intent": None,
            "shipping": _shipping(params.get("shipping")),
            "use_stripe_sdk": True,
            "_payment_method": method["id"],
        }
    )


def _shipping(given: Json | None) -> Json | None:
    whole = shipping(given or "")
    return whole and {name: whole[name] for name in ("address", "name", "phone")}


def _preview(method: Json) -> Json:
    kind = method["type"]
    names = ("allow_redisplay", "billing_details", "customer", "customer_account", "type", kind)
    return {name: method[name] for name in names}
