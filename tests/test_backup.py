"""A copy of the database that is made while books are sold, and the way back."""

import asyncio
import itertools
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from shop.audit import audit
from shop.db import Database
from shop.jobs import recover
from shop.mailing import send_due
from shop.migrating import revisions
from shop.models import OrderStatus
from shop.orders import find_order
from tests.conftest import NewShopper, ShopUnderTest
from tests.databases import empty_database
from tests.postgresql import programs
from tests.shopper import Shopper
from tests.terminal import Run, run
from tests.test_audit import AT_ONCE
from tests.test_migrations import to_version
from tests.test_payments import send_no_webhooks

__all__ = ["run"]
DREAM = "the-dream-machine"


@pytest.fixture(autouse=True)
def own_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the server's own version."""
    monkeypatch.setenv("PATH", f"{programs()}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
async def elsewhere(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The address of a database that does not exist yet, or is empty."""
    if database == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/elsewhere/shop.db"
    return await empty_database(request.getfixturevalue("postgresql"), "elsewhere")


async def test_what_was_sold_is_there_again(
    new_shopper: NewShopper,
    shop: ShopUnderTest,
    run: Run,
    elsewhere: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    paid, paying, browsing = (new_shopper() for _ in range(3))
    await send_no_webhooks(paid)
    for shopper in (paid, paying):
        await shopper.check_out(DREAM)
    await paid.pay()
    await paying.press()
    await browsing.add("flatland")
    backup, quantities = asyncio.create_task(run("backup", str(tmp_path / "copy"))), itertools.cycle((2, 3))
    while not backup.done():
        changed = await browsing.post("/cart/items/flatland", quantity=next(quantities))
        assert changed.status_code == 303
    assert (await backup)[0] == 0
    await paying.confirm()
    monkeypatch.setenv("DATABASE_URL", elsewhere)
    assert (await run("restore", str(tmp_path / "copy")))[0] == 0
    db, gateway = Database(elsewhere), shop.app.extensions["gateway"]
    await recover(db, gateway, timedelta())
    await send_due(db, shop.settings)
    assert await audit(db, gateway, older_than=AT_ONCE) == []
    for shopper in (paid, paying):
        assert (await find_order(db, shopper.order.rpartition("/")[2])).status is OrderStatus.PAID
    await db.close()


async def test_nothing_is_written_over(shop: ShopUnderTest, run: Run, tmp_path: Path) -> None:
    (tmp_path / "copy").write_text("precious")
    code, said = await run("backup", str(tmp_path / "copy"))
    assert (code, "exists: name a file that does not" in said) == (1, True)
    assert (tmp_path / "copy").read_text() == "precious"


async def test_a_copy_is_for_its_owners_eyes(shop: ShopUnderTest, run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    (shop.settings.instance / "files").mkdir()
    (shop.settings.instance / "files/book.epub").write_text("a book")
    code, said = await run("backup", str(folder / "copy"))
    assert (code, (folder / "copy").stat().st_mode & 0o777) == (0, 0o600)
    assert [path.name for path in folder.iterdir()] == ["copy"]
    assert f"copy {shop.settings.instance}/files (1 files) as well" in said


async def test_beside_a_running_shop_nothing_is_restored(
    shopper: Shopper, shop: ShopUnderTest, run: Run, tmp_path: Path
) -> None:
    await shopper.check_out(DREAM)
    assert (await run("backup", str(tmp_path / "copy")))[0] == 0
    code, said = await run("restore", str(tmp_path / "copy"), "--force")
    assert (code, "The shop runs, or " in said) == (1, True)
    await shopper.pay()


async def test_a_database_that_holds_something_is_spared_unless_forced(
    shop: ShopUnderTest, run: Run, elsewhere: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await run("backup", str(tmp_path / "copy")))[0] == 0
    monkeypatch.setenv("DATABASE_URL", elsewhere)
    assert (await run("migrate"))[0] == 0
    code, said = await run("restore", str(tmp_path / "copy"))
    assert (code, "is not empty: " in said) == (1, True)
    assert (await run("restore", str(tmp_path / "copy"), "--force"))[0] == 0
    assert (await run("restore", str(tmp_path / "copy"), "--force"))[0] == 0


@pytest.mark.parametrize(
    "harm",
    [
        lambda whole, middle: whole[:middle],
        lambda whole, middle: whole[:middle] + bytes(8192) + whole[middle + 8192 :],
        lambda whole, middle: b"something else" * 1000,
        None,
    ],
    ids=["cut short", "changed", "another file", "gone"],
)
async def test_a_damaged_copy_is_found_before_anything_is_touched(
    shop: ShopUnderTest, run: Run, elsewhere: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: Any
) -> None:
    copy = tmp_path / "copy"
    assert (await run("backup", str(copy)))[0] == 0
    whole = copy.read_bytes()
    copy.unlink()
    if harm:
        copy.write_bytes(harm(whole, len(whole) // 2))
    monkeypatch.setenv("DATABASE_URL", elsewhere)
    code, said = await run("restore", str(copy))
    assert (code, said.startswith(f"shop: Nothing was done. {copy}: ")) == (1, True)


async def change(url: str, *statements: str) -> None:
    db = Database(url)
    async with db.write() as session:
        for statement in statements:
            await session.execute(text(statement))
    await db.close()


async def version(url: str) -> str | None:
    db = Database(url)
    async with db.read() as session:
        found: str | None = await session.scalar(text("SELECT version_num FROM alembic_version"))
    await db.close()
    return found


@pytest.mark.parametrize("told", [revisions()[-1:], revisions()[:1], []], ids=["first", "newest", "none"])
async def test_what_is_no_shop_replaces_none(
    run: Run, elsewhere: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: list[str]
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setenv("DATABASE_URL", elsewhere)
    inserts = [f"INSERT INTO alembic_version VALUES ('{name}')" for name in told]
    await change(elsewhere, "CREATE TABLE alembic_version (version_num VARCHAR(32))", *inserts)
    assert (await run("backup", str(tmp_path / "other")))[0] == 0
    await change(elsewhere, "DROP TABLE alembic_version")
    assert (await run("migrate"))[0] == 0
    code, said = await run("restore", str(tmp_path / "other"), "--force")
    assert (code, "it is no backup of a shop" in said) == (1, True)
    assert await version(elsewhere) == revisions()[0]
    await change(elsewhere, "UPDATE books SET stock = 1")
    assert not [path for path in (tmp_path / "elsewhere").iterdir() if path.name.startswith(".")]


async def test_an_older_backup_is_migrated(
    run: Run, elsewhere: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setenv("DATABASE_URL", elsewhere)
    db = Database(elsewhere)
    async with db.writing_engine.begin() as connection:
        await connection.run_sync(to_version, revisions()[1])
    await db.close()
    assert (await run("backup", str(tmp_path / "copy")))[0] == 0
    assert (await run("restore", str(tmp_path / "copy"), "--force"))[0] == 0
    assert await version(elsewhere) == revisions()[0]
