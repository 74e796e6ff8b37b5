"""`make soak`: a crowd at three processes (`tools.crowd`), then stories and kill points by the thousand, on both
databases at once, and a table of what there was.

Goes on where it was stopped, as long as the code is the same. STORIES says how many on each database."""

import asyncio
import hashlib
import json
import logging
import multiprocessing
import os
import signal
import sys
import tempfile
import traceback
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from shop.settings import ROOT
from tests.crash.journeys import JOURNEYS, Journey
from tests.crash.mortal import Sandbox
from tests.crash.town import survive, town
from tests.databases import empty_database, stock
from tests.postgresql import TemporaryPostgreSQL
from tests.stories.playing import play
from tests.stories.theatre import on_postgresql, on_sqlite
from tools import crowd

BLOCK = 20  # stories from one seed
COLUMNS = ("stories", "faults", "kills", "orders", "paid", "refunds", "disagreements")


def main() -> int:
    folder, stories = ROOT / "build/soak", int(os.environ.get("STORIES") or 10_000)
    folder.mkdir(parents=True, exist_ok=True)
    spawn = multiprocessing.get_context("spawn")
    many = spawn.Process(target=crowd.main)
    workers = [
        spawn.Process(target=soak, args=(database, stories, folder)) for database in ("sqlite", "postgresql")
    ]
    for begun in ([many], workers):  # the crowd needs both cores
        signal.signal(signal.SIGTERM, lambda *_, begun=begun: [each.terminate() for each in begun])
        for process in begun:
            process.start()
        for process in begun:
            process.join()
        if any(process.exitcode for process in begun):
            break
    records = [Record.read(folder, database) for database in ("sqlite", "postgresql")]
    print(table(records))
    good = all(process.exitcode == 0 for process in (many, *workers))
    return 0 if good and not any(record.total["disagreements"] for record in records) else 1


@dataclass
class Record:
    """What has been done on one database, by the name of the part."""

    file: Path
    code: str
    parts: dict[str, dict[str, int]] = field(default_factory=dict)
    bad: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path, database: str) -> "Record":
        record = cls(folder / f"{database}.json", fingerprint())
        if record.file.exists():
            kept = json.loads(record.file.read_text())
            if kept["code"] == record.code:
                record.parts, record.bad = kept["parts"], kept["bad"]
        return record

    def add(self, part: str, tally: Counter[str], trouble: str = "") -> None:
        self.parts[part] = dict(tally)
        if trouble:
            self.bad[part] = trouble
            print(f"{self.file.stem}, {part}:\n{trouble}", flush=True)
        self.file.write_text(json.dumps({"code": self.code, "parts": self.parts, "bad": self.bad}, indent=1))
        print(f"{self.file.stem}: {part}", flush=True)

    @property
    def total(self) -> Counter[str]:
        return sum((Counter(part) for part in self.parts.values()), Counter())


def fingerprint() -> str:
    files = sorted(path for place in ("shop", "tests") for path in (ROOT / place).rglob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def table(records: list[Record]) -> str:
    lines = [["", *COLUMNS], ["---"] + ["---:"] * len(COLUMNS)]
    lines += [[record.file.stem, *(str(record.total[name]) for name in COLUMNS)] for record in records]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def soak(database: str, stories: int, folder: Path) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that no server is left behind
    logging.disable()  # what goes wrong is meant to
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    record = Record.read(folder, database)
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="shop-soak-")))
        server = TemporaryPostgreSQL() if database == "postgresql" else None
        if server:
            stack.callback(server.stop)
        sandbox = Sandbox(scratch)
        stack.callback(sandbox.stop)
        for number in range(-(-stories // BLOCK)):
            if f"stories from seed {number}" not in record.parts:
                tell(record, number, min(BLOCK, stories - number * BLOCK), scratch, server)
        for journey in JOURNEYS:
            for back_at_once in (False, True):
                part = f"{journey}{', back at once' if back_at_once else ''}"
                if part not in record.parts:
                    asyncio.run(kill(record, part, journey, back_at_once, scratch, server, sandbox))


async def kill(
    record: Record,
    part: str,
    journey: Journey,
    back_at_once: bool,
    scratch: Path,
    server: TemporaryPostgreSQL | None,
    sandbox: Sandbox,
) -> None:
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        url = await empty_database(server, "kills") if server else f"sqlite+aiosqlite:///{folder}/shop.db"
        await stock(url)
        async with town(Path(folder), url, sandbox) as opened:
            survived = await survive(opened, journey, every=1, back_at_once=back_at_once)
    bad = [f"{point}: {ended}" for point, ended in survived.items() if ended != "survived"]
    record.add(part, Counter(kills=len(survived), disagreements=len(bad)), "\n".join(bad))


def tell(record: Record, number: int, count: int, scratch: Path, server: TemporaryPostgreSQL | None) -> None:
    tally: Counter[str] = Counter()
    trouble = ""
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        theatre = on_postgresql(Path(folder), server) if server else on_sqlite(Path(folder))
        try:
            play(theatre, number, count, tally)
        except Exception as error:
            tally["disagreements"] += 1
            trouble = "".join(traceback.format_exception(error))[-5000:]
    record.add(f"stories from seed {number}", tally, trouble)


if __name__ == "__main__":
    sys.exit(main())
