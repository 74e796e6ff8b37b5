"""Early fraud warnings: a bank has reported a payment as fraud; a dispute may follow."""

from quart import Blueprint

from ..call import Call
from ..errors import Json
from ..events import emit
from ..ids import new_id
from ..lists import page
from ..store import now
from ..wire import endpoint

routes = Blueprint("sandbox_early_fraud_warnings", __name__)


@routes.get("/v1/radar/early_fraud_warnings")
@endpoint()
def index(call: Call) -> Json:
    wanted = {name: call.params.get(name) for name in ("charge", "payment_intent")}
    return page(call, "radar.early_fraud_warning", "/v1/radar/early_fraud_warnings", **wanted)


@routes.get("/v1/radar/early_fraud_warnings/<early_fraud_warning>")
@endpoint()
def retrieve(call: Call, early_fraud_warning: str) -> Json:
    return call.find(
        early_fraud_warning, "radar.early_fraud_warning", "early_fraud_warning", "early_fraud_warning"
    )


def warn(call: Call, charge: Json) -> None:
    warning = {
        "id": new_id("issfr_1"),
        "object": "radar.early_fraud_warning",
        "actionable": True,
        "charge": charge["id"],
        "created": now(),
        "fraud_type": "misc",
        "livemode": False,
        "payment_intent": charge["payment_intent"],
    }
    emit(call, "radar.early_fraud_warning.created", call.store.put(warning))
