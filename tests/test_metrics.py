"""What Prometheus is told, and that nobody else is."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import update

from shop.doors import bind
from shop.factory import create_app
from shop.metrics_app import create_metrics_app
from shop.models import Mail
from shop.settings import ROOT, Settings
from tests.conftest import Serve, ShopUnderTest
from tests.shopper import DECLINED, Shopper
from tests.test_health import LONG_AGO
from tests.test_payment_races import change
from tests.test_payments import send_no_webhooks
from tests.test_settings import free_port, one_line
from tests.test_settings import shop as shop_command
from tests.test_webhooks import deliver, paid_event

DATABASE = "sqlite"
DREAM = "the-dream-machine"
Scrape = Callable[[], Awaitable[dict[str, float]]]


def samples(text: str) -> dict[str, float]:
    """By name and labels, as they are written."""
    found = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {f"{s.name}{sorted(s.labels.values())}": s.value for s in found}


@pytest_asyncio.fixture
async def scrape(shop: ShopUnderTest, serve: Serve) -> Scrape:
    """How much more there is than there was when the test began; of what is no counter, what there is."""
    url = await serve(create_metrics_app(shop.db))
    before: dict[str, float] = {}

    async def ask() -> dict[str, float]:
        async with httpx.AsyncClient(verify=False) as http:
            found = samples((await http.get(f"{url}/metrics")).text)
        return {k: v - before.get(k, 0) if "_total" in k or "_count" in k else v for k, v in found.items()}

    before |= await ask()
    return ask


def steps(told: dict[str, float]) -> dict[str, float]:
    return {k.split("'")[1]: v for k, v in told.items() if k.startswith("colophon_orders_total") and v}


async def test_the_way_to_the_money_is_counted(shopper: Shopper, scrape: Scrape) -> None:
    await send_no_webhooks(shopper)
    await shopper.check_out(DREAM)
    await shopper.press()
    with pytest.raises(Exception, match="declined"):
        await shopper.confirm(DECLINED)
    await shopper.look()
    await shopper.pay()
    await shopper.stripe.v1.refunds.create_async({"payment_intent": shopper.intent_id})
    told = await scrape()
    assert steps(told) == {"placed": 1, "pressed": 2, "failed": 1, "paid": 1}
    assert told["colophon_checkouts_total[]"] == 1


async def test_what_came_again_is_counted_as_that(shopper: Shopper, scrape: Scrape) -> None:
    body = await paid_event(shopper)
    await shopper.post("/checkout")
    for _ in range(3):
        assert (await deliver(shopper, body)).status_code == 204
    told = await scrape()
    assert told["colophon_duplicates_prevented_total['webhook']"] == 2
    assert told["colophon_webhook_lag_seconds_count[]"] >= 1


async def test_a_second_checkout_and_a_second_press_are_duplicates(shopper: Shopper, scrape: Scrape) -> None:
    await shopper.check_out(DREAM)
    await shopper.check_out()
    for _ in range(2):
        await shopper.press()
    told = await scrape()
    assert told["colophon_duplicates_prevented_total['checkout']"] == 1
    assert told["colophon_duplicates_prevented_total['press']"] == 1
    assert steps(told)["placed"] == 1


async def test_calls_to_stripe_are_timed_by_what_they_are_and_how_they_end(
    shopper: Shopper, shop: ShopUnderTest, scrape: Scrape
) -> None:
    await shopper.http.post(f"{shop.sandbox}/_sandbox/fail_next", data={"status": 409})
    await shopper.check_out(DREAM)
    told = await scrape()
    for outcome in ("409", "200"):
        assert told[f"colophon_stripe_seconds_count['{outcome}', 'POST /v1/payment_intents']"] == 1
    assert not [name for name in told if "pi_" in name]


async def test_queues_are_told_by_their_age(shopper: Shopper, shop: ShopUnderTest, scrape: Scrape) -> None:
    assert (await scrape())["colophon_since_sweep_seconds[]"] == -1
    await shopper.check_out(DREAM)
    await shopper.pay()
    await change(shop, update(Mail).values(sent_at=None, next_attempt_at=LONG_AGO))
    await shopper.check_out("flatland")
    await shopper.press()
    told = await scrape()
    assert (told["colophon_letters_due[]"], told["colophon_unfinished_payments[]"]) == (1, 1)
    assert (
        told["colophon_oldest_due_letter_seconds[]"]
        > 7000
        > told["colophon_oldest_unfinished_payment_seconds[]"]
    )


async def test_a_database_that_is_away_hides_no_counts(
    shop: ShopUnderTest, serve: Serve, tmp_path: Path
) -> None:
    lost = replace(shop.settings, database_url=f"sqlite+aiosqlite:///{tmp_path}/nowhere/shop.db")
    url = await serve(create_metrics_app(create_app(lost).extensions["db"]))
    async with httpx.AsyncClient(verify=False) as http:
        told = samples((await http.get(f"{url}/metrics")).text)
    assert told["colophon_database_up[]"] == 0
    assert "colophon_checkouts_total[]" in told


async def test_it_is_closed_by_default_and_never_at_the_shops_own_address(tmp_path: Path) -> None:
    assert Settings.from_env({"INSTANCE_PATH": str(tmp_path)}).metrics is None
    port, private = free_port(), free_port()
    env = {k: v for k, v in os.environ.items() if not k.startswith(("STRIPE", "SHOP", "DATABASE", "METRICS"))}
    env |= {"INSTANCE_PATH": str(tmp_path), "PORT": str(port), "METRICS": str(private)}
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "shop", "run", env=env, cwd=ROOT, stdout=quiet, stderr=quiet
    )
    try:
        async with asyncio.timeout(30), httpx.AsyncClient(verify=False) as http:
            assert (await until_it_answers(http, f"http://127.0.0.1:{port}/metrics")).status_code == 404
            told = samples((await until_it_answers(http, f"http://127.0.0.1:{private}/metrics")).text)
            assert told["colophon_orders_total['paid']"] == 0
            assert (await http.get(f"http://127.0.0.1:{private}/")).status_code == 404
    finally:
        process.terminate()
        await process.wait()


async def until_it_answers(http: httpx.AsyncClient, url: str) -> httpx.Response:
    while True:
        try:
            return await http.get(url)
        except httpx.TransportError:
            await asyncio.sleep(0.05)


def test_a_second_start_leaves_the_counts_of_the_shop_that_runs(tmp_path: Path) -> None:
    port = free_port()
    (counts := tmp_path / f"metrics-{port}").mkdir()
    (counts / "counter_1.db").touch()
    with bind("127.0.0.1", port):
        said = one_line(shop_command(tmp_path, "run", PORT=str(port), METRICS=str(free_port())))
    assert f"Port {port} on 127.0.0.1 cannot be used" in said
    assert (counts / "counter_1.db").exists()


WORKERS = """
import subprocess, sys
from pathlib import Path
from shop.commands import share_counts
share_counts(Path(sys.argv[1]))
for _ in range(3):
    subprocess.run([sys.executable, "-c", "from shop.metrics import CHECKOUTS; CHECKOUTS.inc(2)"], check=True)
from prometheus_client import generate_latest
from shop.metrics_app import Told
print(generate_latest(Told(None)).decode())
"""


def test_the_counts_of_several_processes_add_up(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WORKERS, str(tmp_path / "counts")]
    told = samples(subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout)
    assert told["colophon_checkouts_total[]"] == 6
