"""Backups that are broken off, and what cannot be backed up or restored: nothing is left behind, and a sentence says
why."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from shop.settings import ROOT
from tests.terminal import Run, run

__all__ = ["run"]
DATABASE = "sqlite"
POSTGRESQL = "postgresql://ada@127.0.0.1:9/shop"
STUCK = """#!/bin/sh
for last; do :; done
echo partial > "${last#--file=}"
exec sleep 60
"""


def program(folder: Path, text: str) -> str:
    """A pg_dump that does what `text` says, as the PATH that leads to it."""
    folder.mkdir()
    (folder / "pg_dump").write_text(text)
    (folder / "pg_dump").chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_backup_that_is_broken_off_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    env = {**os.environ, "PATH": program(tmp_path / "bin", STUCK), "DATABASE_URL": POSTGRESQL}
    (backups := tmp_path / "backups").mkdir()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "shop", "backup", str(backups / "copy")),
        env={**env, "INSTANCE_PATH": str(tmp_path)},
        cwd=ROOT,
        stderr=subprocess.PIPE,
    )
    async with asyncio.timeout(20):
        while not any(path.stat().st_size for path in backups.iterdir()):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        process.send_signal(number)
        _, said = await process.communicate()
    assert (process.returncode, said) == (1, b"shop: Nothing was done. It was broken off.\n")
    assert not [*backups.iterdir()]


async def test_what_a_killed_backup_has_left_is_cleared_away(run: Run, tmp_path: Path) -> None:
    (folder := tmp_path / "backups").mkdir()
    killed = await asyncio.create_subprocess_exec("true")
    await killed.wait()
    mine = {f".copy.{killed.pid}", f".copy.{killed.pid}-journal", f".copy.{os.getpid()}"}
    others = {f".copy.{os.getppid()}", ".copy.html", f".copy2.{killed.pid}", f"copy.{killed.pid}"}
    for name in mine | others:
        (folder / name).touch()
    assert (await run("backup", str(folder / "copy")))[0] == 0
    assert {path.name for path in folder.iterdir()} == {"copy", *others}


@pytest.mark.parametrize("letter", ["n", "ü"])
async def test_a_name_may_be_as_long_as_the_disk_takes(run: Run, tmp_path: Path, letter: str) -> None:
    size = len(letter.encode())
    assert (await run("backup", str(tmp_path / (letter * (255 // size)))))[0] == 0
    code, said = await run("backup", str(tmp_path / (letter * (256 // size + 1))))
    assert (code, said.startswith("shop: Nothing was done. ")) == (1, True)


async def test_who_has_read_and_rests_is_noticed_after_a_restore_that_was_refused(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = str(tmp_path / "copy")
    assert (await run("backup", copy))[0] == 0
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/elsewhere/shop.db")
    assert [(await run("restore", copy))[0] for _ in range(2)] == [0, 1]
    assert [path.name for path in (tmp_path / "elsewhere").iterdir()] == ["shop.db"]
    with closing(sqlite3.connect(tmp_path / "elsewhere/shop.db")) as resting:
        resting.execute("SELECT id FROM books").fetchall()
        code, said = await run("restore", copy, "--force")
    assert (code, "The shop runs, or " in said) == (1, True)


OLD = """#!/bin/sh
echo 'pg_dump: error: aborting because of server version mismatch' >&2
echo 'pg_dump: detail: server version: 17.2 (Debian 17.2-1.pgdg120+1); pg_dump version: 15.8 (Debian 15.8-0)' >&2
exit 1
"""


@pytest.mark.parametrize(
    ("text", "says"), [(OLD, "older than the server (15.8, 17.2): "), (None, "not installed here: ")]
)
async def test_without_the_servers_programs_it_says_where_they_are(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None, says: str
) -> None:
    path = program(tmp_path / "bin", text) if text else str(tmp_path)
    monkeypatch.setenv("PATH", path)
    monkeypatch.setenv("DATABASE_URL", POSTGRESQL)
    code, said = await run("backup", str(tmp_path / "copy"))
    assert (code, f"pg_dump is {says}" in said, "docs/operating.md, Backup" in said) == (1, True, True)
