"""Charges: one for each attempt to pay an intent."""

from typing import Any

from quart import Blueprint

from ..call import Call
from ..cards import BY_NUMBER, Decline
from ..errors import Json, missing_resource
from ..ids import new_id, token
from ..store import now
from ..wire import endpoint

charges = Blueprint("sandbox_charges", __name__)

EMPTY = """
application application_fee application_fee_amount balance_transaction failure_balance_transaction
on_behalf_of receipt_number review source_transfer transfer_data
"""


@charges.get("/v1/charges/<charge>")
@endpoint()
def retrieve(call: Call, charge: str) -> Json:
    found = call.store.get(charge, "charge")
    if found is None:
        raise missing_resource("charge", charge, "charge")
    return found


def attempt(intent: Json, method: Json, decline: Decline | None, secured: bool) -> Json:
    """A charge of an intent's whole amount, captured unless capture is manual. Not stored yet."""
    good, captured = decline is None, decline is None and intent["capture_method"] != "manual"
    charge: dict[str, Any] = dict.fromkeys(EMPTY.split())
    charge |= {
        "id": new_id("ch_3"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if captured else 0,
        "amount_refunded": 0,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": statement_descriptor(intent),
        "captured": captured,
        "created": now(),
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_code": decline.code if decline else None,
        "failure_message": decline.message if decline else None,
        "fraud_details": {},
        "livemode": False,
        "metadata": intent["metadata"],
        "outcome": outcome(method, decline),
        "paid": good,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {"type": method["type"], **details(intent, method, decline, secured)},
        "radar_options": {},
        "receipt_email": intent["receipt_email"],
        "refunded": False,
        "shipping": intent["shipping"],
        "source": None,
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": "succeeded" if good else "failed",
        "transfer_group": intent["transfer_group"],
    }
    charge["receipt_url"] = f"https://pay.stripe.com/receipts/payment/{token(60)}" if good else None
    return charge


def statement_descriptor(intent: Json) -> str:
    suffix = intent["statement_descriptor_suffix"]
    return f"SANDBOX* {suffix}"[:22] if suffix else intent["statement_descriptor"] or "SANDBOX"


def outcome(method: Json, decline: Decline | None) -> Json:
    card = BY_NUMBER[method["_number"]]
    base: Json = {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "reason": None,
    }
    base |= {"risk_level": card.risk, "risk_score": {"normal": 24, "elevated": 70, "highest": 92}[card.risk]}
    if decline is None:
        status = {
            "network_status": "approved_by_network",
            "seller_message": "Payment complete.",
            "type": "authorized",
        }
    elif decline.blocked:
        reason = {"reason": "highest_risk_level", "network_status": "not_sent_to_network", "type": "blocked"}
        status = {**reason, "seller_message": "Stripe blocked this payment as too risky."}
    else:
        status = {"network_status": "declined_by_network", "reason": decline.decline_code or decline.code}
        status |= {"seller_message": "The bank did not approve this payment.", "type": "issuer_declined"}
        status |= {"network_decline_code": "01", "advice_code": "try_again_later"}
    return base | status


def details(intent: Json, method: Json, decline: Decline | None, secured: bool) -> Json:
    card, shown = BY_NUMBER[method["_number"]], method["card"]
    manual = intent["capture_method"] == "manual"
    address = method["billing_details"]["address"]
    given = (address["line1"], address["postal_code"], method["_cvc"])
    checks = [check if value else None for check, value in zip(card.checks, given, strict=True)]
    return {
        "card": {
            "amount_authorized": intent["amount"] if decline is None else None,
            "authorization_code": token(6).upper() if decline is None else None,
            "brand": shown["brand"],
            **({"capture_before": now() + 7 * 86400} if manual and decline is None else {}),
            "checks": dict(zip(shown["checks"], checks, strict=True)),
            "country": shown["country"],
            "exp_month": shown["exp_month"],
            "exp_year": shown["exp_year"],
            "extended_authorization": {"status": "disabled"},
            "fingerprint": shown["fingerprint"],
            "funding": shown["funding"],
            "incremental_authorization": {"status": "unavailable"},
            "installments": None,
            "last4": shown["last4"],
            "mandate": None,
            "multicapture": {"status": "unavailable"},
            "network": shown["brand"],
            "network_token": {"used": False},
            "network_transaction_id": token(15).upper(),
            "overcapture": {"maximum_amount_capturable": intent["amount"], "status": "unavailable"},
            "regulated_status": "unregulated",
            "three_d_secure": challenge_passed() if secured else None,
            "wallet": None,
        }
    }


def challenge_passed() -> Json:
    return {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": token(20),
        "version": "2.2.0",
    }
