"""Servers for the length of a bench, each a process of its own on a free port of 127.0.0.1."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import httpx
from dotenv import dotenv_values

ROOT = Path(__file__).resolve().parent.parent.parent
EARLIER = ROOT / "build/bench/venv/bin/gunicorn"
SECRET_KEY = "of a shop that is only measured"
READY = 60  # seconds


class Process(NamedTuple):
    url: str
    pid: int
    ready: float = 0
    """Seconds until its first answer."""
    metrics: str = ""

    def memory(self) -> int:
        """Resident bytes of the process, or of the largest that it has started: they are one group."""
        told = subprocess.run(["ps", "-A", "-o", "pgid=,rss="], check=True, capture_output=True, text=True)
        rows = [tuple(map(int, line.split())) for line in told.stdout.splitlines()]
        return max(size for group, size in rows if group == self.pid) * 1024


@contextlib.contextmanager
def sandbox(database: Path) -> Iterator[Process]:
    with _running(sys.executable, "-m", "shop", "sandbox", "--database", str(database), "--port") as process:
        yield process


@contextlib.contextmanager
def empty() -> Iterator[Process]:
    """An app that answers with nothing, served as the shop and the sandbox are."""
    app = ("tools.bench.servers:nothing", "--lifespan", "off", "--log-level", "warning")
    with _running(sys.executable, "-m", "uvicorn", *app, "--port") as process:
        yield process


async def nothing(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@contextlib.contextmanager
def shop(folder: Path, database_url: str, stripe: Process, workers: int = 1) -> Iterator[Process]:
    metrics = str(_free_port())
    env = {**shop_settings(folder, database_url, stripe), "METRICS": metrics}
    more = ("--workers", str(workers)) if workers > 1 else ()
    with _running(sys.executable, "-m", "shop", "run", *more, env=env, path="/healthz") as process:
        yield process._replace(metrics=f"http://127.0.0.1:{metrics}/metrics")


def shop_settings(folder: Path, database_url: str, stripe: Process) -> dict[str, str]:
    """With nothing of what somebody has written into `.env` for a shop of his own."""
    return {
        **dict.fromkeys(dotenv_values(ROOT / ".env"), ""),
        "INSTANCE_PATH": str(folder),
        "DATABASE_URL": database_url,
        "SECRET_KEY": SECRET_KEY,
        "STRIPE_API_BASE": stripe.url,
    }


@contextlib.contextmanager
def bare(processes: int = 1) -> Iterator[Process]:
    with _running(
        sys.executable, "-m", "tools.bench.bare", after=(str(processes),), path="/1", bare=True
    ) as process:
        yield process


@contextlib.contextmanager
def earlier(page: str, folder: Path, size: int) -> Iterator[Process]:
    """`flask` or `django`, on gunicorn with two workers."""
    env = {"BYTES": str(size), "DATABASE": str(folder / "django.db"), "PYTHONDONTWRITEBYTECODE": "1"}
    command = (str(EARLIER), "--workers", "2", "--preload", "--log-level", "warning")
    with _running(*command, f"tools.bench.earlier.{page}_page:app", "--bind", env=env) as process:
        yield process


@contextlib.contextmanager
def _running(
    *command: str,
    after: tuple[str, ...] = (),
    env: Mapping[str, str] | None = None,
    path: str = "/",
    bare: bool = False,
) -> Iterator[Process]:
    """A port is given as the last argument, and as PORT."""
    port = _free_port()
    last = f"127.0.0.1:{port}" if command[-1] == "--bind" else str(port)
    given = (last,) if bare or command[-1] in ("--port", "--bind") else ()
    begun = time.perf_counter()
    started = subprocess.Popen(
        [*command, *given, *after],
        cwd=ROOT,
        env={**os.environ, "PORT": str(port), **(env or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}{path}", started)
        yield Process(f"http://127.0.0.1:{port}", started.pid, time.perf_counter() - begun)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(started.pid, signal.SIGTERM)
        started.wait(20)


def fresh(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
    return port


def _wait_for(url: str, started: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + READY
    with httpx.Client(timeout=20) as client:
        while time.monotonic() < deadline and started.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                client.get(url)
                return
            time.sleep(0.01)
    raise SystemExit(f"bench: {started.args!r} did not answer.")
