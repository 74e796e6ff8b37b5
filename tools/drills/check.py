"""`make drills-check`: each drill's tests fail as it says while nothing is built, and pass with its solution."""

import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree

from tools.drills.drill import ROOT, Drill
from tools.drills.scratch import add_tests, apply_solution, copy_project

CHECKS = (
    ["ruff", "check", "."],
    ["ruff", "format", "--check", "."],
    ["mypy"],
    ["pytest", "-q", "tests/test_docs.py"],
)


def check(drills: list[Drill]) -> int:
    """How many drills are not as they should be; says what is wrong with each."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        troubles = list(pool.map(trouble_with, drills))
    for drill, trouble in zip(drills, troubles, strict=True):
        print(f"{drill.folder.name}: {trouble or 'fails without its solution, passes with it'}")
    return sum(map(bool, troubles))


def trouble_with(drill: Drill) -> str:
    with tempfile.TemporaryDirectory(prefix=f"drill-{drill.number:02}-") as folder:
        project = Path(folder).resolve() / drill.folder.name
        project.mkdir()
        copy_project(project)
        add_tests(drill, project)
        return _fails_rightly(drill, project) or _passes(drill, project)


def _fails_rightly(drill: Drill, project: Path) -> str:
    said = _outcomes(project, ["tests/drill"])
    if set(said) != set(drill.fails):
        return f"its tests are {sorted(said)}, drill.toml tells of {sorted(drill.fails)}"
    for name, expected in drill.fails.items():
        if not re.search(expected, said[name]):
            return f"{name} should fail with {expected!r}, but: {said[name] or 'it passes'}"
    return ""


def _passes(drill: Drill, project: Path) -> str:
    try:
        apply_solution(drill, project)
    except subprocess.CalledProcessError:
        return f"{drill.solution.name} does not fit the project any more"
    if failed := {
        name: said for name, said in _outcomes(project, ["tests/drill", *drill.still]).items() if said
    }:
        return f"with its solution still fails: {failed}"
    for step in CHECKS:
        done = _run(project, step)
        if done.returncode:
            return f"with its solution {' '.join(step)} says: {done.stdout}{done.stderr}"
    return ""


def _outcomes(project: Path, tests: list[str]) -> dict[str, str]:
    """What each test's failure says, nothing if it passes. An error outside of its own lines is named as that."""
    report = project / "report.xml"
    report.unlink(missing_ok=True)
    done = _run(project, ["pytest", "-q", "--database", "sqlite", f"--junitxml={report}", *tests])
    if not report.exists():
        return {"pytest": done.stdout + done.stderr}
    return {_name(case): _said(case) for case in ElementTree.parse(report).iter("testcase")}


def _name(case: ElementTree.Element) -> str:
    return case.get("name", "").partition("[")[0]


def _said(case: ElementTree.Element) -> str:
    for kind, told in (("failure", ""), ("error", "error: "), ("skipped", "skipped: ")):
        if (found := case.find(kind)) is not None:
            return told + (found.get("message") or kind)
    return ""


def _run(project: Path, step: list[str]) -> subprocess.CompletedProcess[str]:
    # What mypy knows of types stays from run to run, wherever the copy lies.
    alone = {**os.environ, "MYPY_CACHE_DIR": str(ROOT / "build/drills/mypy"), "PYTHONDONTWRITEBYTECODE": "1"}
    if (browser := ROOT / ".venv/browser.ok").exists():
        alone.setdefault("SHOP_BROWSER", browser.read_text().strip())
    command = [sys.executable, "-m", *step]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, env=alone, check=False)
