"""Medians taken turn by turn, so that whatever else the machine does falls on all of them."""

import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

Timed = Callable[[int], Awaitable[Any]]
"""What is measured; it is given the number of the round."""


class Ratio(NamedTuple):
    what: str
    over: float
    under: float
    unit: str = "ms"


async def medians(timed: Sequence[Timed], rounds: int) -> list[float]:
    """Milliseconds. The first round warms up and is not counted."""
    taken: list[list[float]] = [[] for _ in timed]
    for number in range(rounds + 1):
        for call, times in zip(timed, taken, strict=True):
            before = time.perf_counter()
            await call(number)
            times.append((time.perf_counter() - before) * 1000)
    return [statistics.median(times[1:]) for times in taken]
