"""kill -9 before and after every commit and every Stripe call: a purchase ends with one charge and one paid order, or
with none and a full cart, whether the shopper tries again or stays away."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.journeys import JOURNEYS, Journey
from tests.crash.mortal import Sandbox
from tests.crash.town import survive, town

SAMPLE = {"sqlite": 1, "postgresql": 12}  # one point in so many


@pytest.fixture(scope="session")
def lasting_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    sandbox = Sandbox(tmp_path_factory.mktemp("sandbox"))
    yield sandbox
    sandbox.stop()


@pytest.mark.parametrize("journey", JOURNEYS, ids=str)
@pytest.mark.timeout(900)
async def test_a_purchase_survives_a_kill_on(
    journey: Journey, database: str, tmp_path: Path, database_url: str, lasting_sandbox: Sandbox
) -> None:
    back_at_once = database == "postgresql"
    async with town(tmp_path, database_url, lasting_sandbox) as opened:
        survived = await survive(opened, journey, every=SAMPLE[database], back_at_once=back_at_once)
    assert set(survived.values()) == {"survived"}, survived
