"""Confirming a PaymentIntent: choose the method, ask for a challenge if the card wants one, charge."""

from typing import Any

from ..access import Key
from ..addresses import shipping
from ..call import Call
from ..cards import BY_NUMBER, UNAUTHENTICATED, Card, Challenge, Decline
from ..errors import ApiError, Json, invalid
from ..events import emit
from ..payment_method_types import TYPES, USED_ONCE, Flow, options_for
from ..store import now
from ..timers import AUTHORIZED_FOR, Later, start
from . import (
    balance_transactions,
    bank_debits,
    confirmation_tokens,
    disputes,
    generated_debits,
    redirects,
    saved_methods,
)
from .challenges import ask
from .charge_details import Secured
from .charges import attempt
from .payment_methods import card_error
from .payment_methods import find as find_method
from .payment_methods import make as make_method

CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
NAMES = {"payment_intent": "PaymentIntent", "setup_intent": "SetupIntent"}


def confirm(call: Call, intent: Json, params: Json) -> Json:
    if intent["status"] not in CONFIRMABLE:
        raise unexpected_state(intent, "confirm")
    if params.get("amount_to_confirm", intent["amount"]) != intent["amount"]:
        message = "The amount to confirm is not the amount of this PaymentIntent."
        raise invalid(message, "amount_to_confirm", "payment_intent_invalid_parameter")
    params = confirmation_tokens.applied(call, intent, params)
    method = chosen_method(call, intent, params)
    if method["type"] not in intent["payment_method_types"]:
        message = f"The payment method type {method['type']} is not among this PaymentIntent's types."
        raise invalid(message, "payment_method", "payment_intent_incompatible_payment_method")
    saved_methods.check_usable(method, intent["customer"])
    _need_return_url(call, intent, params)
    authenticated = intent.get("_authenticated") == method["id"]
    intent = {**_changed(intent, params), "payment_method": method["id"], "next_action": None}
    intent |= {"last_payment_error": None, "_source": None, "_authenticated": None}
    flow = TYPES[method["type"]].flow
    if flow is Flow.DEBIT:
        return bank_debits.begin(call, intent, method)
    if flow is Flow.REDIRECT:
        agreed = authenticated or (params.get("off_session") and method["customer"])
        return pay(call, intent, method, None) if agreed else redirects.leave(call, intent, params)
    card, asked = BY_NUMBER[method["_number"]], requested(intent)
    if card.challenge is Challenge.FRICTIONLESS and asked:
        return pay(call, intent, method, card.decline, "frictionless")
    if authenticated or not challenges(card, asked):
        return pay(call, intent, method, card.after_challenge if authenticated else card.decline)
    if params.get("off_session") and _agreed_before(card, method):
        return pay(call, intent, method, card.after_challenge)
    if params.get("off_session") or params.get("error_on_requires_action"):
        return pay(call, intent, method, UNAUTHENTICATED)
    return ask(call, intent, params)


def chosen_method(call: Call, intent: Json, params: Json) -> Json:
    if given := params.get("payment_method"):
        return find_method(call, given, status=400)
    if data := params.get("payment_method_data"):
        return make_method(call, data, "payment_method_data")
    if intent["payment_method"]:
        return find_method(call, intent["payment_method"], status=400)
    raise invalid(
        f"You cannot confirm this {NAMES[intent['object']]} because it's missing a payment method. You can "
        f"either update the {NAMES[intent['object']]} with a payment method and then confirm it again, or "
        "confirm it again directly with a payment method.",
        code=f"{intent['object']}_unexpected_state",
    )


def _need_return_url(call: Call, intent: Json, params: Json) -> None:
    redirects = (intent["automatic_payment_methods"] or {}).get("allow_redirects") == "always"
    if (
        not redirects
        or call.key is Key.PUBLISHABLE
        or params.get("return_url")
        or params.get("use_stripe_sdk")
    ):
        return
    raise invalid(
        "This PaymentIntent accepts payment methods that redirect the customer, so you must provide a "
        "`return_url`; or set automatic_payment_methods[allow_redirects] to never.",
        "return_url",
    )


def _changed(intent: Json, params: Json) -> Json:
    """The intent with what confirming may also change."""
    names = ("receipt_email", "setup_future_usage", "capture_method")
    new = {**intent, **{name: params[name] or None for name in names if name in params}}
    if "shipping" in params:
        new["shipping"] = shipping(params["shipping"])
    if given := params.get("payment_method_options"):
        new["payment_method_options"] = options_for(intent["payment_method_types"], given)
    return new


def requested(intent: Json) -> bool:
    options: Json = intent["payment_method_options"].get("card", {})
    return options.get("request_three_d_secure") in ("any", "challenge")


def challenges(card: Card, asked: bool) -> bool:
    always = (Challenge.REQUIRED, Challenge.ON_SESSION, Challenge.UNTIL_SET_UP)
    return card.challenge in always or (asked and card.challenge is Challenge.REQUESTED)


def _agreed_before(card: Card, method: Json) -> bool:
    """Whether the bank lets the shop charge this card without asking its owner again."""
    set_up = card.challenge is Challenge.UNTIL_SET_UP and bool(method.get("_set_up"))
    return set_up or card.challenge is Challenge.ON_SESSION


def pay(call: Call, intent: Json, method: Json, decline: Decline | None, secured: Secured = None) -> Json:
    charge = call.store.put(attempt(intent, method, decline, secured))
    intent = {**intent, "latest_charge": charge["id"], "next_action": None, "_source": None}
    if decline:
        raise _declined(call, intent, method, charge, decline)
    saved_methods.after_payment(call, intent, method, challenged=secured == "challenge")
    if method["type"] in USED_ONCE and intent["customer"] and saved_methods.future_usage(intent, method):
        charge = generated_debits.after_payment(call, charge, method, intent["customer"])
    if intent["capture_method"] == "manual":
        held = {"status": "requires_capture", "amount_capturable": intent["amount"]}
        intent = call.store.put({**intent, **held})
        start(call, Later.LAPSE, charge["id"], due=now() + AUTHORIZED_FOR)
        emit(call, "charge.succeeded", charge)
        emit(call, "payment_intent.amount_capturable_updated", intent)
        return intent
    if intent["capture_method"] == "automatic":
        charge = balance_transactions.for_charge(call, charge)
    else:
        start(call, Later.BALANCE, charge["id"])
    intent = call.store.put({**intent, "status": "succeeded", "amount_received": intent["amount"]})
    emit(call, "charge.succeeded", charge)
    emit(call, "payment_intent.succeeded", intent)
    disputes.after_payment(call, charge, method)
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
    which: dict[str, Any] = {intent["object"]: intent}
    return ApiError(
        f"You cannot {verb} this {NAMES[intent['object']]} because it has a status of {intent['status']}.",
        code=f"{intent['object']}_unexpected_state",
        begun=True,
        **which,
    )
