"""`/metrics`, on an address of its own: what a shop sells is nobody's business but its owner's.

Each process counts for itself. Where the counts are kept in files (`commands.share_counts`), whichever process is asked
adds up those of all; how the queues stand, the database knows for all."""

import asyncio
import os
from collections.abc import AsyncGenerator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, REGISTRY, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from quart import Quart, Response
from sqlalchemy import func, select
from sqlalchemy.pool import QueuePool

from shop.db import Database, now
from shop.errors import DatabaseUnavailable
from shop.jobs import RECOVERED, SWEPT, unfinished
from shop.metrics import CONNECTIONS
from shop.models import Duty, Mail, Order, Payment
from shop.outbox import is_due

LOOK_EVERY = 1.0  # seconds


def create_metrics_app(db: Database) -> Quart:
    app = Quart("metrics", static_folder=None, template_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = 1024

    @app.get("/metrics")
    async def metrics() -> Response:
        queues = None
        with suppress(DatabaseUnavailable):  # what was counted is told all the same
            queues = await look(db)
        return Response(generate_latest(Told(queues)), content_type=CONTENT_TYPE_PLAIN_0_0_4)

    @app.while_serving
    async def watch_pool() -> AsyncGenerator[None]:
        watching = asyncio.create_task(_watch(db))
        yield
        watching.cancel()

    return app


@dataclass(frozen=True)
class Queues:
    letters: int
    oldest_letter: datetime | None  # since when it has been due
    payments: int  # pressed, with the bank, being closed or captured
    oldest_payment: datetime | None  # since when it has been tried
    done: dict[str, datetime]


async def look(db: Database) -> Queues:
    """Raises DatabaseUnavailable."""
    due = select(func.count(), func.min(Mail.next_attempt_at)).where(*is_due())
    begun = select(func.count(), func.min(Payment.attempted_at)).select_from(Order).join(Payment)
    async with db.read() as session:
        letters = (await session.execute(due)).one()
        payments = (await session.execute(begun.where(unfinished(now())))).one()
        done = await session.execute(select(Duty.name, Duty.until))
        return Queues(*letters, *payments, {row.name: row.until for row in done})


class Told:
    def __init__(self, queues: Queues | None) -> None:
        self.queues = queues

    def collect(self) -> Iterator[Metric]:
        shared = "PROMETHEUS_MULTIPROC_DIR" in os.environ
        counted = MultiProcessCollector(None) if shared else REGISTRY  # type: ignore[no-untyped-call]
        yield from counted.collect()
        queues = self.queues
        yield _gauge("database_up", "Whether the database answered.", queues is not None)
        if queues is None:
            return
        yield _gauge("letters_due", "Letters that are to be tried now.", queues.letters)
        yield _age("oldest_due_letter", "Since the oldest of them has been due.", queues.oldest_letter, 0)
        yield _gauge("unfinished_payments", "Payments that were begun and have no outcome.", queues.payments)
        yield _age("oldest_unfinished_payment", "Since the oldest was tried.", queues.oldest_payment, 0)
        yield _age("since_recovery", "Since payments were last looked after.", queues.done.get(RECOVERED))
        yield _age("since_sweep", "Since what was given up was last cleared away.", queues.done.get(SWEPT))


def _gauge(name: str, help_text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"colophon_{name}", help_text, value)


def _age(name: str, help_text: str, moment: datetime | None, without: float = -1) -> GaugeMetricFamily:
    """`without`: what is told where there is no such moment; a sweep that never was is -1."""
    age = (now() - moment).total_seconds() if moment else without
    return _gauge(f"{name}_seconds", help_text, age)


async def _watch(db: Database) -> None:
    pool = db.engine.pool
    assert isinstance(pool, QueuePool)
    while True:
        CONNECTIONS.set(pool.checkedout())
        await asyncio.sleep(LOOK_EVERY)
