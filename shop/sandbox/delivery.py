"""Delivers events to webhook endpoints: signed when sent, again after a failure, on after a restart."""

import asyncio
import contextlib
import hashlib
import hmac
import json
import logging
import time
from typing import Any

import httpx
from quart import Quart

from . import clock, settle, versions
from .faults import Faults, HookFault
from .older import rendered
from .settings import SandboxSettings
from .store import Json, Store, shown

log = logging.getLogger(__name__)

PATIENCE = 20.0
"""Seconds that an endpoint may take to answer."""
AT_ONCE = 8
"""Deliveries under way at the same time."""
LONGEST_NAP = 1.0
"""Seconds until the worker looks again by itself; new events wake it at once."""


def attach(app: Quart) -> None:
    """Run a worker for as long as the app serves."""
    worker: Worker | None = None

    @app.before_serving
    async def start() -> None:
        nonlocal worker
        worker = Worker(app.extensions["store"], app.extensions["settings"], app.extensions["faults"])

    @app.after_serving
    async def stop() -> None:
        if worker:
            await worker.stop()


class Worker:
    def __init__(self, store: Store, settings: SandboxSettings, faults: Faults) -> None:
        self.store, self.settings, self.faults = store, settings, faults
        self.held_back: set[int] = set()
        self.overtaken: int | None = None
        self.http = httpx.AsyncClient(timeout=PATIENCE, follow_redirects=False, trust_env=False)
        self.under_way: dict[int, asyncio.Task[None]] = {}
        self.news = asyncio.Event()
        store.on_commit = self.news.set
        self.task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        self.store.on_commit = None
        tasks = [self.task, *self.under_way.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.http.aclose()

    async def _run(self) -> None:
        while True:
            self.news.clear()
            try:
                settle.settle(self.store, self.settings)
                self._begin_what_is_due()
            except Exception:
                log.exception("the sandbox could not settle or deliver; it tries again")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._nap()):  # wait_for may swallow a cancel (Python 3.11)
                    await self.news.wait()

    def _nap(self) -> float:
        """Seconds until something is due."""
        row = self.store.db.execute(
            "SELECT min(due) AS due FROM deliveries WHERE state = 'pending'"
        ).fetchone()
        times = [due for due in (row["due"], settle.next_due(self.store)) if due is not None]
        busy = len(self.under_way) > 0
        nap = min(times, default=clock.time() + LONGEST_NAP) - clock.time()
        return min(max(nap, 0.05 if busy else 0.001), LONGEST_NAP)

    def _begin_what_is_due(self) -> None:
        rows = self.store.db.execute(
            "SELECT id FROM deliveries WHERE state = 'pending' AND due <= ? ORDER BY due, id LIMIT 50",
            (clock.time(),),
        ).fetchall()
        for row in rows:
            if len(self.under_way) < AT_ONCE and row["id"] not in self.under_way:
                self.under_way[row["id"]] = asyncio.create_task(self._deliver(row["id"]))

    async def _deliver(self, id: int) -> None:
        try:
            row = self.store.db.execute("SELECT * FROM deliveries WHERE id = ?", (id,)).fetchone()
            event = row and self.store.get(row["event"], "event")
            endpoint = row and self.store.get(row["endpoint"], "webhook_endpoint")
            if not event or not endpoint or endpoint["status"] != "enabled":
                self._end(id, event, "state = 'stopped'")
                return
            fault = None if id in self.held_back else self.faults.take_hook(event["type"])
            self.held_back.discard(id)
            if fault and fault.kind in ("delayed", "dropped", "reordered"):
                self._spoil(fault, id, event)
                return
            forged = fault is not None and fault.kind == "wrongly_signed"
            status, problem = await self._post(endpoint, event, forged)
            if fault and fault.kind == "duplicated":
                await self._post(endpoint, event)
            self._record(row["attempts"] + 1, id, event, status, problem)
            self._let_go()
        finally:
            self.under_way.pop(id, None)
            self.news.set()

    def _spoil(self, fault: HookFault, id: int, event: Json) -> None:
        if fault.kind == "dropped":
            self._end(id, event, "state = 'dropped'")
            return
        self.held_back.add(id)
        self._note(id, "due = ?", clock.time() + fault.delay)
        if fault.kind == "reordered":
            self.overtaken = id

    def _let_go(self) -> None:
        """What waited for another event to overtake it."""
        if self.overtaken is not None:
            self._note(self.overtaken, "due = ?", clock.time())
            self.overtaken = None

    async def _post(self, endpoint: Json, event: Json, forged: bool = False) -> tuple[int | None, str | None]:
        told = {**event, "api_version": endpoint["api_version"] or versions.DEFAULT}
        body = json.dumps(shown(rendered(self.store, told, versions.SDK)), indent=2).encode()
        secret = "whsec_of_somebody_else" if forged else endpoint["_secret"]
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            # By the real time, whatever the sandbox's clock says: the receiver refuses what seems old.
            "Stripe-Signature": signature(secret, body, int(time.time())),
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        }
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await self.http.post(endpoint["url"], content=body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            return None, f"{type(error).__name__}: {error}"[:300]
        return answer.status_code, None

    def _record(self, attempts: int, id: int, event: Json, status: int | None, problem: str | None) -> None:
        delivered = status is not None and 200 <= status < 300
        values: list[Any] = [attempts, status, problem, clock.time()]
        change = "attempts = ?, status = ?, error = ?, at = ?, "
        if not delivered and attempts <= len(self.settings.retry_after):
            values.append(clock.time() + self.settings.retry_after[attempts - 1])
            self._note(id, f"{change}due = ?", *values)
        else:
            self._end(id, event, f"{change}state = '{'delivered' if delivered else 'failed'}'", *values)

    def _end(self, id: int, event: Json | None, change: str, *values: Any) -> None:
        """Nothing more will be sent: the event has one delivery less to wait for."""
        with self.store.transaction():
            self._note(id, change, *values)
            fresh = event and self.store.get(event["id"], "event")
            if fresh:
                self.store.put({**fresh, "pending_webhooks": max(0, fresh["pending_webhooks"] - 1)})

    def _note(self, id: int, change: str, *values: Any) -> None:
        self.store.db.execute(f"UPDATE deliveries SET {change} WHERE id = ?", (*values, id))  # noqa: S608


def signature(secret: str, body: bytes, moment: int) -> str:
    """As stripe-python's `construct_event` checks it; the whole secret, whsec_ included, is the key."""
    signed = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={signed}"
