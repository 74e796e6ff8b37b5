"""Find a Chromium for the browser tests, or install one; print its path.

Order: $SHOP_BROWSER, a browser that Playwright has downloaded before, one on PATH, Debian's package (as root
or with passwordless sudo), Playwright's own download. SHOP_BROWSER_FROM=playwright swaps the last two.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = ("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",)


def named() -> str | None:
    given = os.environ.get("SHOP_BROWSER")
    if given and not shutil.which(given):
        sys.exit(f"SHOP_BROWSER={given} is not a program; name a Chromium or leave it out.")
    return given and shutil.which(given)


def downloaded() -> str | None:
    """Playwright's full browser or its headless shell, where an earlier download left it."""
    home = Path.home()
    for cache in (home / ".cache/ms-playwright", home / "Library/Caches/ms-playwright"):
        for pattern in ("chromium_headless_shell-*/*/*headless*shell", "chromium-*/*/chrome"):
            for found in sorted(cache.glob(pattern), reverse=True):
                if os.access(found, os.X_OK) and found.is_file():
                    return str(found)
    return None


def on_path() -> str | None:
    return next((found for name in (*NAMES, *MAC) if (found := shutil.which(name))), None)


def from_debian() -> str | None:
    if not shutil.which("apt-get"):
        return None
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = [*sudo, "apt-get", "install", "-y", "-qq", "--no-install-recommends", "fonts-dejavu-core"]
    _run([*sudo, "apt-get", "update", "-qq"], env)
    _run([*install, "chromium-headless-shell"], env) or _run([*install, "chromium"], env)
    return on_path()


def from_playwright() -> str | None:
    _run([sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"], dict(os.environ))
    return downloaded()


def _run(command: list[str], env: dict[str, str]) -> bool:
    try:
        return not subprocess.run(command, env=env, stdout=sys.stderr, timeout=300).returncode
    except (OSError, subprocess.TimeoutExpired) as error:
        print(error, file=sys.stderr)
        return False


def main() -> None:
    steps: list[Callable[[], str | None]] = [named, downloaded, on_path, from_debian, from_playwright]
    if os.environ.get("SHOP_BROWSER_FROM") == "playwright":
        steps[3:] = [from_playwright, from_debian]
    for step in steps:
        if path := step():
            print(path)
            return
    sys.exit(
        "No Chromium was found and none could be installed. Install Chromium or Chrome and try again,"
        " or name one: SHOP_BROWSER=/path/to/chromium make test"
    )


if __name__ == "__main__":
    main()
