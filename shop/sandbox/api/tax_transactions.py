"""Tax transactions: the record of a sale that a calculation was made for, and of its reversal."""

from quart import Blueprint

from ..call import Call
from ..errors import ApiError, Json
from ..ids import new_id
from ..metadata import merged
from ..store import now
from ..wire import endpoint
from . import tax_calculations

routes = Blueprint("sandbox_tax_transactions", __name__)

KEPT = "currency customer customer_details livemode ship_from_details shipping_cost tax_date"


@routes.post("/v1/tax/transactions/create_from_calculation")
@endpoint()
def create_from_calculation(call: Call) -> Json:
    calculation = tax_calculations.find(call, call.params["calculation"], "calculation", 400)
    if calculation["expires_at"] <= now():
        raise ApiError("The calculation has expired.", param="calculation", begun=True)
    items = [_recorded(item) for item in calculation["_line_items"]]
    return _record(call, calculation, items, type="transaction", reversal=None)


@routes.post("/v1/tax/transactions/create_reversal")
@endpoint()
def create_reversal(call: Call) -> Json:
    """Of the whole transaction, in the sandbox."""
    original = _find(call, call.params["original_transaction"], "original_transaction", 400)
    if call.params["mode"] != "full":
        raise ApiError("The sandbox reverses tax transactions in full only.", param="mode")
    items = [
        {
            **item,
            "id": new_id("tax_li_"),
            "amount": -item["amount"],
            "amount_tax": -item["amount_tax"],
            "reversal": {"original_line_item": item["id"]},
            "type": "reversal",
        }
        for item in original["_line_items"]
    ]
    cost = original["shipping_cost"]
    if cost:
        cost = {**cost, "amount": -cost["amount"], "amount_tax": -cost["amount_tax"]}
    reversal = {"original_transaction": original["id"]}
    return _record(call, {**original, "shipping_cost": cost}, items, type="reversal", reversal=reversal)


@routes.get("/v1/tax/transactions/<transaction>")
@endpoint()
def retrieve(call: Call, transaction: str) -> Json:
    return _find(call, transaction)


@routes.get("/v1/tax/transactions/<transaction>/line_items")
@endpoint()
def line_items(call: Call, transaction: str) -> Json:
    found = _find(call, transaction)
    url = f"/v1/tax/transactions/{transaction}/line_items"
    return {"object": "list", "data": found["_line_items"], "has_more": False, "url": url}


def _find(call: Call, id: str, param: str = "transaction", status: int = 404) -> Json:
    return call.find(id, "tax.transaction", "tax transaction", param, status)


def _recorded(item: Json) -> Json:
    dropped = ("object", "performance_location")
    kept = {name: value for name, value in item.items() if name not in dropped}
    return {**kept, "object": "tax.transaction_line_item", "reversal": None, "type": "transaction"}


def _record(call: Call, source: Json, items: list[Json], **kind: object) -> Json:
    """A reference belongs to one transaction only."""
    reference = call.params["reference"]
    if call.store.linked("tax.transaction", "_reference", reference):
        message = f"A tax transaction with the reference {reference} already exists."
        raise ApiError(message, code="resource_already_exists", param="reference", begun=True)
    return call.store.put({
        **{name: source[name] for name in KEPT.split()},
        **kind,
        "id": new_id("tax_1"),
        "object": "tax.transaction",
        "created": now(),
        "metadata": merged({}, call.params.get("metadata")),
        "posted_at": call.params.get("posted_at", now()),
        "reference": reference,
        "_line_items": items,
        "_reference": reference,
    })  # fmt: skip
