"""The drills are whole, and their solutions fit the project. What they do, `make drills-check` tries."""

import re
import subprocess

from shop.settings import ROOT
from tools.drills.drill import Drill, all_drills

ROW = r"^\| (\d+) \| \[(.+)\]\((.+)/README.md\) \| (\d+) \|"


def test_each_drill_has_a_statement_hints_tests_and_a_solution_that_fits() -> None:
    for drill in all_drills():
        hints = (drill.folder / "README.md").read_text().partition("## Hints")[2]
        assert len(re.findall("<details>", hints)) == 3, drill.folder.name
        assert "Done when" in drill.statement, drill.folder.name
        named = {name for file in drill.tests for name in re.findall(r"def (test_\w+)", file.read_text())}
        assert named == set(drill.fails), drill.folder.name
        command = ["git", "apply", "-C1", "--check", str(drill.solution)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert not done.returncode, f"{done.stderr}\nRun: python -m tools.drills refit"


def test_every_drill_is_in_the_list() -> None:
    def row(drill: Drill) -> tuple[str, ...]:
        return str(drill.number), drill.title, drill.folder.name, str(drill.minutes)

    listed = re.findall(ROW, (ROOT / "drills/README.md").read_text(), re.M)
    assert listed == [row(drill) for drill in all_drills()]
