"""Prices: what a product costs, in minor units."""

from decimal import Decimal
from typing import Any

from quart import Blueprint

from ..call import Call
from ..errors import ApiError, Json, invalid
from ..errors import missing_resource as missing
from ..events import emit
from ..ids import new_id
from ..lists import page, switch
from ..metadata import merged
from ..money import LARGEST, check_currency
from ..search import search
from ..settings import SandboxSettings
from ..store import Store, now
from ..wire import endpoint
from . import products

routes = Blueprint("sandbox_prices", __name__)


@routes.post("/v1/prices")
@endpoint()
def create(call: Call) -> Json:
    price = make(call, call.params)
    emit(call, "price.created", price)
    return price


@routes.get("/v1/prices")
@endpoint()
def index(call: Call) -> Json:
    given = call.params
    wanted: Json = {name: given.get(name) for name in ("currency", "product", "type")}
    wanted["active"], wanted["lookup_key"] = switch(given.get("active")), given.get("lookup_keys")
    return page(call, "price", "/v1/prices", **wanted)


@routes.get("/v1/prices/search")
@endpoint()
def find_by_query(call: Call) -> Json:
    return search(call, "price", "/v1/prices/search")


@routes.get("/v1/prices/<price>")
@endpoint()
def retrieve(call: Call, price: str) -> Json:
    return find(call, price)


@routes.post("/v1/prices/<price>")
@endpoint()
def update(call: Call, price: str) -> Json:
    before, params = find(call, price), call.params
    after: Json = {**before}
    after |= {name: params[name] for name in ("active", "tax_behavior") if name in params}
    if "nickname" in params:
        after["nickname"] = params["nickname"] or None
    if "lookup_key" in params:
        after["lookup_key"] = _lookup_key(call, params, before["id"])
    after["metadata"] = merged(before["metadata"], params.get("metadata"))
    emit(call, "price.updated", call.store.put(after), before)
    return after


def find(call: Call, id: str, param: str = "price", status: int = 404) -> Json:
    found = call.store.get(id, "price")
    if found is None:
        raise missing("price", id, param, status)
    return found


def make(call: Call, params: Json, path: str = "") -> Json:
    """From the fields of a price, also those of a `price_data`; `path` is where in the request that stands."""
    currency, amount = check_currency(params["currency"]), _amount(params, path)
    price: dict[str, Any] = {
        "id": new_id("price_1"),
        "object": "price",
        "active": params.get("active", True),
        "billing_scheme": "per_unit",
        "created": now(),
        "currency": currency,
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": _lookup_key(call, params, None),
        "metadata": merged({}, params.get("metadata")),
        "nickname": params.get("nickname"),
        "product": _product(call, params, path),
        "recurring": _recurring(params.get("recurring")),
        "tax_behavior": params.get("tax_behavior", "unspecified"),
        "tiers_mode": None,
        "transform_quantity": params.get("transform_quantity"),
        "type": "recurring" if params.get("recurring") else "one_time",
        "unit_amount": int(amount) if amount == int(amount) else None,
        "unit_amount_decimal": f"{amount.normalize():f}",
    }
    return call.store.put(price)


def _amount(params: Json, path: str) -> Decimal:
    """Of `unit_amount` and `unit_amount_decimal` exactly one says it; up to 12 decimal places of a cent."""
    given = [name for name in ("unit_amount", "unit_amount_decimal") if name in params]
    if len(given) != 1 or params.get("billing_scheme") == "tiered":
        message = "Give one of unit_amount and unit_amount_decimal (the sandbox has no tiers)."
        raise invalid(message, f"{path}[unit_amount]" if path else "unit_amount", "parameter_missing")
    amount = Decimal(params[given[0]])
    if not 0 <= amount <= LARGEST:
        raise invalid("Invalid non-negative integer", given[0], "parameter_invalid_integer")
    return amount


def _lookup_key(call: Call, params: Json, own: str | None) -> str | None:
    key: str | None = params.get("lookup_key")
    for other in call.store.linked("price", "lookup_key", key) if key else ():
        if other["id"] == own:
            continue
        if not params.get("transfer_lookup_key"):
            message = f"A price (`{other['id']}`) already uses that lookup key."
            raise ApiError(message, param="lookup_key", begun=True)
        call.store.put({**other, "lookup_key": None})
    return key


def _product(call: Call, params: Json, path: str) -> str:
    if "product" in params:
        where = f"{path}[product]" if path else "product"
        product = products.find(call, params["product"], where, 400)
        if path and not product["active"]:
            raise invalid(f"The product {product['id']} is not active.", where, "product_inactive")
        return str(product["id"])
    if "product_data" not in params:
        raise invalid("Give one of product and product_data.", "product", "parameter_missing")
    return str(products.make(call, {"active": not path, **params["product_data"]})["id"])


def _recurring(given: Json | None) -> Json | None:
    if not given:
        return None
    unset = {"interval_count": 1, "meter": None, "trial_period_days": None, "usage_type": "licensed"}
    return {**unset, **given}


def seed(store: Store, settings: SandboxSettings) -> None:
    """Have the prices of the settings from the start, under the ids given there."""
    call = Call(store, settings)
    for id, amount, currency in settings.prices:
        if store.get(id, "price") is None:
            product = {"name": "A thing from the sandbox"}
            price = make(call, {"currency": currency, "unit_amount": amount, "product_data": product})
            store.delete(price["id"])
            store.put({**price, "id": id})
