"""`make drill N=3` begins a drill; `make drills-check` holds all of them to what they promise (N=3: that one)."""

import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

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
        print(f"{folder} is there from another time: go on in it, or begin anew after\n  rm -rf {folder}")
        return 2
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        dir=folder.parent
    ) as made:  # so that a start that is broken off leaves nothing
        project = Path(made) / "project"
        project.mkdir()
        copy_project(project)
        add_tests(drill, project)
        (project / "tests/drill/conftest.py").write_text(CLOCK)
        project.rename(folder)
    make_environment(folder)
    clock.start(folder, drill.minutes)
    begin_history(folder)
    until = datetime.now().astimezone() + timedelta(minutes=drill.minutes)
    hints = drill.folder / "README.md"
    print(
        f"{drill.statement}\n\n{TOLD.format(folder=folder, hints=hints, minutes=drill.minutes, until=until)}"
    )
    return 0


CLOCK = '''"""Says the minute after each run."""

from tools.drills.clock import pytest_terminal_summary

__all__ = ["pytest_terminal_summary"]
'''
TOLD = """{minutes} minutes. Work in {folder}:

    cd {folder}
    .venv/bin/pytest -q --show-capture=no tests/drill
    git add -AN && git diff    # what you have done

Hints, in three steps: {hints}
The clock is running: until {until:%H:%M}."""

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
