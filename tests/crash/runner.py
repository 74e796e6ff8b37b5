"""The shop in a process that kills itself: the real `shop.server.run`, watched at every point where a crash could leave
things half done.

A request names the point at which the process is to die (`Die-At`); the answer names those that it passed (`Passed`).
What the shop does by itself, or by command, can be asked for too (`POST /-/recover`), to die in the midst of it.
"""

import os
import re
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import stripe
import uvloop
from quart import Quart
from sqlalchemy.engine.default import DefaultDialect

from shop import doors, jobs, server
from shop.capturing import capture_order
from shop.logs import set_up_logs
from shop.mailing import send_due
from shop.models import random_id
from shop.refunding import RefundRefused, Wish, refund_order
from shop.sandbox.cli import run as run_sandbox
from shop.settings import Settings


async def recover(shop: Quart, _: str) -> None:
    await jobs.recover(shop.extensions["db"], shop.extensions["gateway"])


async def sweep(shop: Quart, _: str) -> None:
    await jobs.sweep(shop.extensions["db"], shop.extensions["gateway"])


async def send_letters(shop: Quart, _: str) -> None:
    await send_due(shop.extensions["db"], shop.extensions["settings"])


async def refund(shop: Quart, order: str) -> None:
    with suppress(RefundRefused):  # it was made before
        await refund_order(shop.extensions["db"], shop.extensions["gateway"], order, Wish(amount="10.00"))


async def capture(shop: Quart, order: str) -> None:
    await capture_order(shop.extensions["db"], shop.extensions["gateway"], order)


DUTIES = {
    "/-/capture": capture,
    "/-/recover": recover,
    "/-/sweep": sweep,
    "/-/letters": send_letters,
    "/-/refund": refund,
}
IDS = re.compile(r"\b(pi|cs|re|ch|cus|pm)_\w+")


class Watch:
    """What one request passes on its way."""

    def __init__(self, fatal: str) -> None:
        self.fatal = fatal
        self.passed: list[str] = []
        self.numbers: dict[str, int] = {}

    @contextmanager
    def around(self, kind: str, what: str = "") -> Iterator[None]:
        self.numbers[kind] = self.numbers.get(kind, 0) + 1
        name = f"{kind} {self.numbers[kind]}{what}"
        self.pass_by(f"before {name}")
        yield
        self.pass_by(f"after {name}")

    def pass_by(self, point: str) -> None:
        self.passed.append(point)
        if point == self.fatal:
            os.kill(os.getpid(), signal.SIGKILL)


watch: ContextVar[Watch] = ContextVar("watch")


class Watched:
    """The shop's ASGI app, with an eye on each request."""

    def __init__(self, shop: Quart) -> None:
        self.shop, self.app = shop, shop.asgi_app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = dict(scope["headers"]) if scope["type"] == "http" else {}
        watched = Watch(headers.get(b"die-at", b"").decode())
        watch.set(watched)

        async def tell(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"passed", "|".join(watched.passed).encode())]
            await send(message)

        if duty := DUTIES.get(scope.get("path", "")):
            await duty(self.shop, scope["query_string"].decode())
            await tell({"type": "http.response.start", "status": 204, "headers": []})
            await tell({"type": "http.response.body", "body": b""})
        else:
            await self.app(scope, receive, tell)


def serve_shop(sock: socket.socket, settings: Settings, log: Path) -> None:
    _write_to(log)
    _watch_commits()
    _watch_calls()
    create_app = server.create_app

    def create_watched(settings: Settings) -> Quart:
        app = create_app(settings)
        app.asgi_app = Watched(app)  # type: ignore[method-assign]
        return app

    jobs.ME = random_id()  # forked processes would share it
    server.create_app = create_watched
    doors.bind = lambda host, port: sock  # held by whoever starts us, so that nobody is refused meanwhile
    uvloop.run(server.run(settings))


def serve_sandbox(sock: socket.socket, url: str, database: Path, log: Path) -> None:
    _write_to(log)
    uvloop.run(run_sandbox(sock, url, database, forward_to=None))


def _write_to(log: Path) -> None:
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    set_up_logs()


def _watch_commits() -> None:
    commit = DefaultDialect.do_commit

    def do_commit(dialect: DefaultDialect, connection: Any) -> None:
        watched = watch.get(None)
        with watched.around("commit") if watched else nullcontext():
            commit(dialect, connection)

    DefaultDialect.do_commit = do_commit  # type: ignore[method-assign]


def _watch_calls() -> None:
    call = stripe.HTTPXClient.request_async

    async def request_async(http: Any, method: str, url: str, *rest: Any) -> Any:
        watched = watch.get(None)
        path = IDS.sub("…", url.partition("/v1/")[2].partition("?")[0])
        with watched.around("call", f" {method.upper()} /v1/{path}") if watched else nullcontext():
            return await call(http, method, url, *rest)

    stripe.HTTPXClient.request_async = request_async  # type: ignore[method-assign]
