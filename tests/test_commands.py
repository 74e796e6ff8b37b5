"""What every command says where it cannot do its work."""

from pathlib import Path

import pytest

from shop.db import Database
from tests.terminal import Run, run
from tests.test_migrations import to_version
from tests.test_settings import free_port

__all__ = ["run"]
DATABASE = "sqlite"


async def test_without_its_sandbox_it_names_the_address(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    monkeypatch.setenv("STRIPE_API_BASE", nobody)
    sentence = f"shop: The sandbox at {nobody} does not answer: start the shop, or give the PORT that it has."
    assert await run("audit") == (1, sentence)


@pytest.mark.parametrize("command", ["capture", "refund", "downloads"])
async def test_it_brings_an_older_database_up_to_date(
    command: str, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'older.db'}"
    db = Database(url)
    async with db.writing_engine.begin() as connection:
        await connection.run_sync(to_version, "0002")
    await db.close()
    monkeypatch.setenv("DATABASE_URL", url)
    code, said = await run(command, "C-0000-0000")
    assert (code, said.partition(".")[0]) == (1, "shop: We do not know this order")
