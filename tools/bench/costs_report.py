"""bench/COSTS.md: the table of costs, and what follows from it for a day."""

import os
import platform
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

# A shop's day: of a hundred visits two end in an order, a visit looks at ten pages.
VISITS_AN_ORDER, VIEWS_A_VISIT = 50, 10
MIX = {
    "shelf, kept": 0.4,
    "shelf, made anew": 0.05,
    "search, a new word": 0.1,
    "book, made anew": 0.15,
    "book, kept": 0.3,
}
BUSY = 0.5  # of a core's time, at most, in the busiest hour
PEAK = 3  # times the day's average, in that hour


class Cost(NamedTuple):
    step: str
    cpu: float
    """Milliseconds of the shop's process."""
    calls: float
    """To Stripe."""
    sent: int
    """Bytes, compressed, with the head."""
    each: Mapping[str, float]
    """Of the calls, by what is called."""
    statements: int = 0
    commits: int = 0


class Sum(NamedTuple):
    cpu: float
    statements: float
    commits: float
    calls: float
    sent: float


def write(folder: Path, costs: Sequence[Cost], views: Sequence[str], order: Sequence[str]) -> None:
    (folder / "COSTS.md").write_text("\n".join(_text(costs, views, order)) + "\n", encoding="utf-8")


def _text(costs: Sequence[Cost], views: Sequence[str], order: Sequence[str]) -> Iterator[str]:
    of = {cost.step: cost for cost in costs}
    yield "# What a page view and an order cost"
    yield ""
    yield f"Measured on {datetime.now(UTC):%Y-%m-%d} with `python -m tools.bench.costs`; not edited. {_how()}"
    yield ""
    yield from HEAD
    for step in (*views, *order):
        cost = of[step]
        yield f"| {step} | {cost.cpu:.1f} | {cost.statements} | {cost.commits} | {cost.calls:.1f} | {cost.sent:,} |"
    view, bought = _mixed(of), _added(of, order)
    yield _row("**a page view**, mixed", view)
    yield _row("**an order**, all its steps", bought)
    yield ""
    asked = Counter[str]()
    for step in order:
        asked.update(of[step].each)
    (most, times), *_ = asked.most_common()
    yield f"Of what an order asks of Stripe, most is `{most}`: {times:.1f} times."
    yield ""
    yield from _day(view, bought)


def _how() -> str:
    return (
        f"One process on SQLite with 10,000 books, one request at a time, {os.cpu_count()} cores, Python "
        f"{platform.python_version()}. CPU time is that of the shop's process (on PostgreSQL the server's comes on "
        "top); statements without the look at the catalogue's revision, which comes twice a second at most; a commit "
        "waits for the disk; bytes as a browser gets them, compressed."
    )


HEAD = (
    "| Step | CPU ms | statements | commits | calls to Stripe | bytes sent |",
    "| --- | ---: | ---: | ---: | ---: | ---: |",
)


def _row(name: str, cost: Sum) -> str:
    counts = " | ".join(f"{count:.1f}" for count in (cost.cpu, cost.statements, cost.commits, cost.calls))
    return f"| {name} | {counts} | {cost.sent:,.0f} |"


def _mixed(of: dict[str, Cost]) -> Sum:
    return Sum(*(sum(part * getattr(of[step], name) for step, part in MIX.items()) for name in Sum._fields))


def _added(of: dict[str, Cost], steps: Sequence[str]) -> Sum:
    return Sum(*(sum(getattr(of[step], name) for step in steps) for name in Sum._fields))


def _day(view: Sum, bought: Sum) -> Iterator[str]:
    views = VISITS_AN_ORDER * VIEWS_A_VISIT
    one = views * view.cpu + bought.cpu  # milliseconds for an order and all the views that come with it
    orders = 86_400_000 * BUSY / PEAK / one
    mixed = ", ".join(f"{part:.0%} {step}" for step, part in MIX.items())
    yield "## A day"
    yield ""
    yield (
        f"Taken for granted: an order comes with {views} page views ({mixed}); the busiest hour has {PEAK} times the "
        f"average, and may take {BUSY:.0%} of one core."
    )
    yield ""
    yield "| One process, one core | a day | in a second of the busiest hour |"
    yield "| --- | ---: | ---: |"
    for name, count in (
        ("page views", orders * views),
        ("orders", orders),
        ("statements", orders * (views * view.statements + bought.statements)),
        ("commits", orders * bought.commits),
        ("calls to Stripe", orders * bought.calls),
        ("megabytes sent", orders * (views * view.sent + bought.sent) / 1e6),
    ):
        yield f"| {name} | {_rounded(count)} | {count * PEAK / 86_400:,.1f} |"


def _rounded(count: float) -> str:
    """To two digits: it is no better known."""
    return f"{float(f'{count:.2g}'):,.0f}"
