"""A drill: drill.toml, README.md and test files in `drills/NN-name/`, its solution in `drills/solutions/NN.patch`."""

import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DRILLS = ROOT / "drills"


@dataclass(frozen=True)
class Drill:
    folder: Path
    title: str
    minutes: int  # the time budget
    fails: dict[str, str]  # each test of it, and what its failure says as long as nothing is built
    still: tuple[str, ...]  # tests of the project beside which the solution is tried

    @property
    def number(self) -> int:
        return int(self.folder.name[:2])

    @property
    def solution(self) -> Path:
        return DRILLS / f"solutions/{self.number:02}.patch"

    @property
    def tests(self) -> list[Path]:
        return sorted(self.folder.glob("test_*.py"))

    @property
    def statement(self) -> str:
        """What the interviewer says; the hints come after it."""
        return (self.folder / "README.md").read_text().partition("## Hints")[0].strip()


def all_drills() -> list[Drill]:
    return [read(file.parent) for file in sorted(DRILLS.glob("[0-9][0-9]-*/drill.toml"))]


def read(folder: Path) -> Drill:
    said = tomllib.loads((folder / "drill.toml").read_text())
    return Drill(folder, said["title"], said["minutes"], said["fails"], tuple(said.get("still", ())))


def chosen(number: str) -> Drill:
    """The drill of that number; ends the command where there is none."""
    for drill in all_drills():
        if number.isdecimal() and drill.number == int(number):
            return drill
    listed = "\n".join(
        f"  {drill.number:2}  {drill.title} ({drill.minutes} minutes)" for drill in all_drills()
    )
    sys.exit(f"Choose a drill by its number, like `make drill N=1`:\n{listed}")
