"""Confirming a PaymentIntent: choose the method, ask for a challenge if the card wants one, charge."""

from typing import Any

from ..access import Key
from ..call import Call
from ..cards import BY_NUMBER, Card, Decline
from ..errors import ApiError, Json, invalid
from ..events import emit
from ..ids import ACCOUNT, new_id
from .charges import attempt
from .payment_methods import card_error
from .payment_methods import find as find_method
from .payment_methods import make as make_method

CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
CHANGED_BY_CONFIRM = ("receipt_email", "setup_future_usage", "shipping")


def confirm(call: Call, intent: Json, params: Json) -> Json:
    if intent["status"] not in CONFIRMABLE:
        raise unexpected_state(intent, "confirm")
    method = _method(call, intent, params)
    if method["type"] not in intent["payment_method_types"]:
        message = f"The payment method type {method['type']} is not among this PaymentIntent's types."
        raise invalid(message, "payment_method", "payment_intent_incompatible_payment_method")
    redirects = (intent["automatic_payment_methods"] or {}).get("allow_redirects") == "always"
    if (
        redirects
        and call.key is not Key.PUBLISHABLE
        and not (params.get("return_url") or params.get("use_stripe_sdk"))
    ):
        raise invalid(
            "This PaymentIntent accepts payment methods that redirect the customer, so you must provide a "
            "`return_url`; or set automatic_payment_methods[allow_redirects] to never.",
            "return_url",
        )
    changes = {name: value or None for name, value in params.items() if name in CHANGED_BY_CONFIRM}
    intent = {
        **intent,
        **changes,
        "payment_method": method["id"],
        "next_action": None,
        "last_payment_error": None,
    }
    card = BY_NUMBER[method["_number"]]
    if challenges(card):
        return _ask(call, intent, params)
    return pay(call, intent, method, card.decline)


def _method(call: Call, intent: Json, params: Json) -> Json:
    if given := params.get("payment_method"):
        return find_method(call, given, status=400)
    if data := params.get("payment_method_data"):
        return make_method(call, data, "payment_method_data")
    if intent["payment_method"]:
        return find_method(call, intent["payment_method"], status=400)
    raise invalid(
        "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update "
        "the PaymentIntent with a payment method and then confirm it again, or confirm it again directly "
        "with a payment method.",
        code="payment_intent_unexpected_state",
    )


def challenges(card: Card) -> bool:
    return card.challenge == "always"


def _ask(call: Call, intent: Json, params: Json) -> Json:
    """Leave the intent waiting for the shopper to pass a 3-D Secure challenge."""
    source, url, back = new_id("payatt_3"), call.settings.url, params.get("return_url")
    query = f"payment_intent={intent['id']}&payment_intent_client_secret={intent['client_secret']}"
    query = f"merchant={ACCOUNT}&{query}&publishable_key={Key.PUBLISHABLE.value}&source={source}"
    if back and not params.get("use_stripe_sdk"):
        where = {"return_url": back, "url": f"{url}/3d_secure_2/hosted?{query}"}
        action: dict[str, Any] = {"type": "redirect_to_url", "redirect_to_url": where}
    else:
        challenge = {
            "type": "three_d_secure_redirect",
            "source": source,
            "stripe_js": f"{url}/3d_secure_2/challenge?{query}",
        }
        action = {"type": "use_stripe_sdk", "use_stripe_sdk": challenge}
    intent = {
        **intent,
        "status": "requires_action",
        "next_action": action,
        "_source": source,
        "_return_url": back,
    }
    emit(call, "payment_intent.requires_action", call.store.put(intent))
    return intent


def pay(call: Call, intent: Json, method: Json, decline: Decline | None, secured: bool = False) -> Json:
    charge = call.store.put(attempt(intent, method, decline, secured))
    intent = {**intent, "latest_charge": charge["id"], "next_action": None, "_source": None}
    if decline:
        raise _declined(call, intent, method, charge, decline)
    if intent["capture_method"] == "manual":
        intent = call.store.put(
            {**intent, "status": "requires_capture", "amount_capturable": intent["amount"]}
        )
        emit(call, "charge.succeeded", charge)
        emit(call, "payment_intent.amount_capturable_updated", intent)
        return intent
    intent = call.store.put({**intent, "status": "succeeded", "amount_received": intent["amount"]})
    emit(call, "charge.succeeded", charge)
    emit(call, "payment_intent.succeeded", intent)
    return intent


def _declined(call: Call, intent: Json, method: Json, charge: Json, decline: Decline) -> ApiError:
    error = card_error(decline, begun=True, charge=charge["id"], payment_method=method)
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "last_payment_error": dict(error.error),
    }
    call.store.put(intent)
    emit(call, "charge.failed", charge)
    emit(call, "payment_intent.payment_failed", intent)
    error.error["payment_intent"] = intent
    return error


def unexpected_state(intent: Json, verb: str) -> ApiError:
    return ApiError(
        f"You cannot {verb} this PaymentIntent because it has a status of {intent['status']}.",
        code="payment_intent_unexpected_state",
        begun=True,
        payment_intent=intent,
    )
