"""Coupons: so much off. Shoppers know them by their promotion codes (promotion_codes.py)."""

from typing import Any

from quart import Blueprint

from ..call import Call
from ..errors import ApiError, Json, invalid
from ..events import emit
from ..ids import token
from ..lists import page
from ..metadata import merged
from ..money import check_currency
from ..store import now
from ..wire import endpoint

routes = Blueprint("sandbox_coupons", __name__)


@routes.post("/v1/coupons")
@endpoint()
def create(call: Call) -> Json:
    coupon = fresh(call, call.params)
    emit(call, "coupon.created", call.store.put(coupon))
    return coupon


@routes.get("/v1/coupons")
@endpoint()
def index(call: Call) -> Json:
    found = page(call, "coupon", "/v1/coupons")
    return {**found, "data": [with_validity(coupon) for coupon in found["data"]]}


@routes.get("/v1/coupons/<coupon>")
@endpoint()
def retrieve(call: Call, coupon: str) -> Json:
    return find(call, coupon)


@routes.post("/v1/coupons/<coupon>")
@endpoint()
def update(call: Call, coupon: str) -> Json:
    before = find(call, coupon)
    after = {**before, "metadata": merged(before["metadata"], call.params.get("metadata"))}
    if "name" in call.params:
        after["name"] = call.params["name"] or None
    emit(call, "coupon.updated", call.store.put(after), before)
    return after


@routes.delete("/v1/coupons/<coupon>")
@endpoint()
def delete(call: Call, coupon: str) -> Json:
    found = find(call, coupon)
    call.store.delete(coupon)
    emit(call, "coupon.deleted", found)
    return {"id": coupon, "object": "coupon", "deleted": True}


def find(call: Call, id: str, param: str = "coupon", status: int = 404) -> Json:
    found = call.find(id, "coupon", "coupon", param, status)
    return with_validity(found)


def with_validity(coupon: Json) -> Json:
    """`valid` is true while the coupon can still be redeemed."""
    used_up = coupon["max_redemptions"] is not None and coupon["times_redeemed"] >= coupon["max_redemptions"]
    late = coupon["redeem_by"] is not None and coupon["redeem_by"] <= now()
    return {**coupon, "valid": not used_up and not late}


def fresh(call: Call, params: Json) -> Json:
    id = params.get("id") or token(8)
    if call.store.named(id):
        raise ApiError("Coupon already exists.", code="resource_already_exists", param="id")
    percent, amount = params.get("percent_off"), params.get("amount_off")
    if (percent is None) == (amount is None):
        raise invalid(
            "You must pass either `percent_off` or `amount_off`.", "percent_off", "parameter_missing"
        )
    if percent is not None and not 0 < float(percent) <= 100:
        raise invalid("percent_off must be between 0 and 100.", "percent_off")
    if amount is not None and (amount < 1 or "currency" not in params):
        raise invalid("amount_off is a positive integer, and needs a currency.", "amount_off")
    duration = params.get("duration", "once")
    if (duration == "repeating") != ("duration_in_months" in params):
        message = "duration_in_months is for coupons whose duration is repeating, and needed there."
        raise invalid(message, "duration_in_months")
    coupon: dict[str, Any] = {
        "id": id,
        "object": "coupon",
        "amount_off": amount,
        "created": now(),
        "currency": check_currency(params["currency"]) if "currency" in params else None,
        "duration": duration,
        "duration_in_months": params.get("duration_in_months"),
        "livemode": False,
        "max_redemptions": params.get("max_redemptions"),
        "metadata": merged({}, params.get("metadata")),
        "name": params.get("name"),
        "percent_off": None if percent is None else float(percent),
        "redeem_by": params.get("redeem_by"),
        "times_redeemed": 0,
        "valid": True,
    }
    if applies := params.get("applies_to"):
        coupon["_applies_to"] = {"products": applies.get("products", [])}
    return coupon
