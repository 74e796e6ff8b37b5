"""Events, for those who ask instead of listening."""

from fnmatch import fnmatchcase

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
    one = call.params.get("type", "")
    return page(call, "event", "/v1/events", type=types or (_told(call, one) if "*" in one else one or None))


def _told(call: Call, pattern: str) -> list[str]:
    """The types of event there are by now that a pattern such as `charge.*` means."""
    rows = call.store.db.execute("SELECT DISTINCT value FROM links WHERE object = 'event' AND field = 'type'")
    return [row["value"] for row in rows if fnmatchcase(row["value"], pattern)]


@routes.get("/v1/events/<id>")
@endpoint()
def retrieve(call: Call, id: str) -> Json:
    return call.find(id, "event", "event")
