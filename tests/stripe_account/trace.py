"""Plays a scenario to one side and writes down what it answered."""

import asyncio
import json
import re
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import stripe

from .scenarios import Scenario

ID = re.compile(r"/(pi|ch|re|cus|pm)_\w+")
HEADERS = ("Stripe-Version", "Idempotent-Replayed", "Stripe-Should-Retry")
QUIET = 3.0
"""Seconds without a new event after which the story is over."""


@dataclass
class Trace:
    calls: list[tuple[str, int, Any]] = field(default_factory=list)
    """(method and path, status, answer with the headers that matter)."""
    events: Counter[str] = field(default_factory=Counter)
    """Types, with how often each was told; Stripe promises no order."""


class Recorder(stripe.HTTPClient):
    """Passes calls on to another HTTP client of the SDK."""

    name = "recorder"

    def __init__(self, inner: stripe.HTTPClient) -> None:
        super().__init__()
        self.inner, self.trace = inner, Trace()

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[Any, int, Any]:
        body, status, replied = await self.inner.request_async(method, url, headers, post_data)
        told = {name.lower(): value for name, value in replied.items()}
        kept = {name: told.get(name.lower()) for name in HEADERS}
        path = ID.sub(r"/{\1}", urlsplit(url).path)
        self.trace.calls.append((f"{method.upper()} {path}", status, {"header": kept, **json.loads(body)}))
        return body, status, replied

    async def sleep_async(self, secs: float) -> None:
        await asyncio.sleep(secs)

    async def close_async(self) -> None:
        await self.inner.close_async()


async def play(scenario: Scenario, inner: stripe.HTTPClient, key: str, quiet: float = QUIET) -> Trace:
    recorder, began = Recorder(inner), int(time.time())
    intent = await scenario(stripe.StripeClient(key, http_client=recorder).v1)
    if intent:
        listening = stripe.StripeClient(key, http_client=inner).v1.events
        recorder.trace.events = await _events(listening, intent, began, quiet)
    return recorder.trace


async def _events(listening: Any, intent: str, began: int, quiet: float) -> Counter[str]:
    found: dict[str, str] = {}
    changed = time.monotonic()
    while time.monotonic() - changed < quiet:
        listed = await listening.list_async({"limit": 100, "created": {"gte": began - 60}})
        for event in listed.data:
            about = event.data.object.to_dict()
            if event.id not in found and intent in (about.get("id"), about.get("payment_intent")):
                found[event.id], changed = event.type, time.monotonic()
        await asyncio.sleep(quiet / 5)
    return Counter(found.values())
