"""Failures on demand: the next API calls that match fail, stall or lose their connection."""

import asyncio
import dataclasses
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Literal

from quart import Response

from .answers import Answer


@dataclass
class Fault:
    """What is to go wrong, how often, and with which calls. Kept in memory: a restart heals."""

    status: int | None = None
    """The answer to give in place of the real one; without it the call only stalls (or is dropped)."""
    code: str | None = None
    type: str = "api_error"
    message: str = "The control plane asked for this failure."
    times: int = 1
    delay: float = 0
    """Seconds to wait first."""
    drop: bool = False
    """Close the connection in place of an answer."""
    after_effect: bool = False
    """Let the call do its work first. A status given in place of the real answer is then kept for the
    idempotency key, as Stripe keeps a 500; an answer that only a dropped connection lost is kept as it is."""
    method: str | None = None
    path: str = "/v1/"
    """The beginning of the paths that are meant."""
    script: bool = False
    """Of stripe.js, not of the API."""

    def answer(self) -> Answer | None:
        if self.status is None:
            return None
        error = {"code": self.code, "message": self.message, "type": self.type}
        shown = {name: value for name, value in error.items() if value is not None}
        return Answer(self.status, json.dumps({"error": shown}), began=self.after_effect)


@dataclass
class HookFault:
    """What is to go wrong with the next delivery of an event."""

    kind: Literal["delayed", "dropped", "duplicated", "reordered", "wrongly_signed"]
    times: int = 1
    delay: float = 5
    """Seconds: how late a delayed one is, or how long a reordered one waits for a successor."""
    event: str = ""
    """The beginning of the types that are meant."""


class Faults:
    def __init__(self) -> None:
        self.coming: list[Fault] = []
        self.hooks: list[HookFault] = []
        self.waiting: set[str] = set()
        """Idempotency keys of calls that a fault holds up."""

    def all(self) -> list[Fault | HookFault]:
        return [*self.coming, *self.hooks]

    def add(self, fault: Fault | HookFault) -> None:
        if isinstance(fault, Fault):
            self.coming.append(fault)
        else:
            self.hooks.append(fault)

    def heal(self) -> None:
        self.coming.clear()
        self.hooks.clear()

    def take(self, method: str, path: str, script: bool = False) -> Fault | None:
        for fault in self.coming:
            meant = fault.method in (None, method) and path.startswith(fault.path)
            if meant and fault.script is script:
                fault.times -= 1
                if fault.times < 1:
                    self.coming.remove(fault)
                return dataclasses.replace(fault)
        return None

    def take_hook(self, event: str) -> HookFault | None:
        for fault in self.hooks:
            if event.startswith(fault.event):
                fault.times -= 1
                if fault.times < 1:
                    self.hooks.remove(fault)
                return fault
        return None


async def suffer(fault: Fault, run: Callable[[Answer | None], Answer]) -> Answer | None:
    """The answer to a call that a fault has hit; None is a lost connection. `run` does the work of the call
    and answers, keeping for its idempotency key what it is given in place of its own answer."""
    if fault.after_effect:
        answer = run(fault.answer())
        await asyncio.sleep(fault.delay)
        return None if fault.drop else answer
    await asyncio.sleep(fault.delay)
    if fault.drop:
        return None
    return fault.answer() or run(None)


def dropped() -> Response:
    """Promises bytes and sends none: the server gives up at once and closes the connection."""
    response = Response(_nothing(), headers={"Content-Length": "1"})
    response.timeout = 0.001
    return response


async def _nothing() -> AsyncIterator[bytes]:
    await asyncio.Event().wait()
    yield b""
