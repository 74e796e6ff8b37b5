"""Products: what is sold. What it costs is a price (prices.py)."""

from typing import Any

from quart import Blueprint

from ..call import Call
from ..errors import ApiError, Json, invalid
from ..events import emit
from ..ids import new_id
from ..lists import page, switch
from ..metadata import merged
from ..search import search
from ..store import now
from ..wire import endpoint
from . import prices

routes = Blueprint("sandbox_products", __name__)

COPIED = """
description package_dimensions shippable statement_descriptor tax_code tax_details unit_label url
"""
"""Parameters that become fields as they are; an empty one unsets the field."""


@routes.post("/v1/products")
@endpoint()
def create(call: Call) -> Json:
    product = make(call, call.params)
    emit(call, "product.created", product)
    if data := call.params.get("default_price_data"):
        price = prices.make(call, {**data, "product": product["id"]})
        emit(call, "price.created", price)
        product = call.store.put({**product, "default_price": price["id"]})
    return product


@routes.get("/v1/products")
@endpoint()
def index(call: Call) -> Json:
    if ids := call.params.get("ids"):
        found = [product for id in ids if (product := call.store.get(id, "product"))]
        return {"object": "list", "data": found, "has_more": False, "url": "/v1/products"}
    wanted = {"active": switch(call.params.get("active")), "type": call.params.get("type")}
    return page(call, "product", "/v1/products", **wanted)


@routes.get("/v1/products/search")
@endpoint()
def find_by_query(call: Call) -> Json:
    return search(call, "product", "/v1/products/search")


@routes.get("/v1/products/<id>")
@endpoint()
def retrieve(call: Call, id: str) -> Json:
    return find(call, id)


@routes.post("/v1/products/<id>")
@endpoint()
def update(call: Call, id: str) -> Json:
    before, params = find(call, id), call.params
    product = {**before, **{name: params[name] or None for name in COPIED.split() if name in params}}
    product |= {name: params[name] for name in ("active", "name") if name in params}
    product |= {name: params[name] or [] for name in ("images", "marketing_features") if name in params}
    if "default_price" in params:
        product["default_price"] = prices.find(call, params["default_price"], "default_price", 400)["id"]
    product |= {"metadata": merged(before["metadata"], params.get("metadata")), "updated": now()}
    emit(call, "product.updated", call.store.put(product), before)
    return product


@routes.delete("/v1/products/<id>")
@endpoint()
def delete(call: Call, id: str) -> Json:
    product = find(call, id)
    if call.store.linked("price", "product", id):
        message = "This product cannot be deleted because it has one or more user-created prices."
        raise ApiError(message, begun=True)
    call.store.delete(id)
    emit(call, "product.deleted", product)
    return {"id": id, "object": "product", "deleted": True}


def find(call: Call, id: str, param: str = "id", status: int = 404) -> Json:
    return call.find(id, "product", "product", param, status)


def make(call: Call, params: Json) -> Json:
    """From the fields of a product, also those of a `product_data` within a price or a session."""
    id = params.get("id") or new_id("prod_", 14)
    if call.store.named(id):
        raise ApiError("Product already exists.", code="resource_already_exists", param="id")
    if len(params["name"]) > 5000:
        raise invalid("Invalid string: a name has at most 5000 characters.", "name")
    product: dict[str, Any] = {name: params.get(name) or None for name in COPIED.split()}
    product |= {
        "id": id,
        "object": "product",
        "active": params.get("active", True),
        "created": now(),
        "default_price": None,
        "images": params.get("images", []),
        "livemode": False,
        "marketing_features": params.get("marketing_features", []),
        "metadata": merged({}, params.get("metadata")),
        "name": params["name"],
        "type": params.get("type", "service"),
        "updated": now(),
    }
    return call.store.put(product)
