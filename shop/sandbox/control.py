"""The control plane: what a developer or a test may do that Stripe's customers cannot. Not part of Stripe."""

import dataclasses
import datetime
import typing
from typing import Any
from urllib.parse import urlsplit

from quart import Blueprint, current_app, request

from . import clock, journal, settle
from .api import prices, promotion_codes, webhook_endpoints
from .errors import Json
from .events import queue
from .faults import Fault
from .held import faults, settings, store

control = Blueprint("sandbox_control", __name__, url_prefix="/_sandbox")

Answered = Json | tuple[Json, int]


@control.before_request
async def refuse_other_sites() -> Answered | None:
    """A page of another origin must not reset or break the sandbox of whoever looks at it."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return None
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    foreign = (
        site not in ("same-origin", "none") if site else origin and urlsplit(origin).netloc != request.host
    )
    return problem("The control plane takes no orders from other sites.", 403) if foreign else None


@control.post("/reset")
async def reset() -> Answered:
    """Forget everything but the endpoints, prices and promotion codes of the settings."""
    held, known = store(), settings()
    with held.transaction():
        held.reset()
    webhook_endpoints.seed(held, known)
    prices.seed(held, known)
    promotion_codes.seed(held, known)
    faults().heal()
    current_app.extensions["clock"].reset()
    return {"reset": True}


@control.get("/clock")
async def read_clock() -> Answered:
    held: clock.Clock = current_app.extensions["clock"]
    return {"now": held.time(), "frozen": held.stopped is not None}


@control.post("/clock")
async def move_clock() -> Answered:
    """Fields, as JSON or as a form: `set` (Unix time), `advance` (seconds), `freeze`, `run`, `reset` (true). What has
    become due happens at once."""
    given = await request.get_json(silent=True) or (await request.form).to_dict()
    if not given or not given.keys() <= {"set", "advance", "freeze", "run", "reset"}:
        return problem("Fields are set, advance, freeze, run, reset.", 400)
    held: clock.Clock = current_app.extensions["clock"]
    try:
        moment = float(given.get("set") or held.time()) + float(given.get("advance") or 0)
        datetime.datetime.fromtimestamp(moment, datetime.UTC)
    except (OverflowError, TypeError, ValueError, OSError):
        return problem("A moment is a Unix time, and an advance a number of seconds.", 400)
    for name in ("reset", "freeze", "run"):
        if given.get(name) in (True, "true", "1", "on"):
            getattr(held, name)()
    if "set" in given or "advance" in given:
        held.set(moment)
    with store().transaction():  # which wakes the worker
        pass
    settle.settle(store(), settings())
    return await read_clock()


@control.post("/settle")
async def settle_now() -> Answered:
    """Bring about now what is due later: balance transactions, bank debits, refunds."""
    return {"settled": settle.settle(store(), settings(), everything=True)}


@control.post("/fail_next")
async def fail_next() -> Answered:
    """Fields as in `faults.Fault`, as JSON or as a form."""
    given = await request.get_json(silent=True) or (await request.form).to_dict()
    try:
        fault = Fault(**{name: _typed(name, value) for name, value in given.items()})
    except (AttributeError, KeyError, TypeError, ValueError):
        return problem(f"Fields are {', '.join(FIELDS)}.", 400)
    if fault.status is not None and not 400 <= fault.status <= 599:
        return problem("A status between 400 and 599 is a failure.", 400)
    faults().coming.append(fault)
    return dataclasses.asdict(fault)


@control.get("/requests")
async def requests() -> Answered:
    """The last API calls, newest first."""
    return {"data": journal.latest(store())}


@control.get("/deliveries")
async def deliveries() -> Answered:
    """The last 100 deliveries of events, newest first."""
    rows = store().db.execute("SELECT * FROM deliveries ORDER BY id DESC LIMIT 100")
    return {"data": [dict(row) for row in rows]}


@control.post("/deliveries/<int:delivery>/resend")
async def resend_delivery(delivery: int) -> Answered:
    with store().transaction():
        changed = store().db.execute(
            "UPDATE deliveries SET state = 'pending', due = ?, attempts = 0 WHERE id = ?",
            (clock.time(), delivery),
        )
    return {"resent": changed.rowcount} if changed.rowcount else problem("No such delivery.", 404)


@control.post("/events/<event>/resend")
async def resend_event(event: str) -> Answered:
    found = store().get(event, "event")
    if found is None:
        return problem("No such event.", 404)
    with store().transaction():
        return {"resent": queue(store(), found)}


FIELDS = {field.name: field.type for field in dataclasses.fields(Fault)}


def _typed(name: str, value: Any) -> Any:
    """The value as the type that the field has; forms bring text."""
    kinds = typing.get_args(FIELDS[name]) or (FIELDS[name],)
    if bool in kinds:
        return value in (True, "true", "1", "on")
    kind = next(kind for kind in kinds if kind is not type(None))
    return kind(value)


def problem(message: str, status: int) -> tuple[Json, int]:
    return {"error": {"message": message}}, status
