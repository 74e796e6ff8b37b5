"""What every command says where it cannot do its work."""

import pytest

from tests.terminal import Run, run
from tests.test_settings import free_port

__all__ = ["run"]
DATABASE = "sqlite"


async def test_without_its_sandbox_it_names_the_address(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    monkeypatch.setenv("STRIPE_API_BASE", nobody)
    sentence = f"shop: The sandbox at {nobody} does not answer: start the shop, or give the PORT that it has."
    assert await run("audit") == (1, sentence)
