"""bench/RESULTS.md and its chart, from one run."""

import os
import platform
import sqlite3
import statistics
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from .bounds import FEW, GROWING, MILLION, MOST, Run, bounds
from .chart import share, svg
from .load import CONNECTIONS, WRK
from .measure import Ratio
from .measured import Figure, Measured
from .others import Earlier

PACKAGES = ("quart", "uvicorn", "uvloop", "sqlalchemy", "aiosqlite", "asyncpg", "stripe")


class Report(NamedTuple):
    run: Run
    earlier: Sequence[Earlier]
    sandbox: Sequence[Ratio]
    source: str
    """Where the books come from, in words."""
    left_out: Sequence[str]
    seconds: float
    """That measuring has taken."""
    load: float
    """Average of the machine before it."""
    postgresql: str


def write(folder: Path, report: Report) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "RESULTS.md").write_text("\n".join(_text(report)) + "\n", encoding="utf-8")
    first = report.run.case("SQLite", MOST)
    ratios = {figure.line: figure.ratio for figure in first.figures} if first else {}
    sizes = (FEW, MOST, MILLION)
    growth = {line: [report.run.growth(line, size) for size in sizes] for line in GROWING}
    (folder / "chart.svg").write_text(svg(ratios, growth, sizes), encoding="utf-8")


def _text(report: Report) -> Iterator[str]:
    run = report.run
    yield "# What `make bench` measured"
    yield ""
    yield "Figures of one machine in one run: the ratios within it are the point. Written by `make bench`; not edited."
    yield ""
    yield from _table("", "", rows=_machine(report))
    yield ""
    yield "![Requests a second beside bare Quart, and growth with the number of books](chart.svg)"
    yield from _section("Bounds")
    yield "One process, SQLite with durable settings, 10,000 books, 16 connections, where nothing else is said."
    yield ""
    met = {True: "met", False: "**not met**", None: "not measured"}
    rows = [(each.what, each.bound, each.reached, met[each.met]) for each in bounds(run)]
    yield from _table("What", "Bound", "Reached", "", rows=rows)
    for measured in run.measured:
        case = measured.case
        processes = "one process" if case.processes == 1 else f"{case.processes} processes"
        yield from _section(f"{case.database}, {case.books:,} books, {processes}")
        yield from _table(
            "Line", "requests/s", "p50 ms", "p99 ms", "of bare", "bytes", "driver alone/s", "errors",
            rows=map(_row, measured.figures), right=True,
        )  # fmt: skip
        yield ""
        yield _of_process(measured)
    yield from _section("Beside")
    yield from _table("What", "", rows=_beside(report))
    yield from _section("Shops of one page")
    yield "Pages of as many bytes as the shelf's, as small as they can be written (tools/bench/earlier)."
    yield ""
    yield from _table("What", "requests/s", "of bare", rows=map(_earlier, report.earlier), right=True)
    if report.sandbox:
        yield from _section("The sandbox")
        rows = [
            (r.what, f"{r.over:.2f} {r.unit}", f"{r.under:.2f} {r.unit}", f"{r.over / r.under:.2f}")
            for r in report.sandbox
        ]
        yield from _table("What / beside what", "this", "that", "ratio", rows=rows, right=True)
    yield from _section("How it is measured")
    yield HOW
    if report.left_out:
        yield f"- Left out this time: {'; '.join(report.left_out)}."


HOW = """\
- Of bare: beside a bare Quart route that returns as many bytes, on the same server with as many processes: a second
  of it right after each line, and of those seconds of the case with about as many bytes the median. Pages of the
  catalogue are kept in memory while nothing in it changes and sent before Quart sees the request, so they come
  out above 1; “made anew” and “at random” are pages that are not kept yet.
- Driver alone: the statements of the line, overheard from the shop and sent again by `sqlite3` or `asyncpg` in
  a loop, one after the other, each transaction with its wait for the disk. A dash: the line needs no statement.
- All lines with 10,000 books and one process; with 34 and a million, and with two processes, those that may
  differ there, so that a run takes less than six minutes.
- Rare words are in four titles each, and none is asked twice; frequent ones are drawn as titles have them.
  Carts hold three books. Of checkouts and webhooks each request is another shopper's first, and the sandbox's
  time is in them.
- Own time of a checkout: one after the other, less what the shop waited for Stripe (its own metrics).
- Growth: the ratio to bare Quart with 10,000 books by that with fewer or more."""


def _row(figure: Figure) -> Sequence[str]:
    load = figure.load
    limit = "–" if figure.limit is None else f"{figure.limit:,.0f}" if figure.limit else "?"
    times = (f"{load.rate:,.0f}", f"{load.p50:.1f}", f"{load.p99:.1f}", share(figure.ratio))
    return (figure.line, *times, f"{figure.size:,}", limit, str(load.errors))


def _of_process(measured: Measured) -> str:
    own = "" if measured.own is None else f"; own time of a checkout {measured.own:.1f} ms"
    memory = f"{measured.memory / 1e6:.0f} MB resident at the end"
    bare = statistics.median(figure.bare for figure in measured.figures)
    beside = f"bare Quart beside it {bare:,.0f}/s, by which the absolute figures are to be read"
    return f"First answer {measured.ready:.2f} s after the start; {memory}{own}; {beside}."


def _beside(report: Report) -> Iterator[tuple[str, str]]:
    if done := report.run.imported:
        yield (
            "`shop import` of 100,000 rows beside the running shop",
            f"{done.rate:,.0f} rows/s, {done.memory / 1e6:.0f} MB at most",
        )
        yield f"A shopper's {done.writes} writes meanwhile", f"waited {done.waited:.0f} ms at most"
    if death := report.run.death:
        yield (
            "kill -9 while 64 shoppers add to their carts",
            f"{death.answered} answered, {death.lost} of them lost",
        )


def _earlier(each: Earlier) -> tuple[str, str, str]:
    if each.load is None:
        return each.what, "not installed", ""
    return each.what, f"{each.load.rate:,.0f}", share(each.load.rate / each.bare)


def _machine(report: Report) -> Iterator[tuple[str, str]]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    has = f"{os.cpu_count()} cores, {memory:.0f} GB, {platform.system()}"
    yield "Date", f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC; measuring took {report.seconds:.0f} s"
    yield "Machine", f"{_processor()}, {has}; load {report.load:.1f} before"
    yield (
        "Python",
        f"{platform.python_version()}; " + ", ".join(f"{name} {version(name)}" for name in PACKAGES),
    )
    yield "Databases", f"SQLite {sqlite3.sqlite_version}, {report.postgresql}, both with durable commits"
    yield "Load", f"{'wrk' if WRK else 'a generator of our own'}, {CONNECTIONS} connections"
    yield "Books", report.source


def _processor() -> str:
    if platform.system() == "Darwin":
        told = subprocess.run(["sysctl", "-n", "machdep.cpu.brand_string"], capture_output=True, text=True)
        return told.stdout.strip()
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    named = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def _section(title: str) -> Iterator[str]:
    yield from ("", f"## {title}", "")


def _table(*heads: str, rows: Iterable[Sequence[str]], right: bool = False) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield "| " + " | ".join("---:" if right and place else "---" for place in range(len(heads))) + " |"
    for row in rows:
        yield f"| {' | '.join(row)} |"
