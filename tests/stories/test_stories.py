"""Whatever visitors, banks, webhooks and Stripe do: in the end the shop and Stripe agree."""

from collections import Counter
from pathlib import Path

import pytest

from tests.postgresql import TemporaryPostgreSQL
from tests.stories.playing import play
from tests.stories.theatre import on_postgresql, on_sqlite

pytestmark = pytest.mark.timeout(600)


@pytest.mark.parametrize("seed", range(6))
def test_every_story_ends_well_on_sqlite(tmp_path: Path, seed: int) -> None:
    play(on_sqlite(tmp_path), seed, 10, tally := Counter())
    assert tally["paid"]


@pytest.mark.parametrize("seed", range(6, 8))
def test_every_story_ends_well_on_postgresql(
    postgresql: TemporaryPostgreSQL, tmp_path: Path, seed: int
) -> None:
    play(on_postgresql(tmp_path, postgresql), seed, 5, tally := Counter())
    assert tally["paid"]
