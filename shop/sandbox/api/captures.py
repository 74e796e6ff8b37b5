"""Capturing and canceling: the ends of a PaymentIntent that the shop brings about."""

from quart import Blueprint

from ..call import Call
from ..errors import ApiError, Json, invalid
from ..events import emit
from ..metadata import merged
from ..wire import endpoint
from . import balance_transactions, disputes, releases
from .charges import find as find_charge
from .charges import statement_descriptor
from .payment_attempts import unexpected_state
from .payment_intents import find
from .payment_methods import find as find_method

routes = Blueprint("sandbox_captures", __name__)

STATEMENT = ("statement_descriptor", "statement_descriptor_suffix")
CANCELABLE = ("requires_payment_method", "requires_confirmation", "requires_action", "requires_capture")


@routes.post("/v1/payment_intents/<intent>/capture")
@endpoint()
def capture(call: Call, intent: str) -> Json:
    return _captured(call, find(call, intent), call.params.get("amount_to_capture"))


def _captured(call: Call, found: Json, asked: int | None) -> Json:
    """The intent after that amount of it was taken, or all where none is asked for."""
    amount: int = found["amount_capturable"] if asked is None else asked
    if found["status"] != "requires_capture":
        raise unexpected_state(found, "capture")
    if call.params.get("final_capture") is False:
        message = "This payment can be captured only once: its multicapture status is unavailable."
        raise ApiError(message, param="final_capture", begun=True)
    if amount < 1:
        message = "This value must be greater than or equal to 1."
        raise invalid(message, "amount_to_capture", "parameter_invalid_integer")
    if amount > found["amount_capturable"]:
        message = "The amount to capture is greater than the amount that was authorized."
        raise ApiError(message, code="amount_too_large", param="amount_to_capture", begun=True)
    held = find_charge(call, found["latest_charge"])
    worded = {name: call.params[name] for name in STATEMENT if name in call.params}
    charge = {**held, **worded, "amount_captured": amount, "captured": True}
    charge["calculated_statement_descriptor"] = statement_descriptor(charge)
    charge = balance_transactions.for_charge(call, charge)
    charge = releases.release(call, charge, charge["amount"] - amount)
    done: Json = {"status": "succeeded", "amount_capturable": 0, "amount_received": amount}
    done |= worded
    done["metadata"] = merged(found["metadata"], call.params.get("metadata"))
    found = call.store.put({**found, **done})
    emit(call, "charge.captured", charge)
    emit(call, "payment_intent.succeeded", found)
    emit(call, "charge.updated", charge, held)
    disputes.after_payment(call, charge, find_method(call, charge["payment_method"]))
    return found


@routes.post("/v1/charges/<charge>/capture")
@endpoint()
def capture_charge(call: Call, charge: str) -> Json:
    """The way of before there were intents."""
    held = find_charge(call, charge)
    if held["captured"]:
        raise ApiError(
            f"Charge {charge} has already been captured.", code="charge_already_captured", begun=True
        )
    _captured(call, find(call, held["payment_intent"]), call.params.get("amount"))
    return find_charge(call, charge)


@routes.post("/v1/payment_intents/<intent>/cancel")
@endpoint()
def cancel(call: Call, intent: str) -> Json:
    found = find(call, intent)
    if found["status"] not in CANCELABLE:
        raise unexpected_state(found, "cancel")
    return releases.cancel(call, found, call.params.get("cancellation_reason"))
