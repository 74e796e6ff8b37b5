"""Events: written in the transaction of what they tell, with a delivery for each endpoint that listens."""

import time
from collections.abc import Callable
from typing import Any

from . import clock, journal
from .call import Call
from .errors import Json
from .ids import new_id
from .store import Store, now, shown
from .versions import DEFAULT

LIFE = 30 * 86400
"""Seconds that an event is kept."""
OF_PAYMENTS = ("payment_intent", "charge", "refund")


FOLLOWERS: dict[str, Callable[[Call, Json], None]] = {}
"""What else happens in the sandbox when an event of a type does: a Checkout Session ends with its intent."""


def emit(call: Call, type: str, object: Json, before: Json | None = None) -> Json:
    """`before` is the object as it was, for `*.updated`. The event is of the account's version; an endpoint hears
    it in its own."""
    data: Json = {"object": shown(object)}
    if before is not None:
        data["previous_attributes"] = shown(changed(before, object))
    event: Json = {
        "id": new_id("evt_3" if object["object"] in OF_PAYMENTS else "evt_1"),
        "object": "event",
        "api_version": DEFAULT,
        "created": now(),
        "data": data,
        "livemode": False,
        "pending_webhooks": 0,
        "request": {"id": call.request_id, "idempotency_key": call.idempotency_key},
        "type": type,
    }
    queue(call.store, event)
    journal.touch(call.store, "event", event["id"], time.time(), journal.ids_in(object))
    forget(call.store)
    if follow := FOLLOWERS.get(type):
        follow(call, object)
    return event


def queue(store: Store, event: Json) -> int:
    """Store the event with a delivery for each endpoint that listens; how many there are."""
    endpoints = [each["id"] for each in store.all_of("webhook_endpoint") if listens(each, event["type"])]
    store.put({**event, "pending_webhooks": event["pending_webhooks"] + len(endpoints)})
    store.db.executemany(
        "INSERT INTO deliveries (event, endpoint, state, due) VALUES (?, ?, 'pending', ?)",
        [(event["id"], endpoint, clock.time()) for endpoint in endpoints],
    )
    return len(endpoints)


def forget(store: Store) -> None:
    """Drop a few events that are past their life, with their deliveries."""
    old = store.db.execute(
        "SELECT id FROM objects WHERE object = 'event' AND created < ? LIMIT 20", (now() - LIFE,)
    ).fetchall()
    for row in old:
        store.db.execute("DELETE FROM deliveries WHERE event = ?", (row["id"],))
        journal.forget(store, "event", row["id"])
        store.delete(row["id"])


def listens(endpoint: Json, type: str) -> bool:
    wanted = endpoint["enabled_events"]
    return endpoint["status"] == "enabled" and ("*" in wanted or type in wanted)


def changed(before: Json, after: Json) -> Json:
    """The former values of what is different now, hash by hash."""
    former: dict[str, Any] = {}
    for name in before.keys() | after.keys():
        old, new = before.get(name), after.get(name)
        if old != new:
            hashes = isinstance(old, dict) and isinstance(new, dict)
            former[name] = changed(old or {}, new or {}) if hashes else old
    return former
