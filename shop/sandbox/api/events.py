"""Events, for those who ask instead of listening."""

from quart import Blueprint

from ..call import Call
from ..errors import Json, invalid
from ..lists import page
from ..wire import endpoint

routes = Blueprint("sandbox_events", __name__)


@routes.get("/v1/events")
@endpoint()
def index(call: Call) -> Json:
    types = call.params.get("types")
    if types and "type" in call.params:
        raise invalid(
            "You may only specify one of these parameters: type, types.", code="parameters_exclusive"
        )
    if types and len(types) > 20:
        raise invalid("At most 20 types can be asked for.", "types")
    return page(call, "event", "/v1/events", type=types or call.params.get("type"))


@routes.get("/v1/events/<id>")
@endpoint()
def retrieve(call: Call, id: str) -> Json:
    return call.find(id, "event", "event")
