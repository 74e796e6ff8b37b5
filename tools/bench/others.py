"""What is measured in other ways than by requests a second: an import, a sudden death, and shops of other makes."""

import asyncio
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from . import servers
from .books import Base, write_csv
from .load import Load, get, once, post, repeat
from .shoppers import Shelf, Shopper, fill_carts, look_around

IMPORTED = 100_000
SMALL = """import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"""
DYING = 1.0  # seconds until the end


class Import(NamedTuple):
    rate: float
    """Rows a second."""
    memory: int
    """Resident bytes, at most."""
    waited: float
    """Milliseconds that a shopper's write took at most meanwhile."""
    writes: int


class Death(NamedTuple):
    answered: int
    lost: int
    """Of what was answered."""


class Earlier(NamedTuple):
    what: str
    load: Load | None
    """None: it could not be installed."""
    bare: float


async def imported(folder: Path, kept: Path, key: str, common: Sequence[Base]) -> Import:
    """Into a shop with the demo books, while somebody changes a cart all the time."""
    file = kept / f"import-{key}-{IMPORTED}.csv"
    _write_once(file, common)
    url = f"sqlite:///{folder / 'shop.db'}"
    with servers.sandbox(folder / "sandbox.db") as stripe, servers.shop(folder, url, stripe) as shop:
        [shopper] = await fill_carts(shop.url, look_around(folder / "shop.db"), 1, 1)
        env = {**os.environ, **servers.shop_settings(folder, url, stripe)}
        command = [sys.executable, "-m", "shop", "import", str(file)]
        begun = time.perf_counter()
        running = asyncio.create_task(asyncio.to_thread(memory_of, command, env))
        waits = await _writes(shop.url, shopper, running)
        memory = await running
        return Import(IMPORTED / (time.perf_counter() - begun), memory, max(waits) * 1000, len(waits))


def _write_once(file: Path, common: Sequence[Base]) -> None:
    if not file.exists():
        write_csv(file, common, IMPORTED)


def memory_of(command: Sequence[str], env: Mapping[str, str]) -> int:
    """Resident bytes that it has had at most. Linux counts those of the process that starts another as its own, so
    that a small one has to start it."""
    done = subprocess.run(
        [sys.executable, "-c", SMALL, *command],
        cwd=servers.ROOT,
        env=env,
        stdout=subprocess.PIPE,
        check=True,
    )
    return int(done.stdout) * (1 if sys.platform == "darwin" else 1024)


async def _writes(url: str, shopper: Shopper, until: "asyncio.Task[Any]") -> list[float]:
    """Seconds that each took."""
    waits: list[float] = []
    while not until.done():
        quantity = 2 + len(waits) % 2
        asked = post(f"/cart/items/{shopper.slugs[0]}", shopper.cookie, quantity=quantity)
        [answer] = (await once(url, [asked], connections=1)).answers
        assert answer.status == 303, answer
        waits.append(answer.seconds)
        await asyncio.sleep(0.02)
    return waits


async def death(folder: Path, filled: Path, shelf: Shelf) -> Death:
    """Kill a shop with 64 shoppers who add to their carts, and count what it had told them it had done."""
    database = Path(shutil.copy(filled, folder / "shop.db"))
    with (
        servers.sandbox(folder / "sandbox.db") as stripe,
        servers.shop(folder, f"sqlite:///{database}", stripe) as shop,
    ):
        shoppers = await fill_carts(shop.url, shelf, 64, 3)
        adding = [
            post("/cart/items", shopper.cookie, book=slug)
            for _ in range(18)
            for shopper in shoppers
            for slug in shopper.slugs
        ]
        before = _copies(database)
        load = asyncio.create_task(once(shop.url, adding, DYING * 2, connections=64))
        await asyncio.sleep(DYING)
        os.kill(shop.pid, signal.SIGKILL)
        answered = sum(answer.status == 303 for answer in (await load).answers)
    return Death(answered, max(0, answered - (_copies(database) - before)))


def _copies(database: Path) -> int:
    with closing(sqlite3.connect(database)) as db:
        return int(db.execute("SELECT coalesce(sum(quantity), 0) FROM cart_items").fetchone()[0])


async def earlier(folder: Path, size: int) -> list[Earlier]:
    """Pages of as many bytes as the shelf's, as small as they can be written."""
    found: list[Earlier] = []
    with servers.bare() as bare:
        for page, what in (
            ("flask", "Flask, a template and no database, two gunicorn workers"),
            ("django", "Django, one query (SQLite), two gunicorn workers"),
        ):
            if not servers.EARLIER.exists():
                found.append(Earlier(what, None, 0))
                continue
            with servers.earlier(page, folder, size) as server:
                load = await repeat(server.url, [get("/")], 1)
            beside = await repeat(f"{bare.url}/{size}", [get(f"/{size}")], 1)
            found.append(Earlier(what, load, beside.rate))
    return found
