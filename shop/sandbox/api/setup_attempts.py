"""Confirming a SetupIntent: ask the card's bank, with a challenge if it wants one, and keep the card."""

from typing import Any, Literal

from quart import Blueprint

from ..call import Call
from ..cards import BY_NUMBER
from ..errors import ApiError, Json, invalid
from ..events import emit
from ..ids import new_id
from ..lists import page
from ..payment_method_types import TYPES, USED_ONCE, Flow, options_for
from ..store import now
from ..wire import endpoint
from . import bank_debits, confirmation_tokens, generated_debits, mandates, redirects
from .challenges import ask
from .charge_details import checks, three_d_secure
from .payment_attempts import (
    CONFIRMABLE,
    challenges,
    chosen_method,
    requested,
    unexpected_state,
)
from .payment_methods import card_error
from .saved_methods import check_usable, keep, refusal

routes = Blueprint("sandbox_setup_attempts", __name__)

OF_PAYMENTS = ("financial_connections", "installments", "preferred_locale")
FAILED = {
    "code": "setup_intent_authentication_failure",
    "doc_url": "https://stripe.com/docs/error-codes/setup-intent-authentication-failure",
    "message": "The latest attempt to set up the payment method has failed because authentication failed.",
    "type": "invalid_request_error",
}


@routes.get("/v1/setup_attempts")
@endpoint()
def index(call: Call) -> Json:
    return page(call, "setup_attempt", "/v1/setup_attempts", setup_intent=call.params["setup_intent"])


def confirm(call: Call, intent: Json, params: Json) -> Json:
    if intent["status"] not in CONFIRMABLE:
        raise unexpected_state(intent, "confirm")
    params = confirmation_tokens.applied(call, intent, params)
    method = chosen_method(call, intent, params)
    if method["type"] not in intent["payment_method_types"]:
        message = f"The payment method type {method['type']} is not among this SetupIntent's types."
        raise invalid(message, "payment_method")
    check_usable(method, intent["customer"])
    intent = {**intent, "payment_method": method["id"], "next_action": None, "last_setup_error": None}
    if given := params.get("payment_method_options"):
        intent["payment_method_options"] = options(intent["payment_method_types"], given)
    intent["_mandate_data"] = params.get("mandate_data")
    if TYPES[method["type"]].flow is Flow.DEBIT and bank_debits.unverified(intent, method):
        return bank_debits.ask_for_microdeposits(call, _attempted(call, intent, method, "requires_action"))
    if TYPES[method["type"]].flow is Flow.REDIRECT:
        return redirects.leave(call, _attempted(call, intent, method, "requires_action"), params)
    card = BY_NUMBER.get(method["_number"])
    if card and challenges(card, requested(intent)):
        return ask(call, _attempted(call, intent, method, "requires_action"), params)
    return _finish(call, intent, method, challenged=False)


def options(types: list[str], given: Json | None) -> Json:
    """Those of a payment but for what is of payments only."""
    known, named = options_for(types, given), given or {}
    return {
        kind: {name: of[name] for name in of if name not in OF_PAYMENTS or name in named.get(kind, ())}
        for kind, of in known.items()
        if TYPES[kind].flow is not Flow.REDIRECT
    }


def after_challenge(call: Call, intent: Json, method: Json, passed: bool) -> Json:
    """A SetupIntent whose challenge is over; a refusal is told in it, not raised."""
    intent = {**intent, "next_action": None, "_source": None}
    if not passed:
        return fail(call, intent, method, {**FAILED, "payment_method": method})
    try:
        return _finish(call, intent, method, challenged=True)
    except ApiError as declined:
        refused: Json = declined.error["setup_intent"]
        return refused


def after_microdeposits(call: Call, intent: Json, method: Json) -> Json:
    return _finish(call, {**intent, "next_action": None}, method, challenged=False)


def _finish(call: Call, intent: Json, method: Json, challenged: bool) -> Json:
    card = BY_NUMBER.get(method["_number"])
    decline = refusal(method)
    if card and challenged and not card.saves:
        decline = card.after_challenge
    if decline:
        error = card_error(decline, begun=True, payment_method=method)
        error.error["setup_intent"] = fail(call, intent, method, dict(error.error))
        raise error
    intent = _attempted(call, intent, method, "succeeded", challenged)
    if challenged and intent["usage"] == "off_session":
        method = call.store.put({**method, "_set_up": True})
    if intent["customer"] and method["type"] in USED_ONCE:
        _tell(call, intent, generated_debits.generate(call, method, intent["customer"]))
    elif intent["customer"] and not method["customer"]:
        keep(call, method, intent["customer"])
    if TYPES[method["type"]].flow is Flow.DEBIT:
        intent["mandate"] = mandates.accept(call, method, intent["_mandate_data"])
    intent = call.store.put({**intent, "status": "succeeded"})
    emit(call, "setup_intent.succeeded", intent)
    return intent


def _tell(call: Call, intent: Json, debit: Json) -> None:
    """Of the debit that is used in place of what was set up."""
    attempt = call.find(intent["latest_attempt"], "setup_attempt", "setup_attempt")
    kind, details = attempt["payment_method_details"]["type"], attempt["payment_method_details"]
    call.store.put({**attempt, "payment_method_details": {**details, kind: {**details[kind], **debit}}})


def fail(call: Call, intent: Json, method: Json, error: Json) -> Json:
    intent = _attempted(call, intent, method, "failed", error=error)
    intent |= {"status": "requires_payment_method", "payment_method": None, "next_action": None}
    intent["last_setup_error"] = error
    call.store.put(intent)
    emit(call, "setup_intent.setup_failed", intent)
    return intent


def _attempted(
    call: Call,
    intent: Json,
    method: Json,
    status: Literal["requires_action", "succeeded", "failed"],
    challenged: bool = False,
    error: Json | None = None,
) -> Json:
    """The intent with its latest attempt: the one that waited for a challenge, or a new one."""
    last = call.store.get(intent["latest_attempt"] or "", "setup_attempt")
    waiting = last is not None and last["status"] == "requires_action"
    attempt = last if last is not None and waiting else _new(intent, method)
    if challenged and method["type"] == "card":
        secure = {**attempt["payment_method_details"]["card"], "three_d_secure": three_d_secure("challenge")}
        attempt = {**attempt, "payment_method_details": {"type": "card", "card": secure}}
    call.store.put({**attempt, "status": status, "setup_error": error})
    return {**intent, "latest_attempt": attempt["id"]}


def _new(intent: Json, method: Json) -> Json:
    kind, details = method["type"], {}
    if kind == "card":
        names = ("brand", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4", "wallet")
        details = {name: method["card"][name] for name in names}
        details |= {"checks": checks(method), "network": method["card"]["brand"], "three_d_secure": None}
    copied: dict[str, Any] = {
        name: intent[name]
        for name in ("application", "attach_to_self", "customer", "flow_directions", "on_behalf_of", "usage")
    }
    return copied | {
        "id": new_id("setatt_1"),
        "object": "setup_attempt",
        "created": now(),
        "customer_account": None,
        "livemode": False,
        "payment_method": method["id"],
        "payment_method_details": {"type": kind, kind: details},
        "setup_intent": intent["id"],
    }
