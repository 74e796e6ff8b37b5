"""The command `shop`, typed beside a running shop."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest

from shop.cli import main
from tests.conftest import ShopUnderTest, log_apart

Run = Callable[..., Awaitable[tuple[int, str]]]


@pytest.fixture
def run(
    shop: ShopUnderTest, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    """The command `shop` beside the running shop: its exit code and what it printed."""
    monkeypatch.setenv("DATABASE_URL", shop.settings.database_url)
    monkeypatch.setenv("STRIPE_API_BASE", shop.sandbox)
    monkeypatch.setenv("INSTANCE_PATH", str(shop.settings.instance))

    async def command(*arguments: str) -> tuple[int, str]:
        capsys.readouterr()
        code = await asyncio.to_thread(main, list(arguments))
        said = capsys.readouterr()
        told = [line for line in said.err.splitlines() if not line.startswith("{")]  # that is the log
        return code, told[-1] if code else said.out

    yield command
    log_apart()
