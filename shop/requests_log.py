"""A name for each request, and a line for those that did something, failed or took long. Who only read is for the log
of the proxy to tell: a line takes 0.1 ms, as long as sending a page that is kept."""

import re
import secrets
import time
from typing import Any

import structlog

from shop.subject import about

SLOW = 1.0  # seconds
READS = ("GET", "HEAD", "OPTIONS")
PROBES = ("/healthz", "/readyz")
NAME = re.compile(rb"[\w.:=/+-]{1,128}", re.ASCII)
log = structlog.get_logger()


class Named:
    """Gives each request an id, which its log lines and its answer carry: its own, or the X-Request-ID that a proxy
    before the shop has given it."""

    def __init__(self, app: Any, proxied: bool) -> None:
        self.app, self.proxied = app, proxied

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0
        request_id = (_given(scope) if self.proxied else None) or _made()

        async def named(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [*message.get("headers", ()), (b"x-request-id", request_id)]
                message = {**message, "headers": headers}
            await send(message)

        with about(request=request_id.decode()):
            try:
                await self.app(scope, receive, named)
            finally:
                _tell(scope, status, time.perf_counter() - began)


def _made() -> bytes:
    """It begins with a letter: sixteen digits would be struck out of the log as a card's number."""
    return b"r" + secrets.token_hex(8).encode()


def _given(scope: Any) -> bytes | None:
    """The last one, as the nearest proxy wrote it."""
    given = [value for name, value in scope["headers"] if name == b"x-request-id"]
    return given[-1] if given and NAME.fullmatch(given[-1]) else None


def _tell(scope: Any, status: int, seconds: float) -> None:
    if scope["path"] in PROBES or (scope["method"] in READS and status < 500 and seconds < SLOW):
        return
    # As it was sent: in its raw form it cannot break out of a line.
    path = scope.get("raw_path", b"").decode("latin-1")[:200]
    log.info("request", method=scope["method"], path=path, status=status, ms=round(seconds * 1000, 1))
