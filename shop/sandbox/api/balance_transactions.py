"""Balance transactions: what a charge or a refund does to the account's money."""

from quart import Blueprint

from ..call import Call
from ..cards import BY_NUMBER
from ..errors import Json
from ..events import emit
from ..ids import new_id
from ..lists import page
from ..store import now
from ..wire import endpoint
from . import balance

routes = Blueprint("sandbox_balance_transactions", __name__)

CLEARING = 2 * 86400
"""Seconds until money is available."""
DISPUTE_FEE = 1500


@routes.get("/v1/balance_transactions")
@endpoint()
def index(call: Call) -> Json:
    wanted = {name: call.params.get(name) for name in ("currency", "source", "type")}
    return page(call, "balance_transaction", "/v1/balance_transactions", **wanted)


@routes.get("/v1/balance_transactions/<id>")
@endpoint()
def retrieve(call: Call, id: str) -> Json:
    return call.find(id, "balance_transaction", "balance transaction")


def fill(call: Call, charge_id: str) -> None:
    """Give a charge that was captured asynchronously its balance transaction."""
    charge = call.store.get(charge_id, "charge")
    if charge is not None and charge["balance_transaction"] is None:
        after = for_charge(call, charge)
        emit(call, "charge.updated", after, charge)


def for_charge(call: Call, charge: Json) -> Json:
    """The charge with a balance transaction, both stored."""
    amount = charge["amount_captured"]
    fee = (amount * 29 + 500) // 1000 + 30
    card = BY_NUMBER.get(call.store.get(charge["payment_method"], "payment_method")["_number"])  # type: ignore[index]
    at_once = card is not None and card.available
    transaction = _write(call, charge, amount, fee, "charge", "available" if at_once else "pending")
    if at_once:
        emit(call, "balance.available", balance.of_account(call))
    return call.store.put({**charge, "balance_transaction": transaction["id"]})


def for_refund(call: Call, refund: Json, sign: int = -1) -> str:
    """The id of the balance transaction; `sign` +1 takes a failed refund's money back."""
    kind = "refund" if sign < 0 else "refund_failure"
    id: str = _write(call, refund, sign * refund["amount"], 0, kind, "available")["id"]
    return id


def for_dispute(call: Call, dispute: Json, sign: int = -1) -> Json:
    """What a bank takes, and with `sign` +1 gives back; the fee of a dispute is not given back."""
    what = "Chargeback withdrawal" if sign < 0 else "Chargeback reversal"
    source = {**dispute, "description": f"{what} for {dispute['charge']}"}
    fee = DISPUTE_FEE if sign < 0 else 0
    transaction = _write(call, source, sign * dispute["amount"], fee, "adjustment", "available")
    named = [{**part, "description": "Dispute fee"} for part in transaction["fee_details"]]
    category = "dispute" if sign < 0 else "dispute_reversal"
    return call.store.put({**transaction, "fee_details": named, "reporting_category": category})


def _write(call: Call, source: Json, amount: int, fee: int, kind: str, status: str) -> Json:
    parts = {"amount": fee, "application": None, "currency": source["currency"]}
    parts |= {"description": "Stripe processing fees", "type": "stripe_fee"}
    return call.store.put(
        {
            "id": new_id("txn_3"),
            "object": "balance_transaction",
            "amount": amount,
            "available_on": now() + (CLEARING if status == "pending" else 0),
            "balance_type": "payments",
            "created": now(),
            "currency": source["currency"],
            "description": source["description"],
            "exchange_rate": None,
            "fee": fee,
            "fee_details": [parts] if fee else [],
            "net": amount - fee,
            "reporting_category": kind,
            "source": source["id"],
            "status": status,
            "type": kind,
        }
    )
