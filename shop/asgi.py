"""What stands between the server and Quart."""

import asyncio
from ipaddress import ip_address
from typing import Any


class Uninterrupted:
    """Lets each request be answered to its end though the browser goes away (htmx aborts what it replaces).

    Quart cancels a handler when it hears of a disconnect; cancelled in the middle of a transaction, a connection can
    keep SQLite's write lock until somebody collects the garbage. So Quart does not hear of it."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def until_answered() -> Any:
            message = await receive()
            if message["type"] == "http.disconnect":
                await asyncio.Event().wait()  # Quart stops listening once it has answered
            return message

        await self.app(scope, until_answered if scope["type"] == "http" else receive, send)


class BehindProxies:
    """Believes the last `hops` proxies about who the client is and how it came. Each appends the address that it saw,
    so the one that counts is that many from the right; what stands further left, anybody may have written."""

    def __init__(self, app: Any, hops: int) -> None:
        self.app, self.hops = app, hops

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self.hops and scope["type"] == "http":
            client = _address(self._told(scope, b"x-forwarded-for"))
            scheme = self._told(scope, b"x-forwarded-proto")
            scope = {
                **scope,
                "client": (client, 0) if client else scope["client"],
                "scheme": scheme if scheme in ("http", "https") else scope["scheme"],
            }
        await self.app(scope, receive, send)

    def _told(self, scope: Any, header: bytes) -> str:
        values = b",".join(value for name, value in scope["headers"] if name == header).decode("latin-1")
        told = [value.strip() for value in values.split(",")]
        return told[-self.hops] if len(told) >= self.hops else ""


def _address(text: str) -> str | None:
    """An IP address as proxies write it: bare, with a port, in brackets. None if it is none."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ip_address(text))
    except ValueError:
        return None
