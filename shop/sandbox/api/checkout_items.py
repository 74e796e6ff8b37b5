"""The line items of a Checkout Session, and what they come to."""

from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from ..call import Call
from ..errors import Json, invalid
from ..ids import new_id
from ..metadata import merged
from ..money import MINIMA
from ..tax_rates import Rate, rate_for, tax_on
from . import prices, products
from .checkout_discounts import breakdown, shares

MOST = 100


def make_items(call: Call, given: list[Json], before: list[Json] | None = None) -> list[Json]:
    """From `line_items` of a request. Those with an `id` (in updates) keep what is not said anew."""
    if not 1 <= len(given) <= MOST:
        raise invalid(f"A session has between 1 and {MOST} line items.", "line_items")
    former = {item["id"]: item for item in before or ()}
    items = [_item(call, params, f"line_items[{place}]", former) for place, params in enumerate(given)]
    if len({item["currency"] for item in items}) > 1:
        raise invalid("All prices of a session must have the same currency.", "line_items")
    return items


def _item(call: Call, params: Json, path: str, former: dict[str, Json]) -> Json:
    old = former.get(params.get("id", ""))
    if "id" in params and old is None:
        raise invalid(f"No such line item: '{params['id']}'", f"{path}[id]", "resource_missing")
    price = (
        _price(call, params, path) if "price" in params or "price_data" in params else old and old["price"]
    )
    if price is None:
        raise invalid(
            f"Give one of {path}[price] and {path}[price_data].", f"{path}[price]", "parameter_missing"
        )
    quantity = params.get("quantity", old["quantity"] if old else None)
    if quantity is None:
        raise invalid("Quantity is required.", f"{path}[quantity]", "parameter_missing")
    if not 0 < quantity < 1_000_000:
        message = "This value must be greater than or equal to 1."
        raise invalid(message, f"{path}[quantity]", "parameter_invalid_integer")
    adjustable = params.get("adjustable_quantity", old and old["adjustable_quantity"])
    unset = {"enabled": False, "maximum": None, "minimum": None}
    product = products.find(call, price["product"])
    return {
        "id": old["id"] if old else new_id("li_1"),
        "object": "item",
        "adjustable_quantity": {**unset, **adjustable} if adjustable else None,
        "currency": price["currency"],
        "description": product["name"],
        "metadata": merged(old["metadata"] if old else {}, params.get("metadata")),
        "price": price,
        "quantity": quantity,
        "_product": {name: product[name] for name in ("id", "description", "images", "tax_code")},
    }


def _price(call: Call, params: Json, path: str) -> Json:
    if "price_data" in params:
        price = prices.make(call, {"active": False, **params["price_data"]}, f"{path}[price_data]")
    else:
        price = prices.find(call, params["price"], f"{path}[price]", 400)
        if not price["active"]:
            message = f"The price specified is inactive. This field only accepts active prices: {price['id']}"
            raise invalid(message, f"{path}[price]")
    if price["type"] == "recurring":
        message = "You must provide `mode=subscription` for recurring prices; the sandbox has none of those."
        raise invalid(message, f"{path}[price]")
    return price


def totalled(session: Json, items: list[Json]) -> Json:
    """The session with these items and the amounts that follow from them. Not stored."""
    currency = items[0]["currency"]
    items = [{**item, "amount_subtotal": _subtotal(item), "amount_tax": 0} for item in items]
    parts = shares(session.get("_discount"), items)
    tax = automatic_tax(session)
    for item, part in zip(items, parts, strict=True):
        left = item["amount_subtotal"] - part
        inclusive = item["price"]["tax_behavior"] == "inclusive"
        item |= {"amount_discount": part, "amount_tax": tax_on(left, tax.rate, inclusive)}
        item["amount_total"] = left + (0 if inclusive else item["amount_tax"])
    cost = session["shipping_cost"]
    if cost:
        owed = tax_on(cost["amount_subtotal"], tax.rate, inclusive=False)
        cost = {**cost, "amount_tax": owed, "amount_total": cost["amount_subtotal"] + owed}
    shipping = cost["amount_subtotal"] if cost else 0
    parted = [*items, cost] if cost else items
    total = sum(part["amount_total"] for part in parted)
    if 0 < total < MINIMA.get(currency, 1):
        message = (
            f"The Checkout Session's total amount due must add up to at least {MINIMA[currency]} {currency}."
        )
        raise invalid(message, "line_items", "amount_too_small")
    details: Json = {"amount_discount": sum(parts), "amount_shipping": shipping}
    details["amount_tax"] = sum(part["amount_tax"] for part in parted)
    details["_breakdown"] = {"discounts": breakdown(session, sum(parts)), "taxes": []}
    return {
        **session,
        "amount_subtotal": sum(item["amount_subtotal"] for item in items),
        "amount_total": total,
        "automatic_tax": {**session["automatic_tax"], "status": tax.status},
        "currency": currency,
        "payment_status": "unpaid" if total else "no_payment_required",
        "shipping_cost": cost,
        "total_details": details,
        "_line_items": items,
    }


class Tax(NamedTuple):
    rate: Rate | None
    status: str | None


def automatic_tax(session: Json) -> Tax:
    """By where the shopper says to live; before that, there is no tax to say."""
    typed = session.get("_typed", {})
    place = typed.get("shipping_address") or typed.get("billing_address")
    if not session["automatic_tax"]["enabled"]:
        return Tax(None, None)
    if not place or not place["address"]["country"]:
        return Tax(None, "requires_location_inputs")
    return Tax(rate_for(place["address"]), "complete")


def _subtotal(item: Json) -> int:
    exact = Decimal(item["price"]["unit_amount_decimal"]) * item["quantity"]
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def as_list(session: Json, items: list[Json], more: bool = False) -> Json:
    return {
        "object": "list",
        "data": items,
        "has_more": more,
        "url": f"/v1/checkout/sessions/{session['id']}/line_items",
    }
