"""Paying from a bank account: processing first, paid or failed later."""

from ..bank_accounts import BankAccount
from ..call import Call
from ..cards import Decline
from ..errors import Json
from ..events import emit
from ..ids import token
from ..store import now
from ..timers import Later, start
from . import balance_transactions, saved_methods
from .charges import attempt
from .local_methods import account_of
from .payment_methods import card_error


def begin(call: Call, intent: Json, method: Json) -> Json:
    if unverified(intent, method):
        return ask_for_microdeposits(call, intent)
    account = account_of(method)
    charge = call.store.put(
        {**attempt(intent, method, None), "captured": True, "paid": False, "status": "pending"}
    )
    saved_methods.after_payment(call, intent, method, challenged=False)
    processing = {"status": "processing", "latest_charge": charge["id"], "next_action": None}
    intent = call.store.put({**intent, **processing})
    emit(call, "payment_intent.processing", intent)
    emit(call, "charge.pending", charge)
    start(call, Later.DEBIT, intent["id"], account.settles, _due(method, account))
    return intent


def unverified(intent: Json, method: Json) -> bool:
    """Whether small deposits have to show first that the account is the shopper's."""
    how = (intent["payment_method_options"].get(method["type"]) or {}).get("verification_method")
    wanted = how == "microdeposits" or (how == "automatic" and method["type"] == "acss_debit")
    return wanted and not method.get("_verified")


def ask_for_microdeposits(call: Call, intent: Json) -> Json:
    """Leave the intent waiting for what the shopper's bank statement says."""
    how = {
        "arrival_date": now() + 86400,
        "hosted_verification_url": f"https://payments.stripe.com/microdeposit/pacs_test_{token(40)}",
        "microdeposit_type": "amounts",
    }
    action = {"type": "verify_with_microdeposits", "verify_with_microdeposits": how}
    intent = call.store.put({**intent, "status": "requires_action", "next_action": action})
    emit(call, f"{intent['object']}.requires_action", intent)
    return intent


def _due(method: Json, account: BankAccount) -> float | None:
    """Whoever writes so in the email address does not want to wait."""
    if "skip_waiting" in (method["billing_details"]["email"] or ""):
        return now()
    return now() + account.delay if account.delay else None


def settle(call: Call, intent_id: str) -> None:
    intent = call.store.get(intent_id, "payment_intent")
    if intent is None or intent["status"] != "processing":
        return
    charge, method = call.store.named(intent["latest_charge"]), call.store.named(intent["payment_method"])
    assert charge, "an intent that is processing has a charge"
    assert method, "and a payment method"
    account = account_of(method)
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
