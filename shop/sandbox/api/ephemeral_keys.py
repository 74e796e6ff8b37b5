"""Ephemeral keys: how mobile SDKs act for one customer. The sandbox gives them out and takes them back."""

from quart import Blueprint, request

from ..call import Call
from ..errors import Json, invalid
from ..ids import new_id, token
from ..store import now
from ..wire import endpoint
from .customers import find as find_customer

routes = Blueprint("sandbox_ephemeral_keys", __name__)

LIFE = 3600


@routes.post("/v1/ephemeral_keys")
@endpoint()
def create(call: Call) -> Json:
    if "Stripe-Version" not in request.headers:
        message = "An ephemeral key is made for one API version: send a Stripe-Version header."
        raise invalid(message, code="parameter_missing")
    if not call.params.get("customer"):
        raise invalid("Missing required param: customer.", "customer", "parameter_missing")
    customer = find_customer(call, call.params["customer"], "customer", 400)
    key = {
        "id": new_id("ephkey_1"),
        "object": "ephemeral_key",
        "created": now(),
        "expires": now() + LIFE,
        "livemode": False,
        "_customer": customer["id"],
    }
    return {**call.store.put(key), "secret": f"ek_test_{token(60)}"}


@routes.delete("/v1/ephemeral_keys/<key>")
@endpoint()
def delete(call: Call, key: str) -> Json:
    found = call.find(key, "ephemeral_key", "ephemeral_key", "key")
    call.store.delete(key)
    return found
