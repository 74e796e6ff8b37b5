"""Giving back what was authorised and not captured: the rest after a part was captured, all of it when the intent is
canceled or when nobody captures it in time."""

from ..call import Call
from ..errors import Json
from ..events import emit
from ..store import now
from ..versions import BASIL
from .charges import find as find_charge
from .refunds import fresh


def cancel(call: Call, intent: Json, reason: str | None) -> Json:
    """The end of an intent that was not paid."""
    end = {"status": "canceled", "canceled_at": now(), "amount_capturable": 0, "next_action": None}
    after = call.store.put({**intent, **end, "cancellation_reason": reason, "_source": None})
    emit(call, "payment_intent.canceled", after)
    if intent["status"] == "requires_capture":
        charge = find_charge(call, intent["latest_charge"])
        release(call, charge, charge["amount"])
    return after


def release(call: Call, charge: Json, amount: int) -> Json:
    """No money moved, so there is no balance transaction. Callers of before basil are told by a refund."""
    if call.version >= BASIL or amount == 0:
        return charge
    call.store.put(fresh(charge, amount, "reversal"))
    given_back = {"amount_refunded": amount, "refunded": amount == charge["amount"], "_released": amount}
    charge = call.store.put({**charge, **given_back})
    emit(call, "charge.refunded", charge)
    return charge


def lapse(call: Call, charge_id: str) -> None:
    """Its seven days are over."""
    charge = find_charge(call, charge_id)
    intent = call.store.get(charge["payment_intent"], "payment_intent")
    if intent is None or intent["status"] != "requires_capture" or intent["latest_charge"] != charge_id:
        return
    emit(call, "charge.expired", charge)
    cancel(call, intent, "expired")
