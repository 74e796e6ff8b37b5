"""A copy of the project in which a drill is done."""

import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from tools.drills.drill import ROOT, Drill

MIGRATIONS = "migrations/versions"


def copy_project(to: Path) -> None:
    """What belongs to the project as it stands, whether committed or not, but for the drills: who does one should not
    come upon its solution. Ends the command outside of git."""
    asked = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(asked, cwd=ROOT, check=False, capture_output=True, text=True)
    if listed.returncode:
        sys.exit("Drills need a clone: git tells what belongs to the project.")
    for name in filter(None, listed.stdout.split("\0")):
        # git lists what was deleted as well
        if (ROOT / name).is_file() and not name.startswith("drills/"):
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)


def add_tests(drill: Drill, to: Path) -> None:
    folder = to / "tests/drill"
    folder.mkdir()
    (folder / "__init__.py").touch()
    for file in drill.tests:
        shutil.copy2(file, folder)
    (to / "drills").mkdir()
    (to / "drills/README.md").write_text(f"{drill.statement}\n")


def apply_solution(drill: Drill, to: Path) -> None:
    """Raises CalledProcessError if it does not fit any more. A migration of it comes after the project's newest."""
    before = set((to / MIGRATIONS).glob("*.py"))
    newest = max(before).name.partition("_")[0]
    # In a repository further up, git would take the paths for its own.
    alone = {**os.environ, "GIT_CEILING_DIRECTORIES": str(to.parent)}
    command = ["git", "apply", "-C1", str(drill.solution)]
    subprocess.run(command, cwd=to, check=True, env=alone, capture_output=True)
    for file in set((to / MIGRATIONS).glob("*.py")) - before:
        said = re.sub(r"(?m)^(down_revision: str \| None) = .*$", rf'\1 = "{newest}"', file.read_text())
        file.write_text(said)


def make_environment(to: Path) -> None:
    """A virtual environment that has the packages of this one and imports the shop from the copy."""
    ours = next(Path(path) for path in sys.path if path.endswith("site-packages"))
    venv.create(to / ".venv", with_pip=True)
    theirs = next((to / ".venv/lib").glob("python*/site-packages"))
    (theirs / "drill.pth").write_text(f"{to}\n{ours}\n")
    for tool in ("ruff", "mypy", "watchfiles"):
        (to / ".venv/bin" / tool).symlink_to(ROOT / ".venv/bin" / tool)
    for script, module in (("shop", "shop"), ("pytest", "pytest")):
        file = to / ".venv/bin" / script
        file.write_text(f'#!/bin/sh\nexec "{to}/.venv/bin/python" -m {module} "$@"\n')
        file.chmod(0o755)
    for stamp in ("app.ok", "dev.ok", "browser.ok"):
        if (kept := ROOT / ".venv" / stamp).exists():
            (to / ".venv" / stamp).write_text(kept.read_text())


def begin_history(to: Path) -> None:
    """So that `git diff` shows what was done since."""
    who = ["-c", "user.name=drill", "-c", "user.email=drill@example.com"]
    for arguments in (["init", "-q"], ["add", "-A"], [*who, "commit", "-q", "-m", "Begin"]):
        subprocess.run(["git", *arguments], cwd=to, check=True)
