"""Promotion codes: what a shopper types to be given a coupon's discount."""

from quart import Blueprint

from ..call import Call
from ..errors import ApiError, Json, invalid, missing_resource
from ..events import emit
from ..ids import new_id, token
from ..lists import page, switch
from ..metadata import merged
from ..settings import SandboxSettings
from ..store import Store, now
from ..wire import endpoint
from . import coupons

routes = Blueprint("sandbox_promotion_codes", __name__)


@routes.post("/v1/promotion_codes")
@endpoint()
def create(call: Call) -> Json:
    promotion_code = _fresh(call, call.params)
    emit(call, "promotion_code.created", call.store.put(promotion_code))
    return promotion_code


def _fresh(call: Call, params: Json) -> Json:
    coupon = coupons.find(call, params["promotion"].get("coupon", ""), "promotion[coupon]", 400)
    code = params.get("code") or token(8).upper()
    if any(each["active"] for each in call.store.linked("promotion_code", "_code", code.upper())):
        message = f"An active promotion code with `code: {code}` already exists."
        raise ApiError(message, param="code", begun=True)
    restrictions = {"first_time_transaction": False, "minimum_amount": None, "minimum_amount_currency": None}
    if (customer := params.get("customer")) and call.store.get(customer, "customer") is None:
        raise missing_resource("customer", customer, "customer", 400)
    return {
        "id": new_id("promo_1"),
        "object": "promotion_code",
        "active": params.get("active", True),
        "code": code,
        "created": now(),
        "customer": customer,
        "customer_account": None,
        "expires_at": params.get("expires_at"),
        "livemode": False,
        "max_redemptions": params.get("max_redemptions"),
        "metadata": merged({}, params.get("metadata")),
        "promotion": {"coupon": coupon["id"], "type": "coupon"},
        "restrictions": {**restrictions, **params.get("restrictions", {})},
        "times_redeemed": 0,
        "_code": code.upper(),
        "_coupon": coupon["id"],
    }


@routes.get("/v1/promotion_codes")
@endpoint()
def index(call: Call) -> Json:
    given = call.params
    wanted = {"active": switch(given.get("active")), "customer": given.get("customer")}
    wanted |= {"_code": given["code"].upper() if "code" in given else None, "_coupon": given.get("coupon")}
    return page(call, "promotion_code", "/v1/promotion_codes", **wanted)


@routes.get("/v1/promotion_codes/<promotion_code>")
@endpoint()
def retrieve(call: Call, promotion_code: str) -> Json:
    return find(call, promotion_code)


@routes.post("/v1/promotion_codes/<promotion_code>")
@endpoint()
def update(call: Call, promotion_code: str) -> Json:
    before = find(call, promotion_code)
    after = {**before, "active": call.params.get("active", before["active"])}
    after["metadata"] = merged(before["metadata"], call.params.get("metadata"))
    emit(call, "promotion_code.updated", call.store.put(after), before)
    return after


def find(call: Call, id: str, param: str = "promotion_code", status: int = 404) -> Json:
    return call.find(id, "promotion_code", "promotion_code", param, status)


def typed(call: Call, code: str) -> Json:
    """The active promotion code that a shopper means, in whatever case they write."""
    for found in call.store.linked("promotion_code", "_code", code.strip().upper()):
        if found["active"]:
            return found
    raise _refused("This promotion code is invalid.")


def check(call: Call, promotion_code: Json, session: Json) -> None:
    """Whether this session may have it."""
    limits, most = promotion_code["restrictions"], promotion_code["max_redemptions"]
    used_up = most is not None and promotion_code["times_redeemed"] >= most
    late = promotion_code["expires_at"] is not None and promotion_code["expires_at"] <= now()
    if not promotion_code["active"] or used_up or late:
        raise _refused("This promotion code has expired.")
    if promotion_code["customer"] not in (None, session["customer"]):
        raise _refused("This promotion code is for another customer.")
    least = limits["minimum_amount"]
    if (
        least
        and (session["currency"], limits["minimum_amount_currency"])
        != (limits["minimum_amount_currency"],) * 2
    ):
        raise _refused("This promotion code is for another currency.")
    if least and session["amount_subtotal"] < least:
        raise _refused("Your order does not come to the amount that this promotion code asks for.")
    if limits["first_time_transaction"] and session["customer"]:
        former = call.store.linked("payment_intent", "customer", session["customer"])
        if any(intent["status"] == "succeeded" for intent in former):
            raise _refused("This promotion code is for first orders only.")


def seed(store: Store, settings: SandboxSettings) -> None:
    """Have the codes of the settings from the start, each with a coupon of its own name."""
    call = Call(store, settings)
    for code, coupon in settings.promotion_codes:
        if store.get(code, "coupon") is None:
            store.put(coupons.fresh(call, {"id": code, **coupon}))
            store.put(_fresh(call, {"code": code, "promotion": {"type": "coupon", "coupon": code}}))


def _refused(message: str) -> ApiError:
    return invalid(message, "promotion_code", "promotion_code_invalid")
