"""Disputes: what a bank takes back, and what the shop says to that."""

from typing import Any

from quart import Blueprint

from ..call import Call
from ..cards import BY_NUMBER, Doubt
from ..errors import ApiError, Json
from ..events import emit
from ..ids import new_id
from ..lists import page
from ..metadata import merged
from ..store import now
from ..timers import Later, start
from ..wire import endpoint
from . import balance_transactions, early_fraud_warnings

routes = Blueprint("sandbox_disputes", __name__)

ANSWER_WITHIN = 9 * 86400
EVIDENCE = """
access_activity_log appeal billing_address cancellation_policy cancellation_policy_disclosure
cancellation_rebuttal customer_communication customer_email_address customer_name customer_purchase_ip
customer_signature duplicate_charge_documentation duplicate_charge_explanation duplicate_charge_id
product_description receipt refund_policy refund_policy_disclosure refund_refusal_explanation service_date
service_documentation shipping_address shipping_carrier shipping_date shipping_documentation
shipping_tracking_number uncategorized_file uncategorized_text
"""
ELIGIBLE: dict[str | None, Json] = {
    None: {},
    "visa_compelling_evidence_3": {"required_actions": [], "status": "qualified"},
    "visa_compliance": {"status": "requires_fee_acknowledgement"},
}
OPEN = ("needs_response", "warning_needs_response")
CLOSED = ("lost", "warning_closed", "won")


@routes.get("/v1/disputes")
@endpoint()
def index(call: Call) -> Json:
    wanted = {name: call.params.get(name) for name in ("charge", "payment_intent")}
    return page(call, "dispute", "/v1/disputes", **wanted)


@routes.get("/v1/disputes/<dispute>")
@endpoint()
def retrieve(call: Call, dispute: str) -> Json:
    return find(call, dispute)


@routes.post("/v1/disputes/<dispute>")
@endpoint()
def update(call: Call, dispute: str) -> Json:
    """Evidence is sent to the bank at once unless `submit` is false. "winning_evidence", "losing_evidence" and
    "escalate_inquiry_evidence" as `uncategorized_text` bring about what they say."""
    before, params = find(call, dispute), call.params
    after = {**before, "metadata": merged(before["metadata"], params.get("metadata"))}
    if method := params.get("intended_submission_method"):
        after["intended_submission_method"] = method
    if before["status"] in OPEN:
        _take_evidence(call, after)
    elif "evidence" in params:
        message = f"This dispute takes no more evidence because it has a status of {before['status']}."
        raise ApiError(message, param="evidence", begun=True)
    emit(call, "charge.dispute.updated", call.store.put(after), before)
    return after


@routes.post("/v1/disputes/<dispute>/close")
@endpoint()
def close(call: Call, dispute: str) -> Json:
    """Giving in: the bank's word stands."""
    found = find(call, dispute)
    if found["status"] in CLOSED:
        raise ApiError("This dispute is already closed.", begun=True)
    return _end(call, found, "warning_closed" if _asks(found) else "lost")


def find(call: Call, id: str) -> Json:
    return call.find(id, "dispute", "dispute", "dispute")


def refundable(call: Call, charge: Json) -> bool:
    """An inquiry leaves the money where it is."""
    disputes = call.store.linked("dispute", "charge", charge["id"])
    return all(dispute["is_charge_refundable"] for dispute in disputes)


def after_payment(call: Call, charge: Json, method: Json) -> None:
    """The disputes and warnings that this card is known for."""
    card = BY_NUMBER.get(method["_number"])
    if card and card.warns:
        early_fraud_warnings.warn(call, charge)
    if card is None or card.doubt is None:
        return
    charge = call.store.put({**charge, "disputed": True})
    share, rest = divmod(charge["amount_captured"], card.doubt.times)
    for amount in [share + rest] + [share] * (card.doubt.times - 1):
        dispute = call.store.put(_new(charge, card.doubt, amount))
        emit(call, "charge.dispute.created", dispute)
        start(call, Later.DEADLINE, dispute["id"], due=dispute["evidence_details"]["due_by"])
        if not dispute["is_charge_refundable"]:
            _withdraw(call, dispute)


def settle(call: Call, dispute_id: str) -> None:
    """The bank has read the evidence."""
    found = call.store.get(dispute_id, "dispute")
    if found is None or not found["status"].endswith("under_review"):
        return
    match found["evidence"]["uncategorized_text"]:
        case "winning_evidence":
            _end(call, found, "warning_closed" if _asks(found) else "won")
        case "losing_evidence":
            _end(call, found, "warning_closed" if _asks(found) else "lost")
        case "escalate_inquiry_evidence" if _asks(found):
            details = {**found["evidence_details"], "has_evidence": False, "submission_count": 0}
            card = {**found["payment_method_details"]["card"], "case_type": "chargeback"}
            escalated = {"status": "needs_response", "is_charge_refundable": False}
            escalated |= {
                "evidence_details": details,
                "payment_method_details": {"card": card, "type": "card"},
            }
            after = call.store.put({**found, **escalated})
            emit(call, "charge.dispute.updated", after, found)
            _withdraw(call, after)


def miss(call: Call, dispute_id: str) -> None:
    """Its deadline has come: a dispute that nobody answered is lost. An inquiry stays open."""
    found = call.store.get(dispute_id, "dispute")
    if found is not None and found["status"] == "needs_response":
        _end(call, found, "lost")


def _take_evidence(call: Call, dispute: Json) -> None:
    given = {name: value or None for name, value in call.params.get("evidence", {}).items()}
    enhanced = {
        "enhanced_evidence": given.get("enhanced_evidence") or dispute["evidence"]["enhanced_evidence"]
    }
    dispute["evidence"] = {**dispute["evidence"], **given, **enhanced}
    has = any(value for value in dispute["evidence"].values())
    details = {**dispute["evidence_details"], "has_evidence": has}
    if call.params.get("submit", "evidence" in call.params):
        details |= {"submission_count": details["submission_count"] + 1, "submission_method": "manual"}
        dispute["status"] = "warning_under_review" if _asks(dispute) else "under_review"
        start(call, Later.DISPUTE, dispute["id"])
    dispute["evidence_details"] = details


def _asks(dispute: Json) -> bool:
    inquiry: bool = dispute["status"].startswith("warning_")
    return inquiry


def _withdraw(call: Call, dispute: Json) -> None:
    taken = balance_transactions.for_dispute(call, dispute)
    dispute = call.store.put({**dispute, "balance_transactions": [taken]})
    emit(call, "charge.dispute.funds_withdrawn", dispute)


def _end(call: Call, dispute: Json, status: str) -> Json:
    after = {**dispute, "status": status}
    if status == "won":
        back = balance_transactions.for_dispute(call, dispute, sign=1)
        after["balance_transactions"] = [*dispute["balance_transactions"], back]
    emit(call, "charge.dispute.closed", call.store.put(after))
    if status == "won":
        emit(call, "charge.dispute.funds_reinstated", after)
    return after


def _new(charge: Json, doubt: Doubt, amount: int) -> Json:
    inquiry, brand = doubt.case == "inquiry", charge["payment_method_details"]["card"]["brand"]
    evidence: dict[str, Any] = dict.fromkeys(EVIDENCE.split())
    evidence |= {"customer_email_address": charge["billing_details"]["email"], "enhanced_evidence": {}}
    evidence["customer_name"] = charge["billing_details"]["name"]
    eligibility = {doubt.eligible: ELIGIBLE[doubt.eligible]} if doubt.eligible else {}
    card = {"brand": brand, "case_type": doubt.case, "network": brand}
    return {
        "id": new_id("dp_1"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": now(),
        "currency": charge["currency"],
        "enhanced_eligibility_types": list(eligibility),
        "evidence": evidence,
        "evidence_details": {
            "due_by": now() + ANSWER_WITHIN,
            "enhanced_eligibility": eligibility,
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "intended_submission_method": None,
        "is_charge_refundable": inquiry,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "card": {**card, "network_reason_code": doubt.network_code or None},
            "type": "card",
        },
        "reason": doubt.reason,
        "status": "warning_needs_response" if inquiry else "needs_response",
    }
