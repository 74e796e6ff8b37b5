"""Servers for the length of a bench, each a process of its own on a free port of 127.0.0.1."""

import contextlib
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx

ROOT = Path(__file__).resolve().parent.parent.parent


class Process(NamedTuple):
    url: str
    pid: int

    def memory(self) -> int:
        """Resident bytes."""
        told = subprocess.run(
            ["ps", "-o", "rss=", "-p", str(self.pid)], check=True, capture_output=True, text=True
        )
        return int(told.stdout) * 1024


@contextlib.contextmanager
def sandbox(database: Path) -> Iterator[Process]:
    with _running("shop", "sandbox", "--database", str(database)) as process:
        yield process


@contextlib.contextmanager
def empty() -> Iterator[Process]:
    """An app that answers with nothing, served as the shop and the sandbox are."""
    with _running(
        "uvicorn", "tools.bench.servers:nothing", "--lifespan", "off", "--log-level", "warning"
    ) as process:
        yield process


async def nothing(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@contextlib.contextmanager
def _running(*module: str) -> Iterator[Process]:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    started = subprocess.Popen(
        [sys.executable, "-m", *module, "--port", str(port)], cwd=ROOT, stdout=subprocess.DEVNULL
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}")
        yield Process(f"http://127.0.0.1:{port}", started.pid)
    finally:
        started.send_signal(signal.SIGTERM)
        started.wait(20)


def _wait_for(url: str) -> None:
    with httpx.Client(transport=httpx.HTTPTransport(retries=7)) as client:  # waits twice as long each time
        client.get(url, timeout=20)
