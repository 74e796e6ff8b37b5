"""The last API calls, kept in the store, and which objects calls and events were about.

Secrets and card numbers are masked before anything is written.
"""

import contextlib
import json
import logging
import re
import sqlite3
import time
from typing import Any

from quart import Response, request
from werkzeug.exceptions import HTTPException

from . import forms
from .call import Call
from .errors import ApiError, Json
from .store import Store

log = logging.getLogger(__name__)

MASKED = ("account_number", "client_secret", "cvc", "iban", "key", "number", "secret")
ID = re.compile(r"[a-z]{2,10}_(?=\w*[A-Z0-9])\w{8,}")
SECRET = re.compile(r"(_secret_|whsec_)\w+")
CARD = re.compile(r"\b\d{8,15}(\d{4})\b")
LONGEST = 500
"""Characters of a text that are kept."""
NOT_SERVED = re.compile(
    "Unrecognized request URL|Received unknown parameter|Invalid Stripe API version|no longer supported"
)


async def note(call: Call, response: Response) -> None:
    """Write down a call with its answer; a journal that cannot be written is no reason to fail the call."""
    if request.method == "OPTIONS":
        return
    answer = json.loads(await response.get_data()) if response.mimetype == "application/json" else None
    sent = await _fields() if response.status_code == 404 and not call.route else call.sent
    said = (answer or {}).get("error", {}).get("message", "")
    row = {
        "at": call.at,
        "milliseconds": (time.time() - call.at) * 1000,
        "method": request.method,
        "path": request.path,
        "params": json.dumps(masked(sent)),
        "status": None if answer is None else response.status_code,
        "answer": json.dumps(masked(brief(answer))),
        "request": call.request_id,
        "key": call.key.name.lower() if call.request_id else None,
        "idempotency_key": call.idempotency_key,
        "version": call.version,
        "replayed": "Idempotent-Replayed" in response.headers,
        "unserved": said if NOT_SERVED.search(said) else None,
    }
    about = {part for part in request.path.split("/") if ID.fullmatch(part)}
    try:
        _write(call.store, call.settings.calls_kept, row, about | ids_in(sent) | ids_in(answer))
    except sqlite3.Error:
        log.exception("the journal could not be written")


async def _fields() -> Json:
    """Of a call that no handler has read."""
    with contextlib.suppress(HTTPException, ApiError):
        body = await request.get_data(as_text=False)
        form = body if isinstance(body, bytes) and not request.is_json else b""
        return {**forms.parse(request.query_string), **forms.parse(form)}
    return {}


def _write(store: Store, kept: int, row: Json, about: set[str]) -> None:
    names = ", ".join(row)
    store.db.execute("BEGIN IMMEDIATE")
    with store.db:
        made = store.db.execute(
            f"INSERT INTO calls ({names}) VALUES ({', '.join('?' * len(row))}) RETURNING id",  # noqa: S608
            tuple(row.values()),
        ).fetchone()
        touch(store, "call", str(made["id"]), row["at"], about)
        old = store.db.execute("SELECT id FROM calls WHERE id <= ? LIMIT 20", (made["id"] - kept,)).fetchall()
        for each in old:
            store.db.execute("DELETE FROM calls WHERE id = ?", (each["id"],))
            forget(store, "call", str(each["id"]))


def touch(store: Store, kind: str, ref: str, at: float, about: set[str]) -> None:
    """Remember that a call or an event was about these objects."""
    rows = [(object, at, kind, ref) for object in about]
    store.db.executemany("INSERT OR IGNORE INTO touched (object, at, kind, ref) VALUES (?, ?, ?, ?)", rows)


def forget(store: Store, kind: str, ref: str) -> None:
    store.db.execute("DELETE FROM touched WHERE kind = ? AND ref = ?", (kind, ref))


def latest(store: Store, limit: int = 1_000) -> list[Json]:
    """The last calls, newest first."""
    rows = store.db.execute("SELECT * FROM calls ORDER BY id DESC LIMIT ?", (limit,))
    return [read(row) for row in rows]


def read(row: sqlite3.Row) -> Json:
    """A call as the control plane and the workbench show it."""
    call = dict(row)
    return {**call, "params": json.loads(call["params"]), "answer": json.loads(call["answer"])}


def ids_in(value: Any, depth: int = 3) -> set[str]:
    """The ids of what is told of, and of what that names; not those of a list, which is about no one thing."""
    if isinstance(value, str):
        return {value} if ID.fullmatch(value) and "_secret_" not in value else set()
    if not isinstance(value, dict) or not depth or value.get("object") in ("list", "search_result"):
        return set()
    inner = (ids_in(each, depth - 1) for name, each in value.items() if name != "metadata")
    return set().union(*inner)


def brief(answer: Any) -> Any:
    """A list as the ids that are in it; anything else as it is."""
    if isinstance(answer, dict) and isinstance(answer.get("data"), list):
        return {**answer, "data": [item.get("id") for item in answer["data"] if isinstance(item, dict)]}
    return answer


def masked(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {inner: masked(value[inner], inner) for inner in value}
    if isinstance(value, list):
        return [masked(item, name) for item in value]
    if not isinstance(value, str):
        return value
    if name in MASKED:
        return f"{value[:6]}…" if len(value) > 12 else "…"
    return CARD.sub(r"…\1", SECRET.sub(r"\1…", value))[:LONGEST]
