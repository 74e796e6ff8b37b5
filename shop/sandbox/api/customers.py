"""Customers, and the payment methods that they keep."""

import re
from typing import Any

from quart import Blueprint

from ..addresses import address, shipping
from ..call import Call
from ..errors import Json, invalid, missing_resource
from ..events import emit
from ..ids import new_id, token
from ..lists import page
from ..metadata import merged
from ..search import search
from ..store import now
from ..wire import endpoint
from . import discounts, payment_methods, tax_ids
from .saved_methods import attach, of_customer

routes = Blueprint("sandbox_customers", __name__)

COPIED = "balance description name next_invoice_sequence phone tax_exempt invoice_prefix"
"""Parameters that become fields as they are."""
ONLY_WHEN_SET = "business_name individual_name"
EMPTY = """
address currency customer_account default_source description discount email name phone shipping test_clock
"""
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@routes.post("/v1/customers")
@endpoint()
def create(call: Call) -> Json:
    return make(call)


def make(call: Call) -> Json:
    """From the parameters of the call."""
    empty: dict[str, Any] = dict.fromkeys(EMPTY.split())
    customer = empty | {
        "id": new_id("cus_", 14),
        "object": "customer",
        "balance": 0,
        "created": now(),
        "delinquent": False,
        "invoice_prefix": token(8).upper(),
        "invoice_settings": dict.fromkeys(
            ("custom_fields", "default_payment_method", "footer", "rendering_options")
        ),
        "livemode": False,
        "metadata": {},
        "next_invoice_sequence": 1,
        "preferred_locales": [],
        "tax_exempt": "none",
    }
    customer = call.store.put(discounts.with_coupon(call, _changed(call, customer)))
    emit(call, "customer.created", customer)
    discounts.tell(call, None, customer["discount"])
    for given in call.params.get("tax_id_data", []):
        tax_ids.make(call, customer, given)
    if "payment_method" in call.params:
        method = payment_methods.find(call, call.params["payment_method"], status=400)
        attach(call, method, customer["id"])
        customer = call.store.put(_changed(call, customer))
    return customer


@routes.get("/v1/customers")
@endpoint()
def index(call: Call) -> Json:
    return page(call, "customer", "/v1/customers", email=call.params.get("email"))


@routes.get("/v1/customers/search")
@endpoint()
def find_by_query(call: Call) -> Json:
    return search(call, "customer", "/v1/customers/search")


@routes.get("/v1/customers/<customer>")
@endpoint()
def retrieve(call: Call, customer: str) -> Json:
    gone = call.store.get(customer, "deleted_customer")
    return gone or find(call, customer)


@routes.post("/v1/customers/<customer>")
@endpoint()
def update(call: Call, customer: str) -> Json:
    before = find(call, customer)
    after = call.store.put(discounts.with_coupon(call, _changed(call, before)))
    emit(call, "customer.updated", after, before)
    discounts.tell(call, before["discount"], after["discount"])
    return after


@routes.delete("/v1/customers/<customer>")
@endpoint()
def delete(call: Call, customer: str) -> Json:
    """The customer's payment methods go with it; its payments stay, and still name it."""
    found = find(call, customer)
    for method in of_customer(call, customer):
        call.store.put({**method, "customer": None, "_consumed": True})
    gone = {"id": customer, "object": "customer", "deleted": True}
    call.store.bury(gone, "deleted_customer")
    emit(call, "customer.deleted", found)
    return gone


@routes.delete("/v1/customers/<customer>/discount")
@endpoint()
def delete_discount(call: Call, customer: str) -> Json:
    return discounts.taken_from(call, find(call, customer))


@routes.get("/v1/customers/<customer>/payment_methods")
@endpoint()
def list_payment_methods(call: Call, customer: str) -> Json:
    find(call, customer)
    wanted = {name: call.params.get(name) for name in ("type", "allow_redisplay")}
    return page(
        call, "payment_method", f"/v1/customers/{customer}/payment_methods", customer=customer, **wanted
    )


@routes.get("/v1/customers/<customer>/payment_methods/<payment_method>")
@endpoint()
def retrieve_payment_method(call: Call, customer: str, payment_method: str) -> Json:
    found = call.store.get(payment_method, "payment_method")
    if found is None or found["customer"] != find(call, customer)["id"]:
        raise missing_resource("PaymentMethod", payment_method, "payment_method")
    return found


def find(call: Call, id: str, param: str = "id", status: int = 404) -> Json:
    return call.find(id, "customer", "customer", param, status)


def _changed(call: Call, customer: Json) -> Json:
    """The customer as create and update leave it; not stored yet."""
    params = call.params
    if "source" in params:
        raise invalid("The sandbox keeps no sources: attach a payment method.", "source")
    new = {**customer, **{name: params[name] or None for name in COPIED.split() if name in params}}
    new |= {name: params[name] for name in ONLY_WHEN_SET.split() if params.get(name)}
    new |= {"balance": new["balance"] or 0, "tax_exempt": new["tax_exempt"] or "none"}
    new["metadata"] = merged(customer["metadata"], params.get("metadata"))
    if "email" in params:
        new["email"] = _email(params["email"])
    if "address" in params:
        new["address"] = address(params["address"]) if params["address"] else None
    if "shipping" in params:
        new["shipping"] = shipping(params["shipping"])
    if "preferred_locales" in params:
        new["preferred_locales"] = params["preferred_locales"]
    if "invoice_settings" in params:
        new["invoice_settings"] = _invoice_settings(call, customer, params["invoice_settings"])
    return new


def _email(given: str) -> str | None:
    if given and not EMAIL.fullmatch(given):
        raise invalid(f"Invalid email address: {given[:100]}", "email", "email_invalid")
    return given or None


def _invoice_settings(call: Call, customer: Json, given: Json) -> Json:
    settings: Json = customer["invoice_settings"] | {name: value or None for name, value in given.items()}
    id = given.get("default_payment_method")
    if id:
        method = call.store.get(id, "payment_method")
        if method is None or method["customer"] != customer["id"]:
            message = f"The customer does not have a payment method with the ID {id}. "
            message += "The payment method must be attached to the customer."
            raise invalid(message, "invoice_settings[default_payment_method]", "resource_missing")
    return settings
