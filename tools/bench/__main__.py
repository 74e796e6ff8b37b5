"""Runs everything and writes bench/RESULTS.md. BOOKS names a file with real rows (tools/bench/books)."""

import logging
import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import structlog
import uvloop

from . import books, filled, others, report, servers
from .bounds import FEW, MILLION, MOST, Run
from .lines import NAMES
from .measure import Ratio
from .measured import Case, Measured, measure
from .postgresql import KeptPostgreSQL, kept
from .sandbox import sandbox
from .shoppers import look_around

LONGEST = 325  # seconds; what has not begun by then is left out
SOME = (
    "shelf", "shelf, with a cart", "shelf, made anew", "search, rare words", "search, frequent words",
    "books at random", "cart", "add to cart",
)  # fmt: skip
BUYING = ("checkout", "webhook", "order")
# There is nothing rare among so few, and nothing that a cart in the cookie would change.
OF_FEW = [name for name in SOME if name not in ("search, rare words", "shelf, with a cart")]
FIRST = (
    Case("SQLite", MOST, 1, NAMES, seconds=2),
    Case("SQLite", FEW, 1, OF_FEW),  # who buys again and again would soon find nothing left
    # As long as the first: of searches, more and more are kept pages.
    Case("SQLite", MILLION, 1, (*SOME, "shelf, page 40", "category", "change quantity", *BUYING), seconds=2),
)
THEN = (
    Case("PostgreSQL", MOST, 2, (*SOME, *BUYING), seconds=2),
    Case("PostgreSQL", MOST, 1, [name for name in NAMES if name != "add to cart, 64 at once"]),
    Case("PostgreSQL", MILLION, 1, SOME),
    Case("PostgreSQL", FEW, 1, OF_FEW),
    Case("SQLite", MOST, 2, ("shelf, made anew", "cart", "add to cart")),
)


async def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    file = Path(os.environ["BOOKS"]) if os.environ.get("BOOKS") else None
    if file and not file.is_file():
        raise SystemExit(f"bench: {file} is no file.")
    folder = servers.ROOT / "build/bench"
    folder.mkdir(parents=True, exist_ok=True)
    server = kept(folder / "postgresql")
    try:
        # Not in the system's folder for such files, which may be memory.
        with tempfile.TemporaryDirectory(dir=folder, prefix="run-") as passing:
            report.write(servers.ROOT / "bench", await Bench(folder, Path(passing), file, server).run())
    finally:
        server.stop()


class Bench:
    def __init__(self, folder: Path, passing: Path, file: Path | None, server: KeptPostgreSQL) -> None:
        self.folder, self.passing, self.server = folder, passing, server
        try:
            self.common, self.key = books.bases(file), books.fingerprint(file)
        except ValueError as error:
            raise SystemExit(f"bench: {file}: {error}.") from None
        if not self.common:
            raise SystemExit(f"bench: {file} has no rows with isbn13, title and authors.")
        self.source = f"{len(self.common):,} of a file" if file else f"{len(self.common):,} made of syllables"
        self.files: dict[int, Path] = {}
        self.urls: dict[tuple[str, int], str] = {}
        self.left_out: list[str] = []
        self.begun = 0.0

    async def run(self) -> report.Report:
        await self.prepare()
        load, self.begun = os.getloadavg()[0], time.monotonic()
        self.server.pause()  # it would tidy up a million rows meanwhile
        measured = [each for case in FIRST if (each := await self.measure(case))]
        say("a sudden death, an import, shops of one page")
        few = self.files[MOST]
        death = await others.death(servers.fresh(self.passing / "death"), few, look_around(few))
        folder = servers.fresh(self.passing / "import")
        imported = await others.imported(folder, self.folder, self.key, self.common)
        size = next(figure.size for figure in measured[0].figures if figure.line == "shelf")
        earlier = await others.earlier(servers.fresh(self.passing / "earlier"), size)
        self.server.start()
        measured += [each for case in THEN if (each := await self.measure(case))]
        return report.Report(
            Run(measured, imported, death),
            earlier,
            await self.sandbox(),
            f"{self.source}, multiplied to a million",
            self.left_out,
            time.monotonic() - self.begun,
            load,
            self.server.version,
        )

    async def prepare(self) -> None:
        say("preparing the books (minutes the first time, then they are kept in build/bench)")
        await filled.make_room(self.folder, self.key, self.server)
        for size in (FEW, MOST, MILLION):
            if size == FEW:
                self.files[size] = await filled.demo(self.passing, self.key, size)
            else:
                self.files[size] = await filled.sqlite(self.folder, self.key, self.common, size)
            self.urls["SQLite", size] = f"sqlite:///{self.files[size]}"
            self.urls["PostgreSQL", size] = await filled.postgresql(self.server, self.files[size])

    async def measure(self, case: Case) -> Measured | None:
        what = f"{case.database}, {case.books:,} books, processes: {case.processes}"
        if self.is_late():
            self.leave_out(what, "no time left")
            return None
        say(what)
        folder = servers.fresh(self.passing / what.replace(" ", ""))
        url = self.urls[case.database, case.books]
        try:
            return await measure(case, url, look_around(self.files[case.books]), folder, say)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    async def sandbox(self) -> Sequence[Ratio]:
        if self.is_late():
            self.leave_out("the sandbox", "no time left")
            return ()
        say("the sandbox")
        return await sandbox(servers.fresh(self.passing / "sandbox"))

    def is_late(self) -> bool:
        return time.monotonic() - self.begun > LONGEST

    def leave_out(self, what: str, reason: str) -> None:
        say(f"{what}: {reason}")
        self.left_out.append(f"{what} ({reason})")


def say(words: str) -> None:
    print(words, flush=True)


uvloop.run(main())
