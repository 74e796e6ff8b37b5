"""kill -9 before and after every commit and every Stripe call: a purchase ends with one charge and one paid order, or
with none and a full cart, whether the shopper tries again or stays away."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
import stripe

from tests.crash.journeys import JOURNEYS, Journey
from tests.crash.mortal import Sandbox
from tests.crash.town import Town, survive

SAMPLE = {"sqlite": 1, "postgresql": 6}  # one point in so many


@pytest.fixture(scope="session")
def lasting_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    sandbox = Sandbox(tmp_path_factory.mktemp("sandbox"))
    yield sandbox
    sandbox.stop()


@pytest_asyncio.fixture
async def town(tmp_path: Path, database_url: str, lasting_sandbox: Sandbox) -> AsyncIterator[Town]:
    async with httpx.AsyncClient() as control:
        (await control.post(f"{lasting_sandbox.url}/_sandbox/reset")).raise_for_status()
    http = stripe.HTTPXClient(timeout=10, verify_ssl_certs=False)
    base = {"api": lasting_sandbox.url}
    client = stripe.StripeClient("sk_test_sandbox", http_client=http, base_addresses=base)
    yield Town(tmp_path, database_url, lasting_sandbox.url, client)
    await http.close_async()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("journey", JOURNEYS, ids=str)
async def test_a_purchase_survives_a_kill_on(town: Town, journey: Journey, database: str) -> None:
    survived = await survive(town, journey, every=SAMPLE[database], back_at_once=database == "postgresql")
    assert set(survived.values()) == {"survived"}, survived
