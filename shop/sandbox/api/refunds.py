"""Refunds: of a charge or of the charge that paid an intent, whole or in part."""

from typing import Any

from quart import Blueprint

from ..call import Call
from ..cards import BY_NUMBER
from ..errors import ApiError, Json, invalid, missing_resource
from ..events import emit
from ..ids import new_id, token
from ..lists import page
from ..metadata import merged
from ..store import now
from ..timers import Later, start
from ..wire import endpoint
from . import balance_transactions, disputes
from .charges import find as find_charge

routes = Blueprint("sandbox_refunds", __name__)

EMPTY = """
balance_transaction customer customer_account payment_method reason receipt_number source_transfer_reversal
transfer_reversal
"""


@routes.post("/v1/refunds")
@endpoint()
def create(call: Call) -> Json:
    charge = _charge(call)
    left = _refundable(charge) - charge["amount_refunded"]
    amount = call.params.get("amount", left)
    if charge["disputed"] and not disputes.refundable(call, charge):
        message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise ApiError(message, code="charge_disputed", begun=True)
    if left == 0:
        message = f"Charge {charge['id']} has already been refunded."
        raise ApiError(message, code="charge_already_refunded", begun=True)
    if amount < 1:
        raise invalid("This value must be greater than or equal to 1.", "amount", "parameter_invalid_integer")
    if amount > left:
        message = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})."
        raise ApiError(message, param="amount", begun=True)
    return _refund(call, charge, amount)


@routes.get("/v1/refunds")
@endpoint()
def index(call: Call) -> Json:
    wanted = {name: call.params.get(name) for name in ("charge", "payment_intent")}
    return page(call, "refund", "/v1/refunds", **wanted)


@routes.get("/v1/refunds/<refund>")
@endpoint()
def retrieve(call: Call, refund: str) -> Json:
    return find(call, refund)


@routes.post("/v1/refunds/<refund>")
@endpoint()
def update(call: Call, refund: str) -> Json:
    before = find(call, refund)
    after = call.store.put({**before, "metadata": merged(before["metadata"], call.params.get("metadata"))})
    emit(call, "refund.updated", after, before)
    emit(call, "charge.refund.updated", after, before)
    return after


@routes.post("/v1/refunds/<refund>/cancel")
@endpoint()
def cancel(call: Call, refund: str) -> Json:
    """Only refunds that wait for the customer can be canceled or expire, and those of cards never do."""
    raise _waits_for_nobody(find(call, refund), "cancel", "canceled")


@routes.post("/v1/test_helpers/refunds/<refund>/expire")
@endpoint()
def expire(call: Call, refund: str) -> Json:
    raise _waits_for_nobody(find(call, refund), "expire", "expired")


def _waits_for_nobody(refund: Json, verb: str, done: str) -> ApiError:
    message = f"You cannot {verb} this refund because it has a status of {refund['status']}."
    return ApiError(f"{message} Only a refund that requires action can be {done}.", begun=True)


def find(call: Call, id: str) -> Json:
    return call.find(id, "refund", "refund", "refund")


def _charge(call: Call) -> Json:
    """The charge to refund, from `charge` or `payment_intent`."""
    given = [name for name in ("charge", "payment_intent") if call.params.get(name)]
    if not given:
        raise invalid("One of the following params should be provided: payment_intent or charge.")
    if given == ["payment_intent"]:
        id = call.params["payment_intent"]
        intent = call.store.get(id, "payment_intent")
        if intent is None:
            raise missing_resource("payment_intent", id, "payment_intent")
        if intent["status"] != "succeeded":
            message = f"The PaymentIntent {id} does not have a successful charge to refund."
            raise ApiError(message, param="payment_intent", begun=True)
        return find_charge(call, intent["latest_charge"])
    charge = find_charge(call, call.params["charge"], status=404)
    if call.params.get("payment_intent") not in (None, charge["payment_intent"]):
        raise invalid("The charge does not belong to the PaymentIntent.", "charge")
    if charge["status"] != "succeeded" or not charge["captured"]:
        raise ApiError(f"Charge {charge['id']} has not been paid.", param="charge", begun=True)
    return charge


def _refundable(charge: Json) -> int:
    """What `amount_refunded` can come to: the captured, and what was released of it by a refund."""
    amount: int = charge["amount_captured"] + charge.get("_released", 0)
    return amount


def _refund(call: Call, charge: Json, amount: int) -> Json:
    ends = _ending(call, charge)
    refund = call.store.put(fresh(charge, amount, "refund"))
    refund |= {"metadata": merged({}, call.params.get("metadata")), "reason": call.params.get("reason")}
    refund["balance_transaction"] = balance_transactions.for_refund(call, refund)
    refund["status"] = "pending" if ends == "pending" else "succeeded"
    call.store.put(refund)
    taken = charge["amount_refunded"] + amount
    charge = call.store.put({**charge, "amount_refunded": taken, "refunded": taken == _refundable(charge)})
    emit(call, "refund.created", refund)
    emit(call, "charge.refunded", charge)
    start(call, Later.REFUND, refund["id"])
    return refund


def _ending(call: Call, charge: Json) -> str:
    method = call.store.get(charge["payment_method"], "payment_method") or {}
    card = BY_NUMBER.get(method.get("_number", ""))
    return card.refund if card else "pending"


def fresh(charge: Json, amount: int, how: str) -> Json:
    """A refund that is not stored yet. `how`: refund, or reversal of what was only authorised."""
    reference = {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": how}
    refund: dict[str, Any] = dict.fromkeys(EMPTY.split())
    return refund | {
        "id": new_id("re_3"),
        "object": "refund",
        "amount": amount,
        "charge": charge["id"],
        "created": now(),
        "currency": charge["currency"],
        "description": None,
        "destination_details": {"card": reference, "type": "card"},
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "status": "succeeded",
    }


def settle(call: Call, refund_id: str) -> None:
    """A refund reaches the card, or fails and gives the money back."""
    before = call.store.get(refund_id, "refund")
    charge = before and call.store.get(before["charge"], "charge")
    if not before or not charge:
        return
    after = {**before, "status": "succeeded"}
    if _ending(call, charge) == "failed":
        back = balance_transactions.for_refund(call, before, sign=1)
        after |= {"status": "failed", "failure_reason": "unknown", "failure_balance_transaction": back}
        left = charge["amount_refunded"] - before["amount"]
        call.store.put({**charge, "amount_refunded": left, "refunded": False})
    elif card := before["destination_details"].get("card"):
        known = {**card, "reference": token(24).upper(), "reference_status": "available"}
        after["destination_details"] = {"card": known, "type": "card"}
    call.store.put(after)
    if after["status"] == "failed":
        emit(call, "refund.failed", after)
    emit(call, "refund.updated", after, before)
    emit(call, "charge.refund.updated", after, before)
