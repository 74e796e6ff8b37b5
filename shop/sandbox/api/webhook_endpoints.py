"""Webhook endpoints: where events are sent, and the secret that signs them."""

from urllib.parse import urlsplit

from quart import Blueprint

from .. import versions
from ..call import Call
from ..errors import Json, invalid
from ..ids import new_id, token
from ..lists import page
from ..metadata import merged
from ..settings import SandboxSettings
from ..store import Store, now
from ..wire import endpoint

routes = Blueprint("sandbox_webhook_endpoints", __name__)


@routes.post("/v1/webhook_endpoints")
@endpoint()
def create(call: Call) -> Json:
    params = call.params
    body = fresh(_address(params["url"]), _events(params["enabled_events"]), f"whsec_{token(32)}")
    body |= {"description": params.get("description") or None, "api_version": None}
    if "api_version" in params:
        body["api_version"] = versions.choose(params["api_version"])
    body["metadata"] = merged({}, params.get("metadata"))
    return {**call.store.put(body), "secret": body["_secret"]}


@routes.get("/v1/webhook_endpoints")
@endpoint()
def index(call: Call) -> Json:
    return page(call, "webhook_endpoint", "/v1/webhook_endpoints")


@routes.get("/v1/webhook_endpoints/<webhook_endpoint>")
@endpoint()
def retrieve(call: Call, webhook_endpoint: str) -> Json:
    return find(call, webhook_endpoint)


@routes.post("/v1/webhook_endpoints/<webhook_endpoint>")
@endpoint()
def update(call: Call, webhook_endpoint: str) -> Json:
    found, params = find(call, webhook_endpoint), call.params
    if "url" in params:
        found["url"] = _address(params["url"])
    if "enabled_events" in params:
        found["enabled_events"] = _events(params["enabled_events"])
    if "disabled" in params:
        found["status"] = "disabled" if params["disabled"] else "enabled"
    if "description" in params:
        found["description"] = params["description"] or None
    found["metadata"] = merged(found["metadata"], params.get("metadata"))
    return call.store.put(found)


@routes.delete("/v1/webhook_endpoints/<webhook_endpoint>")
@endpoint()
def delete(call: Call, webhook_endpoint: str) -> Json:
    found = find(call, webhook_endpoint)
    call.store.delete(found["id"])
    return {"id": found["id"], "object": "webhook_endpoint", "deleted": True}


def find(call: Call, id: str) -> Json:
    return call.find(id, "webhook_endpoint", "webhook endpoint", "webhook_endpoint")


def seed(store: Store, settings: SandboxSettings) -> None:
    """Have the endpoints that the settings name, once each; a changed secret is taken over."""
    there = {endpoint["url"]: endpoint for endpoint in store.all_of("webhook_endpoint")}
    with store.transaction():
        for url, secret in settings.endpoints:
            store.put({**there.get(url, fresh(url, ["*"], secret)), "_secret": secret})


def fresh(url: str, events: list[str], secret: str) -> Json:
    return {
        "id": new_id("we_1"),
        "object": "webhook_endpoint",
        "api_version": versions.SDK,
        "application": None,
        "created": now(),
        "description": None,
        "enabled_events": events,
        "livemode": False,
        "metadata": {},
        "status": "enabled",
        "url": url,
        "_secret": secret,
    }


def _address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise invalid("Invalid URL: an http or https address is needed.", "url", "url_invalid")
    return url


def _events(names: list[str]) -> list[str]:
    if not names:
        raise invalid("Missing required param: enabled_events.", "enabled_events", "parameter_missing")
    return names
