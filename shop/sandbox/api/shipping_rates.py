"""Shipping rates, and the choice of them on a Checkout Session."""

from typing import Any

from quart import Blueprint

from ..call import Call
from ..errors import Json, invalid
from ..ids import new_id
from ..lists import page, switch
from ..metadata import merged
from ..money import check_currency
from ..store import now
from ..wire import endpoint

routes = Blueprint("sandbox_shipping_rates", __name__)

MOST = 5


@routes.post("/v1/shipping_rates")
@endpoint()
def create(call: Call) -> Json:
    return _make(call, call.params)


@routes.get("/v1/shipping_rates")
@endpoint()
def index(call: Call) -> Json:
    return page(call, "shipping_rate", "/v1/shipping_rates", active=switch(call.params.get("active")))


@routes.get("/v1/shipping_rates/<shipping_rate_token>")
@endpoint()
def retrieve(call: Call, shipping_rate_token: str) -> Json:
    return _find(call, shipping_rate_token)


@routes.post("/v1/shipping_rates/<shipping_rate_token>")
@endpoint()
def update(call: Call, shipping_rate_token: str) -> Json:
    found = _find(call, shipping_rate_token)
    found |= {name: call.params[name] for name in ("active", "tax_behavior") if name in call.params}
    return call.store.put({**found, "metadata": merged(found["metadata"], call.params.get("metadata"))})


def _find(call: Call, id: str, param: str = "shipping_rate_token", status: int = 404) -> Json:
    return call.find(id, "shipping_rate", "shipping rate", param, status)


def _make(call: Call, params: Json, path: str = "fixed_amount") -> Json:
    amount = params.get("fixed_amount")
    if amount is None:
        raise invalid(f"Missing required param: {path}.", path, "parameter_missing")
    if amount["amount"] < 0:
        raise invalid("Invalid non-negative integer", f"{path}[amount]", "parameter_invalid_integer")
    rate: dict[str, Any] = {
        "id": new_id("shr_1"),
        "object": "shipping_rate",
        "active": True,
        "created": now(),
        "delivery_estimate": _estimate(params.get("delivery_estimate")),
        "display_name": params["display_name"],
        "fixed_amount": {"amount": amount["amount"], "currency": check_currency(amount["currency"])},
        "livemode": False,
        "metadata": merged({}, params.get("metadata")),
        "tax_behavior": params.get("tax_behavior", "unspecified"),
        "tax_code": params.get("tax_code"),
        "type": "fixed_amount",
    }
    return call.store.put(rate)


def _estimate(given: Json | None) -> Json | None:
    return {"maximum": None, "minimum": None, **given} if given else None


def offered(call: Call, session: Json, given: list[Json] | str) -> Json:
    """The session with these `shipping_options`; the first is chosen until the shopper chooses another."""
    rates = []
    if len(given) > MOST:
        raise invalid(f"A session has at most {MOST} shipping options.", "shipping_options")
    for place, option in enumerate(given or ()):
        path = f"shipping_options[{place}]"
        assert isinstance(option, dict), "an option is a hash"
        if data := option.get("shipping_rate_data"):
            rate = _make(call, data, f"{path}[shipping_rate_data][fixed_amount]")
        else:
            rate = _find(call, option.get("shipping_rate", ""), f"{path}[shipping_rate]", 400)
        if rate["fixed_amount"]["currency"] != session["currency"]:
            raise invalid("A shipping rate must be in the currency of the session.", path)
        rates.append(rate)
    options = [
        {"shipping_amount": rate["fixed_amount"]["amount"], "shipping_rate": rate["id"], "_rate": rate}
        for rate in rates
    ]
    session = {**session, "shipping_options": options, "shipping_cost": None}
    return chosen(session, rates[0]["id"]) if rates else session


def chosen(session: Json, id: str) -> Json:
    """The session to be sent this way."""
    for option in session["shipping_options"]:
        if option["shipping_rate"] == id:
            amount = option["shipping_amount"]
            cost = {"amount_subtotal": amount, "amount_tax": 0, "amount_total": amount, "shipping_rate": id}
            return {**session, "shipping_cost": cost}
    raise invalid("This way of shipping is not among the session's shipping options.", "shipping_rate")
