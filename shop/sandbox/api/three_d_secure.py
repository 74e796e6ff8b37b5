"""The end of a 3-D Secure challenge. A private route of the sandbox: its own pages call it, as the bank's
would."""

from quart import Blueprint

from ..access import check_client_secret
from ..call import Call
from ..cards import BY_NUMBER
from ..errors import ApiError, Json, invalid
from ..events import emit
from ..wire import endpoint
from . import setup_attempts
from .payment_attempts import pay
from .payment_methods import find as find_method

routes = Blueprint("sandbox_three_d_secure", __name__)


@routes.post("/v1/3ds2/authenticate")
@endpoint(client=True)
def authenticate(call: Call) -> Json:
    """Fields: source, outcome (complete or fail), client_secret. Answers with the intent that they are of."""
    if call.params.get("outcome") not in ("complete", "fail"):
        raise invalid("Invalid outcome: must be one of complete or fail", "outcome")
    id = str(call.params.get("client_secret", "")).partition("_secret_")[0]
    intent = call.store.named(id)
    if intent is None or not intent.get("_source") or intent["_source"] != call.params.get("source"):
        raise invalid("No challenge is under way with this source.", "source", "resource_missing")
    check_client_secret(call.key, intent, call.params["client_secret"])
    return conclude(call, intent, call.params["outcome"])


def conclude(call: Call, intent: Json, outcome: str) -> Json:
    """Go on with an intent whose shopper came back, from the bank or from a redirect method's page."""
    method = find_method(call, intent["payment_method"])
    if intent["object"] == "setup_intent":
        return setup_attempts.after_challenge(call, intent, method, outcome == "complete")
    if outcome == "fail":
        return _refuse(call, intent, method)
    if intent["confirmation_method"] == "manual":
        waiting = {"status": "requires_confirmation", "next_action": None, "_source": None}
        return call.store.put({**intent, **waiting, "_authenticated": method["id"]})
    card = BY_NUMBER.get(method["_number"])
    try:
        if card is None:
            return pay(call, intent, method, None)
        return pay(call, intent, method, card.after_challenge, "challenge")
    except ApiError as declined:
        failed: Json = declined.error["payment_intent"]
        return failed


def _refuse(call: Call, intent: Json, method: Json) -> Json:
    error = {
        "code": "payment_intent_authentication_failure",
        "doc_url": "https://stripe.com/docs/error-codes/payment-intent-authentication-failure",
        "message": "The provided PaymentMethod has failed authentication. You can provide "
        "payment_method_data or a new PaymentMethod to attempt to fulfill this PaymentIntent again.",
        "payment_method": method,
        "type": "invalid_request_error",
    }
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "next_action": None,
        "_source": None,
    }
    intent = call.store.put({**intent, "last_payment_error": error})
    emit(call, "payment_intent.payment_failed", intent)
    return intent
