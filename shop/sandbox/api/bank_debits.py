"""Paying from a bank account: processing first, paid or failed later."""

from ..bank_accounts import BANK_BY_NUMBER, BankAccount
from ..call import Call
from ..cards import Decline
from ..errors import Json
from ..events import emit
from ..timers import Later, start
from . import balance_transactions, saved_methods
from .charges import attempt
from .payment_methods import card_error


def begin(call: Call, intent: Json, method: Json) -> Json:
    account = BANK_BY_NUMBER[method["_number"]]
    charge = call.store.put(
        {**attempt(intent, method, None), "captured": True, "paid": False, "status": "pending"}
    )
    saved_methods.after_payment(call, intent, method, challenged=False)
    processing = {"status": "processing", "latest_charge": charge["id"], "next_action": None}
    intent = call.store.put({**intent, **processing})
    emit(call, "payment_intent.processing", intent)
    emit(call, "charge.pending", charge)
    start(call, Later.DEBIT, intent["id"], by_itself=account.settles)
    return intent


def settle(call: Call, intent_id: str) -> None:
    intent = call.store.get(intent_id, "payment_intent")
    if intent is None or intent["status"] != "processing":
        return
    charge, method = call.store.named(intent["latest_charge"]), call.store.named(intent["payment_method"])
    assert charge, "an intent that is processing has a charge"
    assert method, "and a payment method"
    account = BANK_BY_NUMBER[method["_number"]]
    if account.failure:
        _fail(call, intent, charge, method, account)
        return
    charge = balance_transactions.for_charge(call, {**charge, "paid": True, "status": "succeeded"})
    intent = call.store.put({**intent, "status": "succeeded", "amount_received": intent["amount"]})
    emit(call, "charge.succeeded", charge)
    emit(call, "payment_intent.succeeded", intent)


def _fail(call: Call, intent: Json, charge: Json, method: Json, account: BankAccount) -> None:
    message = "The customer's bank account could not be debited."
    decline = Decline("payment_method_provider_decline", account.failure, message)
    failed = {
        "failure_code": account.failure,
        "failure_message": message,
        "status": "failed",
        "captured": False,
    }
    charge = call.store.put({**charge, **failed, "amount_captured": 0})
    problem = card_error(decline, charge=charge["id"], payment_method=method)
    intent |= {"status": "requires_payment_method", "payment_method": None}
    intent = call.store.put({**intent, "last_payment_error": problem.error})
    emit(call, "charge.failed", charge)
    emit(call, "payment_intent.payment_failed", intent)
