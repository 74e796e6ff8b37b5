"""Probes: is the process alive, and can the shop do its work?"""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, text, update

from shop.db import now
from shop.jobs import RECOVERED, SWEPT, work_until
from shop.migrating import revisions
from shop.models import Duty, Mail
from tests.conftest import ShopUnderTest
from tests.shopper import Shopper
from tests.terminal import Run, run
from tests.test_payment_races import change

__all__ = ["run"]
LONG_AGO = now() - timedelta(hours=2)


async def readiness(shopper: Shopper, query: str = "") -> tuple[int, set[str]]:
    """The status, and which checks have failed."""
    reply = await shopper.get(f"/readyz{query}")
    checks: dict[str, Any] = reply.json()["checks"]
    assert reply.json()["ready"] == (reply.status_code == 200)
    return reply.status_code, {name for name, check in checks.items() if not check["ok"]}


async def test_a_shop_whose_work_is_done_is_ready(shopper: Shopper, shop: ShopUnderTest) -> None:
    assert await readiness(shopper) == (503, {"recovery", "sweep"})
    stopped = asyncio.Event()
    work = asyncio.create_task(work_until(stopped, shop.db, shop.app.extensions["gateway"]))
    async with asyncio.timeout(10):
        while await readiness(shopper) != (200, set()):  # noqa: ASYNC110 (nobody tells us)
            await asyncio.sleep(0.02)
    stopped.set()
    await work


async def test_a_sweep_by_command_counts(shopper: Shopper, run: Run) -> None:
    assert (await run("sweep"))[0] == 0
    assert await readiness(shopper) == (200, set())


@pytest.mark.parametrize(
    ("trouble", "failing"),
    [
        (update(Duty).where(Duty.name == RECOVERED).values(until=LONG_AGO), "recovery"),
        (delete(Duty).where(Duty.name == SWEPT), "sweep"),
        (update(Mail).values(sent_at=None, next_attempt_at=LONG_AGO), "letters"),
    ],
)
async def test_what_is_stuck_is_named(
    shopper: Shopper, shop: ShopUnderTest, run: Run, trouble: Any, failing: str
) -> None:
    assert (await run("sweep"))[0] == 0
    await shopper.check_out("the-dream-machine")
    await shopper.pay()
    await change(shop, trouble)
    assert await readiness(shopper) == (503, {failing})
    assert await readiness(shopper, f"?exclude={failing}") == (200, {failing})


@pytest.mark.parametrize(("version", "ready"), [("0001", (503, {"migrations"})), ("9999", (200, set()))])
async def test_a_database_may_be_newer_than_the_program_and_not_older(
    shopper: Shopper, shop: ShopUnderTest, run: Run, version: str, ready: Any
) -> None:
    assert (await run("sweep"))[0] == 0
    at = text("UPDATE alembic_version SET version_num = :version")
    await change(shop, at.bindparams(version=version))
    try:
        assert await readiness(shopper) == ready
    finally:  # the database serves the next test
        await change(shop, at.bindparams(version=revisions()[0]))


async def test_a_database_that_does_not_answer_is_told_in_a_second(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    size = shop.db.engine.pool.size()  # type: ignore[attr-defined]
    taken = [await shop.db.engine.connect() for _ in range(size)]
    async with asyncio.timeout(3):
        probes = await asyncio.gather(*(readiness(shopper) for _ in range(20)))
        assert set(map(str, probes)) == {str((503, {"database"}))}
        assert (await shopper.get("/healthz")).status_code == 200
    for connection in taken:
        await connection.close()
    assert "database" not in (await readiness(shopper))[1]


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_a_probe_may_come_by_any_name_and_leaves_no_trace(shopper: Shopper, path: str) -> None:
    reply = await shopper.get(path, Host="10.0.0.7:8000")
    assert "Set-Cookie" not in reply.headers
    assert reply.headers["Cache-Control"] == "no-store"
