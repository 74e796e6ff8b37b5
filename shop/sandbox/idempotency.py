"""Idempotency keys: the first answer once the endpoint had begun to act, for 24 hours."""

import hashlib
import json

from . import clock
from .answers import Answer
from .call import Call
from .errors import ApiError, invalid

LIFE = 24 * 3600
"""Seconds."""


def fingerprint(call: Call, path: str) -> str:
    text = json.dumps([call.route, path, call.key.value, call.sent], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def recall(call: Call, fingerprint: str) -> Answer | None:
    if call.idempotency_key is None:
        return None
    if not 0 < len(call.idempotency_key) <= 255:
        raise invalid("An idempotency key has between 1 and 255 characters.")
    row = call.store.db.execute(
        "SELECT * FROM idempotency WHERE key = ? AND at > ?", (call.idempotency_key, clock.time() - LIFE)
    ).fetchone()
    if row is None:
        return None
    if row["fingerprint"] != fingerprint:
        raise ApiError(
            "Keys for idempotent requests can only be used with the same parameters they were first used "
            "with. "
            f"Try using a key other than '{call.idempotency_key}' if you meant to execute a different "
            f"request.",
            type="idempotency_error",
        )
    return Answer(row["status"], row["body"], began=True, original=row["request"])


def keep(call: Call, fingerprint: str, answer: Answer) -> None:
    """In the same transaction as what the request changed. Forgets a few keys that are past their life."""
    if call.idempotency_key is None or not answer.began:
        return
    database, moment = call.store.db, clock.time()
    database.execute(
        "DELETE FROM idempotency WHERE key IN (SELECT key FROM idempotency WHERE at <= ? LIMIT 20)",
        (moment - LIFE,),
    )
    database.execute(
        "INSERT OR REPLACE INTO idempotency (key, at, fingerprint, status, body, request) VALUES (?, ?, "
        "?, ?, ?, ?)",
        (call.idempotency_key, moment, fingerprint, answer.status, answer.body, call.request_id),
    )
