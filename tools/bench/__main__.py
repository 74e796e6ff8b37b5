"""Runs every bench and prints its ratios. To add one: a function that is given an empty folder and answers with ratios,
and its name in BENCHES."""

import asyncio
import signal
import tempfile
from pathlib import Path
from typing import NoReturn

from .measure import Ratio
from .sandbox import sandbox
from .servers import ROOT

BENCHES = (sandbox,)
LONGEST = 150
"""Seconds."""


async def main() -> None:
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    print(
        f"{'medians of one run, turn by turn; takes two minutes':62} {'this':>8} {'that':>8}      ratio",
        flush=True,
    )
    for bench in BENCHES:
        # Not in the system's folder for such files, which may be memory.
        with tempfile.TemporaryDirectory(dir=build, prefix="bench-") as folder:
            for ratio in await bench(Path(folder)):
                print(row(ratio), flush=True)


def row(ratio: Ratio) -> str:
    figures = f"{ratio.over:8.2f} {ratio.under:8.2f} {ratio.unit}"
    return f"{ratio.what:62} {figures}  {ratio.over / ratio.under:6.2f}"


def give_up(*_: object) -> NoReturn:
    raise SystemExit(f"bench: not done after {LONGEST} seconds; is the machine busy with something else?")


signal.signal(signal.SIGALRM, give_up)
signal.alarm(LONGEST)
asyncio.run(main())
