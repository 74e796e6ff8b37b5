"""What the shop is to reach, and what it has reached in a run."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from .measured import Figure, Measured
from .others import Death, Import

MILLION, MOST, FEW = 1_000_000, 10_000, 34
GROWING = (
    "shelf", "shelf, made anew", "search, rare words", "search, frequent words", "books at random", "cart",
)  # fmt: skip


class Run(NamedTuple):
    measured: Sequence[Measured]
    imported: Import | None
    death: Death | None

    def case(self, database: str, books: int, processes: int = 1) -> Measured | None:
        wanted = (database, books, processes)
        return next((each for each in self.measured if each.case[:3] == wanted), None)

    def figure(
        self, line: str, books: int = MOST, database: str = "SQLite", processes: int = 1
    ) -> Figure | None:
        case = self.case(database, books, processes)
        return next((figure for figure in case.figures if figure.line == line), None) if case else None

    def growth(self, line: str, books: int) -> float | None:
        """The time of a request, that with ten thousand books being 1; each beside bare Quart of its moment."""
        here, there = self.figure(line, books), self.figure(line)
        return there.ratio / here.ratio if here and there and here.ratio else None


class Bound(NamedTuple):
    what: str
    bound: str
    reached: str
    met: bool | None
    """None: not measured."""


def bounds(run: Run) -> Iterator[Bound]:
    """One process, SQLite, 10,000 books and 16 connections, where nothing else is said."""
    for line, least in (
        ("shelf", 0.6), ("book", 0.6), ("shelf, with a cart", 0.35), ("book, with a cart", 0.35), ("cart", 0.08),
        ("search, rare words", 0.06),
    ):  # fmt: skip
        yield _of_bare(run, line, least)
    yield _below(run, "search, rare words", "p99 at a million books", 80, lambda f: f.load.p99, MILLION)
    yield _at_least(run, "add to cart", 250)
    yield _below(run, "add to cart", "p99", 120, lambda f: f.load.p99)
    yield _below(run, "add to cart, 64 at once", "errors", 1, lambda f: f.load.errors, unit="")
    lost = run.death and f"{run.death.lost} of {run.death.answered} answers lost"
    yield Bound(
        "add to cart: answers survive kill -9", "none lost", lost or "", run.death and not run.death.lost
    )
    first = run.case("SQLite", MOST)
    yield _less("checkout: own time beside Stripe's", 15, first and first.own)
    yield _at_least(run, "webhook", 100)
    yield _two_processes(run)
    for line in (
        "shelf",
        "shelf, made anew",
        "books at random",
        "search, rare words",
        "search, frequent words",
    ):
        yield _less(f"{line}: time at a million books, 10,000 being 1", 1.5, run.growth(line, MILLION), "", 2)
    memory = max((each.memory for each in run.measured), default=0) / 1e6
    yield _less("memory of a process", 130, memory or None, " MB", 0)
    ready = max((each.ready for each in run.measured), default=0)
    yield _less("first answer after a warm start", 1.5, ready or None, " s", 2)
    done = run.imported
    rate = f"{done.rate:,.0f} rows/s" if done else ""
    yield Bound("import: a million rows under 120 s", "8,333 rows/s", rate, done and done.rate >= 8333)
    yield _less("import: a shopper's write waits", 1000, done and done.waited, " ms", 0)


def _of_bare(run: Run, line: str, least: float) -> Bound:
    figure = run.figure(line)
    reached = f"{figure.ratio:.3f}" if figure else ""
    return Bound(f"{line}: of bare Quart", f"at least {least}", reached, figure and figure.ratio >= least)


def _at_least(run: Run, line: str, least: float) -> Bound:
    figure = run.figure(line)
    reached = f"{figure.load.rate:,.0f}/s" if figure else ""
    return Bound(line, f"at least {least}/s", reached, figure and figure.load.rate >= least)


def _below(
    run: Run,
    line: str,
    what: str,
    most: float,
    value: Callable[[Figure], float],
    books: int = MOST,
    unit: str = " ms",
) -> Bound:
    figure = run.figure(line, books)
    return _less(f"{line}: {what}", most, value(figure) if figure else None, unit, 0)


def _less(what: str, most: float, value: float | None, unit: str = " ms", places: int = 1) -> Bound:
    reached = "" if value is None else f"{value:,.{places}f}{unit}"
    return Bound(what, f"under {most:g}{unit}", reached, None if value is None else value < most)


def _two_processes(run: Run) -> Bound:
    """Beside one process on SQLite, by the line that has lost most; all that have are named."""
    two, one = run.case("PostgreSQL", MOST, 2), run.case("SQLite", MOST)
    what = "PostgreSQL with two processes: no slower than SQLite with one"
    if not (two and one):
        return Bound(what, "at least 1", "", None)
    before = {figure.line: figure.load.rate for figure in one.figures}
    parts = sorted((f.load.rate / before[f.line], f.line) for f in two.figures if before.get(f.line))
    named = [part for part in parts if part[0] < 1] or parts[:1]
    reached = ", ".join(f"{part:.2f} ({line})" for part, line in named)
    return Bound(what, "at least 1", reached, parts[0][0] >= 1)
