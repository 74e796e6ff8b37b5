"""Charges: one for each attempt to pay an intent."""

from typing import Any

from quart import Blueprint

from ..addresses import shipping
from ..call import Call
from ..cards import Decline
from ..errors import Json
from ..events import emit
from ..ids import new_id, token
from ..lists import page
from ..metadata import merged
from ..search import search
from ..store import now
from ..wire import endpoint
from .charge_details import Secured, details, outcome

routes = Blueprint("sandbox_charges", __name__)

EMPTY = """
application application_fee application_fee_amount balance_transaction failure_balance_transaction
on_behalf_of receipt_number review source_transfer transfer_data
"""


UPDATABLE = ("description", "receipt_email", "transfer_group")


@routes.get("/v1/charges")
@endpoint()
def index(call: Call) -> Json:
    wanted = {name: call.params.get(name) for name in ("customer", "payment_intent", "transfer_group")}
    return page(call, "charge", "/v1/charges", **wanted)


@routes.get("/v1/charges/search")
@endpoint()
def find_by_query(call: Call) -> Json:
    return search(call, "charge", "/v1/charges/search")


@routes.get("/v1/charges/<charge>")
@endpoint()
def retrieve(call: Call, charge: str) -> Json:
    return find(call, charge)


@routes.post("/v1/charges/<charge>")
@endpoint()
def update(call: Call, charge: str) -> Json:
    before, params = find(call, charge), call.params
    after = {**before, **{name: params[name] or None for name in UPDATABLE if name in params}}
    after["metadata"] = merged(before["metadata"], params.get("metadata"))
    if "shipping" in params:
        after["shipping"] = shipping(params["shipping"])
    if report := params.get("fraud_details"):
        after["fraud_details"] = report
    emit(call, "charge.updated", call.store.put(after), before)
    return after


@routes.get("/v1/charges/<charge>/refunds")
@endpoint()
def list_refunds(call: Call, charge: str) -> Json:
    return page(call, "refund", f"/v1/charges/{charge}/refunds", charge=find(call, charge)["id"])


def find(call: Call, id: str, param: str = "charge", status: int = 404) -> Json:
    return call.find(id, "charge", "charge", param, status)


def attempt(intent: Json, method: Json, decline: Decline | None, secured: Secured = None) -> Json:
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
        "payment_method_details": details(intent, method, decline, secured),
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
