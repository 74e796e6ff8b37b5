"""`make audit-deps`: are there known vulnerabilities in what the lock files name? Asks PyPI by pip-audit.

Exit code 0: all were asked about and none is known; 1: some are known; 2: nobody knows, since the service could not be
asked. (pip-audit by itself counts a package that it could not ask about as sound.)"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

LOCKS = ("requirements/dev.txt", "requirements/build.txt")  # the first holds all of app.txt, too
REPORT = Path("build/audit.json")


def main() -> int:
    program = Path(sys.executable).parent / "pip-audit"
    locks = [argument for lock in LOCKS for argument in ("--requirement", lock)]
    options = ["--disable-pip", "--require-hashes", "--progress-spinner=off", "--timeout=15"]
    REPORT.unlink(missing_ok=True)
    ended = subprocess.run(
        [program, *locks, *options, "--format=json", f"--output={REPORT}"], capture_output=True, text=True
    )
    try:
        code, words = verdict(json.loads(REPORT.read_text())["dependencies"])
    except (OSError, ValueError, KeyError):
        code, words = 2, f"{NOT_ASKED} pip-audit says: {ended.stderr.strip()[-1000:]}"
    print(words, file=sys.stderr if code else sys.stdout)
    return code


NOT_ASKED = (
    "PyPI's list of vulnerabilities could not be asked, so nothing is known: try again with a network."
)


def verdict(dependencies: list[dict[str, Any]]) -> tuple[int, str]:
    """The exit code and what to say, from pip-audit's report."""
    known = [
        f"{package['name']} {package['version']}: {fault['id']}, mended in {', '.join(fault['fix_versions']) or '?'}"
        for package in dependencies
        for fault in package.get("vulns", [])
    ]
    skipped = [
        f"{package['name']}: {package['skip_reason']}" for package in dependencies if "skip_reason" in package
    ]
    if known:
        return 1, "\n".join(["Known vulnerabilities:", *known])
    if skipped or not dependencies:
        return 2, f"{NOT_ASKED} {len(skipped)} packages got no answer" + "".join(
            f", {s}" for s in skipped[:1]
        )
    return 0, f"{len(dependencies)} packages: no known vulnerabilities."


if __name__ == "__main__":
    sys.exit(main())
