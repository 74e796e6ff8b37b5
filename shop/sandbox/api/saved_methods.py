"""Payment methods that belong to a customer: attaching, detaching, and who may pay with which."""

from quart import Blueprint

from ..call import Call
from ..cards import BY_NUMBER, Decline
from ..errors import ApiError, Json, invalid, missing_resource
from ..events import emit
from ..payment_method_types import USED_ONCE
from ..wire import endpoint
from .charge_details import checks
from .payment_methods import card_error
from .payment_methods import find as find_method

routes = Blueprint("sandbox_saved_methods", __name__)

USED_UP = (
    "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, or was "
    "detached from a Customer. It may not be used again. To use a PaymentMethod multiple times, you must "
    "attach it to a Customer first."
)


@routes.post("/v1/payment_methods/<payment_method>/attach")
@endpoint()
def attach_to(call: Call, payment_method: str) -> Json:
    method, customer = find_method(call, payment_method), call.params["customer"]
    if call.store.get(customer, "customer") is None:
        raise missing_resource("customer", customer, "customer", 404)
    return attach(call, method, customer)


@routes.post("/v1/payment_methods/<payment_method>/detach")
@endpoint()
def detach_from(call: Call, payment_method: str) -> Json:
    return detach(call, find_method(call, payment_method))


def attach(call: Call, method: Json, customer: str) -> Json:
    """Raises what saving this card is refused with."""
    if method["customer"] == customer:
        return method
    if method["customer"]:
        message = "The payment method you provided has already been attached to a customer."
        raise ApiError(message, code="payment_method_unexpected_state", begun=True)
    check_unused(method)
    if decline := refusal(method):
        refused = card_error(decline, begun=True, payment_method=method)
        refused.error.setdefault("param", "")
        raise refused
    return keep(call, method, customer)


def keep(call: Call, method: Json, customer: str) -> Json:
    """Attach a method that has just paid or was just set up, so that no one need be asked."""
    kept = {**method, "customer": customer}
    if method["type"] == "card":
        kept["card"] = {**method["card"], "checks": checks(method)}
    call.store.put(kept)
    emit(call, "payment_method.attached", kept)
    return kept


def detach(call: Call, method: Json) -> Json:
    customer = call.store.get(method["customer"] or "", "customer")
    if customer is None:
        message = "The payment method you provided is not attached to a customer so detachment is impossible."
        raise ApiError(message, code="payment_method_unexpected_state", begun=True)
    after = call.store.put({**method, "customer": None, "_consumed": True})
    settings = customer["invoice_settings"]
    if settings["default_payment_method"] == method["id"]:
        call.store.put({**customer, "invoice_settings": {**settings, "default_payment_method": None}})
    emit(call, "payment_method.detached", after, method)
    return after


def refusal(method: Json) -> Decline | None:
    """Banks are asked when a card is saved, too; Radar is not."""
    card = BY_NUMBER.get(method["_number"])
    if card is None or card.saves or (card.decline and card.decline.blocked):
        return None
    return card.decline


def check_unused(method: Json) -> None:
    if method.get("_consumed"):
        raise ApiError(USED_UP, code="payment_method_unexpected_state", param="payment_method", begun=True)


def of_customer(call: Call, customer: str) -> list[Json]:
    """Newest first."""
    return call.store.linked("payment_method", "customer", customer)


def check_usable(method: Json, customer: str | None) -> None:
    """May this customer (or nobody in particular) pay with it?"""
    check_unused(method)
    if method["customer"] in (None, customer):
        return
    if customer is None:
        message = "The provided PaymentMethod belongs to a Customer. Please include the Customer in the "
        raise invalid(f"{message}`customer` parameter.", "payment_method", "payment_method_unexpected_state")
    message = f"The customer does not have a payment method with the ID {method['id']}. "
    raise invalid(f"{message}The payment method must be attached to the customer.", "payment_method")


def after_payment(call: Call, intent: Json, method: Json, challenged: bool) -> None:
    """Save the method with the customer if the intent says so; a method that nobody keeps is used up."""
    usage = future_usage(intent, method)
    if usage == "off_session" and challenged:
        method = call.store.put({**method, "_set_up": True})
    if method["customer"]:
        return
    if usage and intent["customer"] and method["type"] not in USED_ONCE:
        keep(call, method, intent["customer"])
    else:
        call.store.put({**method, "_consumed": True})


def future_usage(intent: Json, method: Json) -> str | None:
    options: Json = intent["payment_method_options"].get(method["type"], {})
    usage: str | None = options.get("setup_future_usage") or intent["setup_future_usage"]
    return usage if usage != "none" else None
