"""Mandates: a customer's leave to debit an account."""

from quart import Blueprint

from ..call import Call
from ..errors import Json
from ..ids import new_id
from ..store import now
from ..wire import endpoint

routes = Blueprint("sandbox_mandates", __name__)


@routes.get("/v1/mandates/<mandate>")
@endpoint()
def retrieve(call: Call, mandate: str) -> Json:
    return call.find(mandate, "mandate", "mandate", "mandate")


def accept(call: Call, method: Json, mandate_data: Json | None) -> str:
    """The id of a mandate for many debits: given as the request's `mandate_data` says, else online and now."""
    said = (mandate_data or {}).get("customer_acceptance") or {"type": "online"}
    how = said["type"]
    details = {"ip_address": None, "user_agent": None, **said.get("online", {})} if how == "online" else {}
    mandate = {
        "id": new_id("mandate_1"),
        "object": "mandate",
        "customer_acceptance": {"accepted_at": said.get("accepted_at") or now(), "type": how, how: details},
        "livemode": False,
        "multi_use": {},
        "payment_method": method["id"],
        "payment_method_details": {"type": method["type"], method["type"]: {}},
        "status": "active",
        "type": "multi_use",
    }
    id: str = call.store.put(mandate)["id"]
    return id
