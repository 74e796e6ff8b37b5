"""Discounts: a coupon in use. They are kept inside what they are for: a customer or a Checkout Session."""

import calendar
from datetime import UTC, datetime

from ..call import Call
from ..errors import ApiError, Json, invalid
from ..events import emit
from ..ids import new_id
from ..store import now
from . import coupons

EMPTY = """
checkout_session customer customer_account end invoice invoice_item promotion_code subscription subscription_item
"""


def discount(id: str, coupon: str, start: int, **fields: str | int | None) -> Json:
    empty: Json = dict.fromkeys(EMPTY.split())
    source = {"coupon": coupon, "type": "coupon"}
    return empty | {"id": id, "object": "discount", "source": source, "start": start, **fields}


def with_coupon(call: Call, customer: Json) -> Json:
    """The customer with the coupon that is given, where one is; an empty one takes the discount away."""
    if "coupon" not in call.params:
        return customer
    id = call.params["coupon"]
    return {**customer, "discount": _of_customer(call, customer, id) if id else None}


def _of_customer(call: Call, customer: Json, id: str) -> Json:
    coupon = coupons.find(call, id, "coupon", 400)
    if not coupon["valid"]:
        raise invalid(
            f"Coupon {id} is used up or expired, and cannot be applied.", "coupon", "coupon_expired"
        )
    call.store.put({**coupon, "times_redeemed": coupon["times_redeemed"] + 1})
    start, months = now(), coupon["duration_in_months"]
    end = months and _months_later(start, months)
    return discount(new_id("di_1"), id, start, customer=customer["id"], end=end)


def _months_later(start: int, months: int) -> int:
    """The same day of that month, or its last."""
    begin = datetime.fromtimestamp(start, UTC)
    years, month = divmod(begin.month - 1 + months, 12)
    year, month = begin.year + years, month + 1
    day = min(begin.day, calendar.monthrange(year, month)[1])
    return int(begin.replace(year=year, month=month, day=day).timestamp())


def tell(call: Call, before: Json | None, after: Json | None) -> None:
    """The event of a customer's discount that came, went or changed."""
    if before and after and before != after:
        emit(call, "customer.discount.updated", after, before)
    elif after and not before:
        emit(call, "customer.discount.created", after)
    elif before and not after:
        emit(call, "customer.discount.deleted", before)


def taken_from(call: Call, customer: Json) -> Json:
    """The discount that the customer had until now."""
    had: Json | None = customer["discount"]
    if had is None:
        message = f"No active discount for customer: {customer['id']}"
        raise ApiError(message, status=404, code="resource_missing")
    call.store.put({**customer, "discount": None})
    tell(call, had, None)
    return {**had, "deleted": True}
