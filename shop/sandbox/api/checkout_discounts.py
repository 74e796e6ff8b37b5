"""The discount of a Checkout Session: one coupon, given by the shop or by a promotion code."""

from decimal import ROUND_HALF_UP, Decimal

from ..call import Call
from ..errors import Json, invalid
from ..ids import new_id
from ..store import now
from . import coupons, promotion_codes
from .discounts import discount


def given_by_shop(call: Call, session: Json, discounts: list[Json]) -> Json:
    """The session with the `discounts` that it is created with."""
    if len(discounts) != 1 or len(discounts[0]) != 1:
        raise invalid("A session has one discount: a coupon or a promotion_code.", "discounts")
    if id := discounts[0].get("promotion_code"):
        code = promotion_codes.find(call, id, "discounts[0][promotion_code]", 400)
        return discounted(call, session, code)
    coupon = coupons.find(call, discounts[0]["coupon"], "discounts[0][coupon]", 400)
    return _with(session, coupon, None)


def typed(call: Call, session: Json, text: str) -> Json:
    """The session with the promotion code that the shopper typed; none takes the discount away."""
    if not session["allow_promotion_codes"]:
        raise invalid("This session takes no promotion codes.", "promotion_code")
    if not text.strip():
        return {**session, "discounts": None, "_discount": None}
    return discounted(call, session, promotion_codes.typed(call, text))


def discounted(call: Call, session: Json, code: Json) -> Json:
    promotion_codes.check(call, code, session)
    return _with(session, coupons.find(call, code["promotion"]["coupon"], "promotion_code", 400), code)


def _with(session: Json, coupon: Json, code: Json | None) -> Json:
    if not coupon["valid"]:
        message = f"Coupon {coupon['id']} is used up or expired, and cannot be applied."
        raise invalid(message, "promotion_code" if code else "discounts[0][coupon]", "coupon_expired")
    if coupon["currency"] not in (None, session["currency"]):
        raise invalid(f"The coupon {coupon['id']} is for another currency.", "discounts[0][coupon]")
    shown = {"coupon": None if code else coupon["id"], "promotion_code": code and code["id"]}
    kept = {**shown, "id": new_id("di_1"), "code": code and code["code"], "of": coupon, "start": now()}
    return {**session, "discounts": [shown], "_discount": kept}


def shares(discount: Json | None, items: list[Json]) -> list[int]:
    """What each item's part of the discount is, in the order of the items."""
    subtotals = [item["amount_subtotal"] for item in items]
    if discount is None:
        return [0] * len(items)
    coupon = discount["of"]
    products = (coupon.get("_applies_to") or {}).get("products")
    open_to = [not products or item["_product"]["id"] in products for item in items]
    bases = [subtotal if fits else 0 for subtotal, fits in zip(subtotals, open_to, strict=True)]
    if coupon["percent_off"] is not None:
        return [_rounded(Decimal(base) * Decimal(str(coupon["percent_off"])) / 100) for base in bases]
    left, whole = min(coupon["amount_off"], sum(bases)), sum(bases)
    parts = []
    for base in bases:
        part = _rounded(Decimal(left) * base / whole) if whole else 0
        parts.append(part)
        left, whole = left - part, whole - base
    return parts


def _rounded(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


def breakdown(session: Json, amount: int) -> list[Json]:
    """`total_details.breakdown.discounts`."""
    given = session.get("_discount")
    if not given:
        return []
    whose = {"checkout_session": session["id"], "promotion_code": given["promotion_code"]}
    return [{"amount": amount, "discount": discount(given["id"], given["of"]["id"], given["start"], **whose)}]


def redeem(call: Call, session: Json) -> None:
    """Count one more use of the session's coupon and code."""
    given = session.get("_discount")
    for id in (given["of"]["id"], given["promotion_code"]) if given else ():
        found = call.store.named(id or "")
        if found is None:
            continue
        found["times_redeemed"] += 1
        if found["object"] == "promotion_code" and found["times_redeemed"] == found["max_redemptions"]:
            found["active"] = False
        call.store.put(found)


def seen(session: Json, amount: int) -> list[Json]:
    """For the shopper's page: `discounts`."""
    given = session.get("_discount")
    if not given:
        return []
    coupon = given["of"]
    names = {name: coupon[name] for name in ("name", "percent_off", "amount_off")}
    return [{"amount": amount, "code": given["code"], "promotion_code": given["promotion_code"], **names}]
