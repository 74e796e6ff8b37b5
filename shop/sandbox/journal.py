"""The last API calls, for the control plane. Kept in memory; secrets and card numbers are masked."""

import time
from collections import deque
from typing import Any

from .call import Call
from .errors import Json

KEPT = 1_000
MASKED = ("account_number", "client_secret", "cvc", "key", "number")

Journal = deque[Json]


def new() -> Journal:
    return deque(maxlen=KEPT)


def entry(call: Call, method: str, path: str, status: int) -> Json:
    return {
        "at": time.time(),
        "method": method,
        "path": path,
        "params": masked(call.sent),
        "status": status,
        "request": call.request_id,
        "key": call.key.name.lower() if call.request_id else None,
        "idempotency_key": call.idempotency_key,
        "version": call.version,
    }


def masked(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {inner: masked(value[inner], inner) for inner in value}
    if name in MASKED and isinstance(value, str):
        return f"{value[:6]}…" if len(value) > 12 else "…"
    return value[:500] if isinstance(value, str) else value
