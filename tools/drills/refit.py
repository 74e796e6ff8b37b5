"""`python -m tools.drills refit`: solutions that do not fit the project any more are moved to where it has gone, as a
rebase moves a branch."""

import os
import subprocess
import tempfile
from pathlib import Path

from tools.drills.drill import ROOT, Drill

WHO = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER")
       for what, value in (("NAME", "drill"), ("EMAIL", "drill@example.com"))}  # fmt: skip
OLDEST = 300  # commits back, in which to look for one that the solution fits


def refit(drills: list[Drill]) -> int:
    """How many could not be moved without a person; says where to go on by hand."""
    left = 0
    for drill in drills:
        if _git(ROOT, "apply", "-C1", "--check", str(drill.solution)):
            continue
        folder = Path(tempfile.mkdtemp(prefix=f"refit-{drill.number:02}-")) / drill.folder.name
        _git(ROOT, "worktree", "add", "-q", "--detach", str(folder), "HEAD")
        if _moved(drill, folder):
            drill.solution.write_bytes(_diff(folder))
            _git(ROOT, "worktree", "remove", "--force", str(folder))
            print(f"{drill.folder.name}: moved")
        else:
            print(f"{drill.folder.name}: solve the conflict in {folder}, `git cherry-pick --continue`, and")
            print(f"  git diff HEAD~1 > {drill.solution}")
            left += 1
    return left


def _moved(drill: Drill, folder: Path) -> bool:
    commits = subprocess.run(
        ["git", "rev-list", f"--max-count={OLDEST}", "HEAD"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.split()  # fmt: skip
    for commit in commits:
        _git(folder, "checkout", "-q", "--detach", commit)
        if _git(folder, "apply", "-C1", "--index", str(drill.solution)):
            _git(folder, "commit", "-q", "-m", drill.title)
            solution = _head(folder)
            _git(folder, "checkout", "-q", "--detach", commits[0])
            return _git(folder, "cherry-pick", solution)
    return False


def _diff(folder: Path) -> bytes:
    return subprocess.run(["git", "diff", "HEAD~1"], cwd=folder, check=True, capture_output=True).stdout


def _head(folder: Path) -> str:
    asked = ["git", "rev-parse", "HEAD"]
    return subprocess.run(asked, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def _git(folder: Path, *command: str) -> bool:
    done = subprocess.run(
        ["git", *command], cwd=folder, capture_output=True, check=False, env={**os.environ, **WHO}
    )
    return done.returncode == 0
