"""`python -m tools.image`: takes the steps of the Dockerfile in a clean Debian, where there is no Docker at hand, runs
what comes out as the image would, and asks it for a page. For root on Linux, with mmdebstrap (apt-get install
mmdebstrap)."""

import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from dotenv import dotenv_values

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build/image"
PORT = 8765
FRESH = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "DEBIAN_FRONTEND": "noninteractive",
}
# How this machine gets at packages: the index for pip is asked beforehand, see `wheels`.
ROUTE = {
    name: value
    for name, value in os.environ.items()
    if name.lower() in ("http_proxy", "https_proxy", "no_proxy")
}


@dataclass
class Stage:
    root: Path
    folder: str = "/"
    env: dict[str, str] = field(default_factory=dict)
    user: str = "0"
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)
    base: int = 0

    def __post_init__(self) -> None:
        self.base = self.size()

    def size(self) -> int:
        """Megabytes, without what apt has fetched, which Docker's Debian throws away by itself."""
        asked = ["du", "-sm", "--exclude=var/cache", "--exclude=wheels", str(self.root)]
        return int(subprocess.run(asked, check=True, capture_output=True, text=True).stdout.split()[0])


def main() -> int:
    if os.geteuid() or not shutil.which("mmdebstrap"):
        print("This needs root and mmdebstrap (apt-get install mmdebstrap).", file=sys.stderr)
        return 2
    shutil.rmtree(BUILD / "stages", ignore_errors=True)
    wheels()
    stages: dict[str, Stage] = {}
    for verb, rest in steps((ROOT / "Dockerfile").read_text()):
        print(f"{verb} {rest}"[:100], flush=True)
        take(verb, rest, stages)
    image = list(stages.values())[-1]
    print(f"It adds {image.size() - image.base} MB to Debian.")
    try_out(image)
    return 0


def steps(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            verb, _, rest = line.partition(" ")
            yield verb, rest


def take(verb: str, rest: str, stages: dict[str, Stage]) -> None:
    if verb == "FROM":
        base, _, name = rest.partition(" AS ")
        stages[name or "image"] = Stage(clean_debian(base, name or "image"))
        return
    stage = list(stages.values())[-1]
    match verb:
        case "RUN":
            inside(
                stage,
                ["/bin/sh", "-ec", rest],
                user="0",
                more=ROUTE | {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/wheels"},
            )
        case "COPY":
            copy(rest, stage, stages)
        case "WORKDIR":
            stage.folder = rest
            (stage.root / rest.lstrip("/")).mkdir(parents=True, exist_ok=True)
        case "ENV":
            stage.env |= dict(pair.split("=", 1) for pair in shlex.split(rest))
        case "USER":
            stage.user = rest
        case "CMD":
            stage.command = json.loads(rest)
        case "HEALTHCHECK":
            stage.health = json.loads(rest.partition("CMD ")[2])
        case "EXPOSE" | "VOLUME":
            pass
        case _:
            raise SystemExit(f"{verb} is not known here.")


def in_compose(**told: str) -> dict[str, str]:
    """What compose.yaml gives the shop, with .env copied from .env.example and `told` written in."""
    env_file = {name: value or "" for name, value in dotenv_values(ROOT / ".env.example").items()} | told
    service = (ROOT / "compose.yaml").read_text().partition("  shop:\n")[2].partition("\n  database:\n")[0]
    own = re.findall(r"^      ([A-Z_]+): (.+)$", service, re.M)
    filled = (
        (name, re.sub(r"\$\{(\w+).*?\}", lambda found: env_file.get(found[1], ""), value))
        for name, value in own
    )
    return env_file | {name: value.strip('"') for name, value in filled}


def clean_debian(base: str, name: str) -> Path:
    """debian:bookworm-slim, near enough: made once, and copied."""
    found = re.fullmatch(r"debian:(\w+)-slim", base)
    assert found, base
    kept, root = BUILD / f"{found[1]}.tar", BUILD / "stages" / name
    if not kept.exists():
        BUILD.mkdir(parents=True, exist_ok=True)
        subprocess.run(["mmdebstrap", "--quiet", "--variant=minbase", found[1], str(kept)], check=True)
    root.mkdir(parents=True)
    subprocess.run(["tar", "-xf", kept, "-C", root], check=True)
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    shutil.copytree(BUILD / "wheels", root / "wheels")
    return root


def wheels() -> None:
    """What pip is to find without an index."""
    shutil.rmtree(BUILD / "wheels", ignore_errors=True)
    for file in ("app", "build"):
        asked = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "--python-version", "3.11"]
        pip = [sys.executable, "-m", "pip", "download", "--quiet", *asked, "--dest", str(BUILD / "wheels")]
        subprocess.run([*pip, "--requirement", f"requirements/{file}.txt"], cwd=ROOT, check=True)


def copy(rest: str, stage: Stage, stages: dict[str, Stage]) -> None:
    words = shlex.split(rest)
    source = stages[words.pop(0).removeprefix("--from=")].root if words[0].startswith("--from=") else ROOT
    *names, to = words
    goal = stage.root / (to if to.startswith("/") else f"{stage.folder}/{to}").lstrip("/")
    for name in names:
        thing = source / name.lstrip("/")
        ignored = shutil.ignore_patterns("__pycache__") if source is ROOT else None
        if thing.is_dir():
            shutil.copytree(thing, goal, symlinks=True, ignore=ignored, dirs_exist_ok=True)
        else:
            goal.mkdir(parents=True, exist_ok=True)
            shutil.copy2(thing, goal)


def inside(stage: Stage, command: list[str], user: str, more: dict[str, str]) -> None:
    subprocess.run(in_root(stage, command, user, more), check=True, stdout=subprocess.DEVNULL)


def in_root(stage: Stage, command: list[str], user: str, more: dict[str, str]) -> list[str]:
    env = [f"{name}={value}" for name, value in (FRESH | stage.env | more).items()]
    shell = f"cd {shlex.quote(stage.folder)} && exec {shlex.join(command)}"
    return [
        "chroot",
        f"--userspec={user}",
        str(stage.root),
        "/usr/bin/env",
        "-i",
        *env,
        "/bin/sh",
        "-c",
        shell,
    ]


def try_out(image: Stage) -> None:
    """Start it as its user, ask its health check and the shop, and stop it as Docker would."""
    shutil.rmtree(image.root / "wheels")
    more = in_compose() | {"PORT": str(PORT), "DATABASE_URL": ""}
    process = subprocess.Popen(in_root(image, image.command, image.user, more))
    try:
        page = first_page(process)
        assert "Books worth keeping" in page, page[:500]
        inside(image, image.health, image.user, more)
        owner = os.stat(f"/proc/{process.pid}").st_uid
        assert str(owner) == image.user != "0", owner
        print(f"It runs as {owner}, its health check passes, and its shelf is stocked.")
    finally:
        process.send_signal(signal.SIGTERM)
        ended = process.wait(30)
    assert ended in (0, -signal.SIGTERM), ended
    print("It stops when it is told to.")


def first_page(process: subprocess.Popen[bytes]) -> str:
    for _ in range(100):
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"http://127.0.0.1:{PORT}/").text
        assert process.poll() is None, "it ended"
        time.sleep(0.2)
    raise AssertionError("it does not answer")


if __name__ == "__main__":
    sys.exit(main())
