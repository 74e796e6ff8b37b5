"""`shop run --workers 2`, as a process and its children: who dies is replaced, and nobody is left behind."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio

from shop.files import keep
from shop.settings import ROOT
from tests.test_settings import free_port


@dataclass
class Crew:
    process: asyncio.subprocess.Process
    shop: httpx.AsyncClient
    told: list[dict[str, Any]] = field(default_factory=list)  # log lines

    async def tells(self, event: str) -> dict[str, Any]:
        """The next line of that kind."""
        assert self.process.stderr
        while line := await asyncio.wait_for(self.process.stderr.readline(), 20):
            with contextlib.suppress(ValueError):
                self.told.append(json.loads(line))
                if self.told[-1]["event"] == event:
                    return self.told[-1]
        raise AssertionError(self.told)

    async def answers(self) -> bool:
        """On a connection of its own: whoever is free takes it."""
        return (await self.shop.get("/healthz", headers={"Connection": "close"})).status_code == 200

    @property
    def pids(self) -> list[int]:
        return [line["pid"] for line in self.told if line["event"] == "worker.started"]

    async def are_gone(self) -> None:
        async with asyncio.timeout(10):
            while any(_runs(pid) for pid in self.pids):  # noqa: ASYNC110
                await asyncio.sleep(0.02)


@pytest_asyncio.fixture
async def crew(tmp_path: Path) -> AsyncIterator[Crew]:
    own = {k: v for k, v in os.environ.items() if not k.startswith(("STRIPE", "SHOP", "DATABASE", "METRICS"))}
    port, nowhere = free_port(), "http://127.0.0.1:9"
    env = {**own, "INSTANCE_PATH": str(tmp_path), "PORT": str(port), "STRIPE_API_BASE": nowhere}
    command, pipe = (sys.executable, "-m", "shop", "run", "--workers", "2"), asyncio.subprocess
    process = await asyncio.create_subprocess_exec(
        *command, env=env, cwd=ROOT, stdout=pipe.DEVNULL, stderr=pipe.PIPE
    )
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20, verify=False) as shop:
        made = Crew(process, shop)
        try:
            await made.tells("worker.started")
            await made.tells("worker.started")
            yield made
        finally:
            for pid in (process.pid, *made.pids):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            await process.communicate()


@contextmanager
def asleep(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    yield
    os.kill(pid, signal.SIGCONT)


def _runs(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


async def test_each_worker_answers_who_dies_is_replaced_and_a_signal_ends_all(crew: Crew) -> None:
    one, other = crew.pids
    for sleeper in (one, other):
        with asleep(sleeper):
            assert await crew.answers()
    os.kill(one, signal.SIGKILL)
    assert (await crew.tells("worker.died"))["pid"] == one
    replaced = (await crew.tells("worker.started"))["pid"]
    with asleep(other):
        assert await crew.answers()
    crew.process.terminate()
    assert await asyncio.wait_for(crew.process.wait(), 15) == 0
    assert not any(_runs(pid) for pid in (one, other, replaced))


async def test_workers_whose_parent_is_killed_end_by_themselves(crew: Crew) -> None:
    assert await crew.answers()
    crew.process.kill()
    await crew.are_gone()


def test_a_database_that_cannot_be_had_ends_all_with_one_line(tmp_path: Path) -> None:
    env = {**os.environ, "INSTANCE_PATH": str(tmp_path), "PORT": str(free_port())}
    env |= {"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none", "STRIPE_API_BASE": "http://127.0.0.1:9"}
    command = [sys.executable, "-m", "shop", "run", "--workers", "2"]
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=60)
    *logged, said = done.stderr.splitlines()
    assert (done.returncode, said[:19]) == (2, "shop: The database ")
    assert not any(_runs(json.loads(line)["pid"]) for line in logged)


def test_processes_that_keep_the_same_file_at_once_do_not_meet(tmp_path: Path) -> None:
    """Threads, since processes of several machines may have the same number as well."""
    (source := tmp_path / "book.epub").write_bytes(os.urandom(4_000_000))
    with ThreadPoolExecutor(8) as pool:
        names = set(pool.map(lambda _: keep(source, tmp_path / "files"), range(8)))
    assert [path.name for path in (tmp_path / "files").iterdir()] == list(names)
    assert (tmp_path / "files" / names.pop()).read_bytes() == source.read_bytes()
