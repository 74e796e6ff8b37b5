"""One line in a test that lets something go wrong: see "Failures" in the README. For pytest; nothing else uses it."""

from typing import Any, Protocol

import httpx
import pytest
import pytest_asyncio


class Running(Protocol):
    url: str


async def arm(url: str, recipe: str, **changes: Any) -> None:
    """Let the sandbox at `url` fail by a recipe of `recipes.py`; `changes` are to the fault's own fields. Raises
    ValueError for a recipe or a field that there is not."""
    async with httpx.AsyncClient(base_url=url) as http:
        answer = await http.post("/_sandbox/faults", json={"recipe": recipe, **changes})
    if answer.status_code != 200:
        raise ValueError(answer.json()["error"]["message"])


@pytest_asyncio.fixture
async def trouble(request: pytest.FixtureRequest, sandbox: Running) -> str:
    """The recipe that the test names, armed before it begins."""
    name: str = request.param
    await arm(sandbox.url, name)
    return name
