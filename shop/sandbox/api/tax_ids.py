"""The tax ids of a customer."""

from typing import Any

from quart import Blueprint

from ..call import Call
from ..errors import Json, missing_resource
from ..events import emit
from ..ids import new_id
from ..lists import page
from ..store import now
from ..wire import endpoint

routes = Blueprint("sandbox_tax_ids", __name__)

VERIFIED = {"000000000": "verified", "111111111": "unverified", "222222222": "pending"}
"""How Stripe's test numbers of European VAT ids end, and what becomes of them."""


@routes.post("/v1/customers/<customer>/tax_ids")
@endpoint()
def create(call: Call, customer: str) -> Json:
    return make(call, _owner(call, customer), call.params)


def make(call: Call, owner: Json, params: Json) -> Json:
    """From a type and a value."""
    made = call.store.put(_new(owner, params["type"], params["value"]))
    emit(call, "customer.tax_id.created", made)
    return made


@routes.get("/v1/customers/<customer>/tax_ids")
@endpoint()
def index(call: Call, customer: str) -> Json:
    return page(call, "tax_id", f"/v1/customers/{customer}/tax_ids", customer=_owner(call, customer)["id"])


@routes.get("/v1/customers/<customer>/tax_ids/<id>")
@endpoint()
def retrieve(call: Call, customer: str, id: str) -> Json:
    return _find(call, customer, id)


@routes.delete("/v1/customers/<customer>/tax_ids/<id>")
@endpoint()
def delete(call: Call, customer: str, id: str) -> Json:
    found = _find(call, customer, id)
    call.store.delete(id)
    emit(call, "customer.tax_id.deleted", found)
    return {"id": id, "object": "tax_id", "deleted": True}


def _owner(call: Call, id: str) -> Json:
    return call.find(id, "customer", "customer", "customer")


def _find(call: Call, customer: str, id: str) -> Json:
    found = call.store.get(id, "tax_id")
    if found is None or found["customer"] != _owner(call, customer)["id"]:
        raise missing_resource("tax_id", id)
    return found


def _new(customer: Json, kind: str, value: str) -> Json:
    european = kind == "eu_vat"
    status = VERIFIED.get(value[2:], "pending") if european else "unavailable"
    checked = {"status": status, "verified_address": None, "verified_name": None}
    tax_id: dict[str, Any] = {
        "id": new_id("txi_1"),
        "object": "tax_id",
        "country": (value if european else kind)[:2].upper(),
        "created": now(),
        "customer": customer["id"],
        "customer_account": None,
        "livemode": False,
        "owner": {"type": "customer", "customer": customer["id"]},
        "type": kind,
        "value": value,
        "verification": checked,
    }
    return tax_id
