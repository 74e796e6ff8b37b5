"""Tax calculations: what a sale would be taxed, for a shop that charges by PaymentIntents of its own."""

from typing import Any

from quart import Blueprint

from ..addresses import address
from ..call import Call
from ..errors import Json, invalid, missing_resource
from ..ids import new_id
from ..money import check_currency
from ..store import now
from ..tax_rates import NOT_TAXED, Rate, rate_for, tax_on
from ..wire import endpoint

routes = Blueprint("sandbox_tax_calculations", __name__)

LIFE = 90 * 86400
"""Seconds that a calculation can be made a transaction of."""
GOODS, SHIPPING = "txcd_99999999", "txcd_92010001"


@routes.post("/v1/tax/calculations")
@endpoint()
def create(call: Call) -> Json:
    params = call.params
    currency = check_currency(params["currency"])
    who = _customer(call, params)
    exempt = who["taxability_override"] != "none"
    rate = None if exempt else rate_for(who["address"])
    items = [_item(item, f"line_items[{place}]", rate) for place, item in enumerate(params["line_items"])]
    shipping = _shipping(call, params["shipping_cost"], rate) if "shipping_cost" in params else None
    parts = [*items, shipping] if shipping else items
    exclusive = sum(part["amount_tax"] for part in parts if part["tax_behavior"] == "exclusive")
    inclusive = sum(part["amount_tax"] for part in parts if part["tax_behavior"] == "inclusive")
    id = new_id("taxcalc_1")
    return call.store.put({
        "id": id,
        "object": "tax.calculation",
        "amount_total": sum(part["amount"] for part in parts) + exclusive,
        "currency": currency,
        "customer": params.get("customer"),
        "customer_details": who,
        "expires_at": now() + LIFE,
        "livemode": False,
        "ship_from_details": params.get("ship_from_details"),
        "shipping_cost": shipping,
        "tax_amount_exclusive": exclusive,
        "tax_amount_inclusive": inclusive,
        "tax_breakdown": _breakdown(parts, rate, exempt),
        "tax_date": params.get("tax_date", now()),
        "_line_items": items,
    })  # fmt: skip


@routes.get("/v1/tax/calculations/<calculation>")
@endpoint()
def retrieve(call: Call, calculation: str) -> Json:
    return find(call, calculation)


@routes.get("/v1/tax/calculations/<calculation>/line_items")
@endpoint()
def line_items(call: Call, calculation: str) -> Json:
    found = find(call, calculation)
    url = f"/v1/tax/calculations/{calculation}/line_items"
    return {"object": "list", "data": found["_line_items"], "has_more": False, "url": url}


def find(call: Call, id: str, param: str = "calculation", status: int = 404) -> Json:
    return call.find(id, "tax.calculation", "tax calculation", param, status)


def _customer(call: Call, params: Json) -> Json:
    given = params.get("customer_details") or {}
    where = given.get("address")
    if where is None and (id := params.get("customer")):
        customer = call.store.get(id, "customer")
        if customer is None:
            raise missing_resource("customer", id, "customer", 400)
        where = customer["address"]
    if not where or not where.get("country"):
        message = "We could not determine the customer's location: give an address with a country."
        raise invalid(message, "customer_details[address]", "customer_tax_location_invalid")
    return {
        "address": address(where),
        "address_source": given.get("address_source", "shipping"),
        "ip_address": given.get("ip_address"),
        "tax_ids": given.get("tax_ids", []),
        "taxability_override": given.get("taxability_override", "none"),
    }


def _item(item: Json, path: str, rate: Rate | None) -> Json:
    if item["amount"] < 0:
        raise invalid("Invalid non-negative integer", f"{path}[amount]", "parameter_invalid_integer")
    behavior, code = item.get("tax_behavior", "exclusive"), item.get("tax_code", GOODS)
    own = None if code == NOT_TAXED else rate
    id = new_id("tax_li_")
    body: dict[str, Any] = {
        "id": id,
        "object": "tax.calculation_line_item",
        "amount": item["amount"],
        "amount_tax": tax_on(item["amount"], own, behavior == "inclusive"),
        "livemode": False,
        "metadata": item.get("metadata") or None,
        "performance_location": item.get("performance_location"),
        "product": item.get("product"),
        "quantity": item.get("quantity", 1),
        "reference": item.get("reference", id),
        "tax_behavior": behavior,
        "tax_code": code,
    }
    return body


def _shipping(call: Call, given: Json, rate: Rate | None) -> Json:
    amount, behavior, id = (
        given.get("amount"),
        given.get("tax_behavior", "exclusive"),
        given.get("shipping_rate"),
    )
    if id:
        found = call.store.get(id, "shipping_rate")
        if found is None:
            raise missing_resource("shipping rate", id, "shipping_cost[shipping_rate]", 400)
        amount = found["fixed_amount"]["amount"]
    if amount is None:
        raise invalid(
            "Missing required param: shipping_cost[amount].", "shipping_cost[amount]", "parameter_missing"
        )
    tax = tax_on(amount, rate, behavior == "inclusive")
    code = given.get("tax_code", SHIPPING)
    shown = {"amount": amount, "amount_tax": tax, "tax_behavior": behavior, "tax_code": code}
    return {**shown, "shipping_rate": id} if id else shown


def _breakdown(parts: list[Json], rate: Rate | None, exempt: bool) -> list[Json]:
    reason = "customer_exempt" if exempt else "standard_rated" if rate else "not_collecting"
    details = {
        "country": rate.country if rate else None,
        "flat_amount": None,
        "percentage_decimal": rate.percent if rate else "0.0",
        "rate_type": "percentage" if rate else None,
        "state": rate.state if rate else None,
        "tax_type": rate.kind if rate else None,
    }
    found = []
    for behavior in ("exclusive", "inclusive"):
        own = [part for part in parts if part["tax_behavior"] == behavior]
        if own:
            tax = sum(part["amount_tax"] for part in own)
            base = sum(part["amount"] for part in own) - (tax if behavior == "inclusive" else 0)
            found.append({
                "amount": tax,
                "inclusive": behavior == "inclusive",
                "tax_rate_details": details,
                "taxability_reason": reason,
                "taxable_amount": base if rate else 0,
            })  # fmt: skip
    return found
