"""PaymentIntents: create, read, change. What confirming does is in payment_attempts.py."""

from typing import Any

from quart import Blueprint

from ..access import Key, check_client_secret
from ..addresses import shipping
from ..call import Call
from ..errors import Json, invalid
from ..events import emit
from ..ids import CONFIGURATION, new_id, token
from ..lists import page
from ..metadata import merged
from ..money import check_amount, check_currency
from ..payment_method_types import automatic_types, chosen_types, options_for
from ..search import search
from ..store import now
from ..wire import CLIENT_EXTRAS, endpoint
from .customers import EMAIL
from .customers import find as find_customer
from .payment_attempts import confirm as confirm_intent
from .payment_attempts import unexpected_state
from .payment_methods import find as find_method
from .payment_methods import make as make_method
from .saved_methods import check_usable

routes = Blueprint("sandbox_payment_intents", __name__)

COPIED = """
application_fee_amount description on_behalf_of payment_details receipt_email setup_future_usage
statement_descriptor statement_descriptor_suffix transfer_data transfer_group
"""
"""Parameters that become fields as they are; an empty one unsets the field."""
CONFIRM_ONLY = """
confirmation_token error_on_requires_action mandate mandate_data off_session radar_options return_url
use_stripe_sdk
"""
CLIENT_CONFIRM = """
client_secret confirmation_token error_on_requires_action expand mandate_data payment_method
payment_method_data payment_method_options receipt_email return_url setup_future_usage shipping use_stripe_sdk
"""
EMPTY = """
application application_fee_amount canceled_at cancellation_reason customer customer_account description
last_payment_error latest_charge next_action on_behalf_of payment_method payment_record processing
receipt_email review setup_future_usage shipping source statement_descriptor statement_descriptor_suffix
transfer_data transfer_group
"""
BEFORE_CONFIRM = ("requires_payment_method", "requires_confirmation", "requires_action")


@routes.post("/v1/payment_intents")
@endpoint()
def create(call: Call) -> Json:
    params = call.params
    if not params.get("confirm") and (
        early := next((name for name in CONFIRM_ONLY.split() if name in params), None)
    ):
        raise invalid(f"{early} may only be given together with confirm=true.", early)
    currency = check_currency(params["currency"])
    check_amount(params["amount"], currency)
    intent = call.store.put(fresh(call, params, currency))
    emit(call, "payment_intent.created", intent)
    return confirm_intent(call, intent, params) if params.get("confirm") else intent


@routes.get("/v1/payment_intents")
@endpoint()
def index(call: Call) -> Json:
    return page(call, "payment_intent", "/v1/payment_intents", customer=call.params.get("customer"))


@routes.get("/v1/payment_intents/search")
@endpoint()
def find_by_query(call: Call) -> Json:
    return search(call, "payment_intent", "/v1/payment_intents/search")


@routes.get("/v1/payment_intents/<intent>")
@endpoint(client=True)
def retrieve(call: Call, intent: str) -> Json:
    return find(call, intent)


@routes.post("/v1/payment_intents/<intent>")
@endpoint()
def update(call: Call, intent: str) -> Json:
    found = find(call, intent)
    only_words = set(call.params) <= {"metadata", "description", "expand", "receipt_email", "shipping"}
    if found["status"] not in BEFORE_CONFIRM and not only_words:
        raise unexpected_state(found, "update")
    return call.store.put(changed(call, found, call.params))


@routes.post("/v1/payment_intents/<intent>/confirm")
@endpoint(client=True)
def confirm(call: Call, intent: str) -> Json:
    found = find(call, intent)
    if call.key is Key.PUBLISHABLE:
        _from_browser(call, found)
    return confirm_intent(call, found, call.params)


def _from_browser(call: Call, intent: Json) -> None:
    """A browser may say how to pay, not how much or with what consequences."""
    for name in call.params:
        if name not in CLIENT_CONFIRM.split() and name not in CLIENT_EXTRAS:
            message = f"The parameter {name} may not be sent with a publishable key."
            raise invalid(message, name, "parameter_unknown")
    if intent["confirmation_method"] == "manual":
        raise invalid("A PaymentIntent with confirmation_method=manual is confirmed with a secret key.")


def find(call: Call, id: str) -> Json:
    found = call.find(id, "payment_intent", "payment_intent", "intent")
    check_client_secret(call.key, found, call.params.get("client_secret"))
    return found


def fresh(call: Call, params: Json, currency: str) -> Json:
    """An intent that is not stored yet."""
    id = new_id("pi_3")
    types, automatic = chosen_types(call.version, params, currency)
    empty: dict[str, Any] = dict.fromkeys(EMPTY.split())
    intent = empty | {
        "id": id,
        "object": "payment_intent",
        "allowed_payment_method_types": params.get("allowed_payment_method_types") or None,
        "amount": params["amount"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "automatic_payment_methods": automatic,
        "capture_method": params.get(
            "capture_method", "automatic_async" if call.version >= "2024-04-10" else "automatic"
        ),
        "client_secret": f"{id}_secret_{token(25)}",
        "confirmation_method": params.get("confirmation_method", "automatic"),
        "created": now(),
        "currency": currency,
        "excluded_payment_method_types": params.get("excluded_payment_method_types") or None,
        "livemode": False,
        "metadata": {},
        "payment_method_configuration_details": {"id": CONFIGURATION, "parent": None} if automatic else None,
        "payment_method_options": options_for(types, params.get("payment_method_options")),
        "payment_method_types": types,
        "status": "requires_payment_method",
    }
    return changed(call, intent, {name: value for name, value in params.items() if name != "amount"})


def changed(call: Call, intent: Json, params: Json) -> Json:
    """The intent as create and update leave it; not stored yet."""
    new = {**intent, **{name: params[name] or None for name in COPIED.split() if name in params}}
    if new["receipt_email"] and not EMAIL.fullmatch(new["receipt_email"]):
        raise invalid(
            f"Invalid email address: {new['receipt_email'][:100]}", "receipt_email", "email_invalid"
        )
    new["metadata"] = merged(intent["metadata"], params.get("metadata"))
    if "shipping" in params:
        new["shipping"] = shipping(params["shipping"])
    if calculation := ((params.get("hooks") or {}).get("inputs") or {}).get("tax", {}).get("calculation"):
        where = "hooks[inputs][tax][calculation]"
        call.find(calculation, "tax.calculation", "tax calculation", where, 400)
        new["hooks"] = {"inputs": {"tax": {"calculation": calculation}}}
    if "customer" in params:
        new["customer"] = _customer(call, intent["customer"], params["customer"])
    currency = check_currency(params["currency"]) if "currency" in params else intent["currency"]
    if "amount" in params or currency != intent["currency"]:
        new |= {"amount": params.get("amount", intent["amount"]), "currency": currency}
        check_amount(new["amount"], currency)
    if params.get("payment_method_types"):
        new["payment_method_types"] = chosen_types(call.version, params, currency)[0]
    elif currency != intent["currency"] and new["automatic_payment_methods"]:
        new["payment_method_types"] = automatic_types(currency)
    if "capture_method" in params:
        new["capture_method"] = params["capture_method"]
    if params.get("payment_method_options"):
        new["payment_method_options"] = options_for(
            new["payment_method_types"], params["payment_method_options"]
        )
    if not params.get("confirm") and ("payment_method" in params or "payment_method_data" in params):
        new["payment_method"] = named_method(call, new["customer"])
        new["status"] = "requires_confirmation" if new["payment_method"] else "requires_payment_method"
        new["next_action"] = None
    return new


def _customer(call: Call, before: str | None, given: str) -> str:
    if before and given != before:
        message = "You cannot modify `customer` on a PaymentIntent once it already has been set. To fulfill a payment "
        raise invalid(
            f"{message}with a different Customer, cancel this PaymentIntent and create a new one.", "customer"
        )
    id: str = find_customer(call, given, "customer", 400)["id"]
    return id


def named_method(call: Call, customer: str | None) -> str | None:
    """The id of the method that the request names or describes; None where it unsets it."""
    given = call.params.get("payment_method")
    if "payment_method_data" in call.params:
        given = make_method(call, call.params["payment_method_data"], "payment_method_data")["id"]
    if not given:
        return None
    method = find_method(call, given, status=400)
    check_usable(method, customer)
    id: str = method["id"]
    return id
