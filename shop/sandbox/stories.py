"""What happened to an object, in order: calls and events, and what was sent of each event. For the workbench."""

import json
import shlex
import sqlite3
from typing import Any
from urllib.parse import quote

from . import journal
from .access import Key
from .errors import Json
from .money import THREE_DECIMALS, ZERO_DECIMALS
from .store import Store, shown

LONGEST = 300
"""Steps of one story; the oldest are left out."""
HOMES = ("payment_intent", "setup_intent", "charge")
"""Where to look for what is told of an object, in this order; else at the object itself."""


def newest_intents(store: Store) -> list[Json]:
    rows = store.db.execute(
        "SELECT body FROM objects WHERE object = 'payment_intent' ORDER BY seq DESC LIMIT 25"
    )
    return [json.loads(row["body"]) for row in rows]


def newest(store: Store) -> str | None:
    """The id of the newest intent."""
    return next((str(intent["id"]) for intent in newest_intents(store)), None)


def not_served(store: Store) -> list[Json]:
    """The last calls for which there was no route, parameter or version."""
    rows = store.db.execute("SELECT * FROM calls WHERE unserved IS NOT NULL ORDER BY id DESC LIMIT 5")
    return [journal.read(row) for row in rows]


def story(store: Store, id: str, url: str) -> list[Json]:
    """The calls and events about an object, oldest first."""
    rows = store.db.execute(
        "SELECT at, kind, ref FROM touched WHERE object = ? ORDER BY at DESC LIMIT ?", (id, LONGEST)
    ).fetchall()
    steps = [_call(store, row, url) if row["kind"] == "call" else _event(store, row) for row in rows]
    return [step for step in reversed(steps) if step]


def latest(store: Store, url: str) -> list[Json]:
    """The last calls, whatever they were about, newest first."""
    return [told(call, url) for call in journal.latest(store, 30)]


def _call(store: Store, row: sqlite3.Row, url: str) -> Json | None:
    found = store.db.execute("SELECT * FROM calls WHERE id = ?", (row["ref"],)).fetchone()
    return told(journal.read(found), url) if found else None


def told(call: Json, url: str) -> Json:
    """A call with what it came to and how to repeat it."""
    answer = call["answer"] or {}
    error = answer.get("error", {})
    result = error.get("decline_code") or error.get("code") or error.get("type") or answer.get("id")
    return {"kind": "call", **call, "result": result, "error": error, "curl": curl(call, url)}


def _event(store: Store, row: sqlite3.Row) -> Json | None:
    found = store.get(row["ref"], "event")
    if found is None:
        return None
    sent = store.db.execute("SELECT * FROM deliveries WHERE event = ? ORDER BY id", (row["ref"],)).fetchall()
    deliveries = [{**dict(each), "url": _address(store, each["endpoint"])} for each in sent]
    return {
        "kind": "event",
        "at": row["at"],
        "event": journal.masked(shown(found)),
        "deliveries": deliveries,
    }


def _address(store: Store, endpoint: str) -> str:
    found = store.get(endpoint, "webhook_endpoint")
    return str(found["url"]) if found else endpoint


def home_of(store: Store, text: str) -> str | None:
    """The object whose story tells of what a person looks for: an id of any kind, the merchant's own ids in the
    metadata too, or an idempotency key."""
    call = store.db.execute(
        "SELECT id FROM calls WHERE request = ? OR idempotency_key = ? ORDER BY id LIMIT 1", (text, text)
    ).fetchone()
    if call:
        about = store.db.execute(
            "SELECT object FROM touched WHERE kind = 'call' AND ref = ? ORDER BY object LIKE 'pi!_%' ESCAPE '!' DESC",
            (str(call["id"]),),
        ).fetchone()
        return about["object"] if about else None
    found = store.named(text)
    if found is None:
        known = store.db.execute("SELECT 1 FROM touched WHERE object = ?", (text,)).fetchone()
        return text if known else _named_in_metadata(store, text)
    if found["object"] == "event":
        found = found["data"]["object"]
    homes = (found[name] for name in HOMES if isinstance(found.get(name), str))
    return str(next(homes, found["id"]))


def _named_in_metadata(store: Store, text: str) -> str | None:
    """The newest intent that has the text in its metadata, under a name that the newest ones have: an index knows."""
    names = {name for intent in newest_intents(store) for name in intent["metadata"]}
    found = [
        intent
        for name in sorted(names)
        for intent in store.linked("payment_intent", f"metadata.{name}", text)[:1]
    ]
    return str(max(found, key=lambda intent: intent["created"])["id"]) if found else None


def refundable(store: Store, id: str) -> int:
    """What of an intent's payment has not been refunded, in the smallest unit."""
    intent = store.get(id, "payment_intent")
    charge = store.get(intent["latest_charge"], "charge") if intent and intent["latest_charge"] else None
    if not charge or not charge["paid"]:
        return 0
    return int(charge["amount_captured"] - charge["amount_refunded"])


def refunds_of(store: Store, id: str) -> int:
    return len(store.linked("refund", "payment_intent", id))


def amount_of(amount: int, currency: str) -> str:
    places = _places(currency)
    return f"{amount / 10**places:,.{places}f} {currency.upper()}"


def smallest_units(amount: str, currency: str) -> str:
    """`5.00` dollars as `500`; what is no amount stays as it is, for the API to refuse."""
    places = _places(currency)
    whole, _, rest = amount.partition(".")
    digits = f"{whole}{rest.ljust(places, '0')}"
    return digits if whole and digits.isascii() and digits.isdigit() and len(rest) <= places else amount


def _places(currency: str) -> int:
    return 0 if currency in ZERO_DECIMALS else 3 if currency in THREE_DECIMALS else 2


def curl(call: Json, url: str) -> str:
    """The command that makes the call again. What the journal masked is masked here too."""
    fields = [f"{quote(name, safe='[]')}={value}" for name, value in flat(call["params"])]
    get = call["method"] == "GET"
    words = ["curl", *(["-G"] if get and fields else []), f"{url}{call['path']}"]
    if call["method"] not in ("GET", "POST") or (call["method"] == "POST" and not fields):
        words += ["-X", call["method"]]
    words += ["-u", f"{Key[(call['key'] or 'secret').upper()].value}:"]
    if call["version"]:
        words += ["-H", f"Stripe-Version: {call['version']}"]
    if call["idempotency_key"]:
        words += ["-H", f"Idempotency-Key: {call['idempotency_key']}"]
    for field in fields:
        words += ["--data-urlencode", field]
    return " ".join(shlex.quote(word) for word in words)


def flat(fields: Any, name: str = "") -> list[tuple[str, str]]:
    """`{"a": {"b": "1"}}` as `[("a[b]", "1")]`."""
    if isinstance(fields, dict):
        pairs = ((f"{name}[{inner}]" if name else inner, value) for inner, value in fields.items())
        return [field for inner, value in pairs for field in flat(value, inner)]
    return [(name, str(fields))]
