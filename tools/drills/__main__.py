"""`make drill N=3` begins a drill; `make drills-check` holds all of them to what they promise (N=3: that one)."""

import sys
from datetime import datetime, timedelta

from tools.drills import clock
from tools.drills.check import check
from tools.drills.drill import ROOT, Drill, all_drills, chosen
from tools.drills.refit import refit
from tools.drills.scratch import add_tests, begin_history, copy_project, make_environment


def main(arguments: list[str]) -> int:
    match arguments:
        case ["check"]:
            return min(check(all_drills()), 1)
        case ["refit"]:
            return min(refit(all_drills()), 1)
        case ["check", number]:
            return check([chosen(number)])
        case [number]:
            return begin(chosen(number))
    chosen("")
    return 2


def begin(drill: Drill) -> int:
    """Copy the project, add the drill's tests, and start the clock."""
    folder = ROOT / "build/drills" / drill.folder.name
    if folder.exists():
        print(f"{folder} is there from another time: go on in it, or remove it.")
        return 2
    folder.mkdir(parents=True)
    copy_project(folder)
    add_tests(drill, folder)
    (folder / "tests/drill/conftest.py").write_text(CLOCK)
    make_environment(folder)
    clock.start(folder, drill.minutes)
    begin_history(folder)
    until = datetime.now().astimezone() + timedelta(minutes=drill.minutes)
    print(f"{drill.statement}\n\n{TOLD.format(folder=folder, hints=drill.folder / 'README.md', until=until)}")
    return 0


CLOCK = '''"""Says the minute after each run."""

from tools.drills.clock import pytest_terminal_summary

__all__ = ["pytest_terminal_summary"]
'''
TOLD = """Work in {folder} (`git diff` shows what you have done):

    cd {folder}
    .venv/bin/python -m pytest -q tests/drill

Hints, in three steps: {hints}
The clock is running: until {until:%H:%M}."""

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
