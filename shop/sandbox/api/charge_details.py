"""What a charge tells about the way it was paid: the outcome, and the details of the card or the account."""

from typing import Any, Literal

from ..cards import BY_NUMBER, Decline
from ..errors import Json
from ..ids import token
from ..store import now
from ..timers import AUTHORIZED_FOR
from . import local_methods

Secured = Literal["challenge", "frictionless"] | None
"""How 3-D Secure was passed, if it was."""
SCORES = {"normal": 24, "elevated": 70, "highest": 92}
NOTHING = ("advice_code", "network_advice_code", "network_decline_code", "reason")


def outcome(method: Json, decline: Decline | None) -> Json:
    card = BY_NUMBER.get(method["_number"])
    result: dict[str, Any] = dict.fromkeys(NOTHING)
    if card:
        result |= {"risk_level": card.risk, "risk_score": SCORES[card.risk]}
    else:
        result |= {"risk_level": "not_assessed"}
    if decline is None:
        paid = {"network_status": "approved_by_network", "seller_message": "Payment complete."}
        return result | paid | {"type": "authorized"}
    if decline.blocked:
        blocked = {"reason": "highest_risk_level", "network_status": "not_sent_to_network", "type": "blocked"}
        return result | blocked | {"seller_message": "Stripe blocked this payment as too risky."}
    declined = {"network_status": "declined_by_network", "reason": decline.decline_code or decline.code}
    result |= {"network_decline_code": "01", "advice_code": "try_again_later", "type": "issuer_declined"}
    return result | declined | {"seller_message": "The bank did not approve this payment."}


def details(intent: Json, method: Json, decline: Decline | None, secured: Secured) -> Json:
    if method["type"] not in ("card", "us_bank_account"):
        return local_methods.of_charge(method)
    if method["type"] == "us_bank_account":
        names = ("account_holder_type", "account_type", "bank_name", "fingerprint", "last4", "routing_number")
        account = {name: method["us_bank_account"][name] for name in names}
        account |= {"expected_debit_date": None, "mandate": None, "payment_reference": token(15)}
        return {"type": "us_bank_account", "us_bank_account": account}
    return {"type": "card", "card": card_details(intent, method, decline is None, secured)}


def card_details(intent: Json, method: Json, good: bool, secured: Secured) -> Json:
    names = (
        "brand",
        "country",
        "exp_month",
        "exp_year",
        "fingerprint",
        "funding",
        "last4",
        "regulated_status",
        "wallet",
    )
    shown = {name: method["card"][name] for name in names}
    if good and intent["capture_method"] == "manual":
        shown["capture_before"] = now() + AUTHORIZED_FOR
    return shown | {
        "amount_authorized": intent["amount"] if good else None,
        "authorization_code": token(6).upper() if good else None,
        "checks": checks(method),
        "extended_authorization": {"status": "disabled"},
        "incremental_authorization": {"status": "unavailable"},
        "installments": None,
        "mandate": None,
        "multicapture": {"status": "unavailable"},
        "network": shown["brand"],
        "network_token": {"used": False},
        "network_transaction_id": token(15).upper(),
        "overcapture": {"maximum_amount_capturable": intent["amount"], "status": "unavailable"},
        "three_d_secure": three_d_secure(secured) if secured else None,
    }


def checks(method: Json) -> Json:
    """What was given was checked, with the result that the card is known for."""
    address = method["billing_details"]["address"]
    given = (address["line1"], address["postal_code"], method["_cvc"])
    names = ("address_line1_check", "address_postal_code_check", "cvc_check")
    results = BY_NUMBER[method["_number"]].checks
    return {
        name: result if value else None for name, result, value in zip(names, results, given, strict=True)
    }


def three_d_secure(secured: Secured) -> Json:
    return {
        "authentication_flow": secured,
        "electronic_commerce_indicator": "05",
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": token(20),
        "version": "2.2.0",
    }
