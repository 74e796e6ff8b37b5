"""Requests upon a server over some connections, and how quickly it answered.

`wrk` does it where it is installed, since it costs the machine least; a generator of our own does it elsewhere, and
wherever the answers matter or each request may be asked once only."""

import asyncio
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

from . import generator
from .generator import Answer

CONNECTIONS = 16
WRK = shutil.which("wrk")
SCRIPT = """
local requests, i = {%s}, 0
function request() i = i %% #requests + 1; return requests[i] end
function done(all, latency)
  local e = all.errors
  io.write(string.format("\\nfound %%d %%d %%d %%d %%d\\n", all.requests, all.duration,
    latency:percentile(50), latency:percentile(99), e.status + e.connect + e.read + e.write + e.timeout))
end
"""


class Load(NamedTuple):
    rate: float
    """Answers a second."""
    p50: float
    """Milliseconds."""
    p99: float
    errors: int
    """Answers of 400 and more, and connections that broke."""
    answers: Sequence[Answer] = ()


def get(path: str, cookie: str = "", headers: str = "") -> bytes:
    return _request("GET", path, cookie, headers)


def post(path: str, cookie: str = "", body: bytes | None = None, headers: str = "", **form: object) -> bytes:
    """A form, or a body as it is."""
    if body is None:
        body = urlencode(form).encode()
        headers += "Content-Type: application/x-www-form-urlencoded\r\n"
    return _request("POST", path, cookie, f"{headers}Content-Length: {len(body)}\r\n") + body


def _request(method: str, path: str, cookie: str, headers: str = "") -> bytes:
    more = f"Cookie: {cookie}\r\n" if cookie else ""
    return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{more}{headers}\r\n".encode()


async def repeat(url: str, requests: Sequence[bytes], seconds: float, connections: int = CONNECTIONS) -> Load:
    """The requests one after the other, and again from the first."""
    if WRK:
        return await asyncio.to_thread(_wrk, url, requests, seconds, connections)
    return await _generate(url, requests, seconds, connections, again=True)


async def once(
    url: str, requests: Sequence[bytes], seconds: float = 60, connections: int = CONNECTIONS
) -> Load:
    """Each of the requests, if there is time for all; with the answers, in the order of the requests."""
    return await _generate(url, requests, seconds, connections, again=False)


async def _generate(
    url: str, requests: Sequence[bytes], seconds: float, connections: int, *, again: bool
) -> Load:
    address = urlsplit(url)
    assert address.hostname
    assert address.port
    answers, taken = await generator.run(
        address.hostname, address.port, requests, seconds, connections, again=again
    )
    times = sorted(answer.seconds for answer in answers) or [0.0]
    bad = sum(answer.status >= 400 for answer in answers)
    p50, p99 = (times[min(len(times) - 1, int(len(times) * part))] * 1000 for part in (0.5, 0.99))
    return Load(len(answers) / taken, p50, p99, bad, answers)


def _wrk(url: str, requests: Sequence[bytes], seconds: float, connections: int) -> Load:
    assert WRK
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "requests.lua"
        script.write_text(SCRIPT % ",\n".join(map(_lua, requests)))
        told = subprocess.run(
            [WRK, "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "-s", str(script), url],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    found = re.search(r"found (\d+) (\d+) (\d+) (\d+) (\d+)", told)
    assert found, told
    count, duration, p50, p99, errors = map(int, found.groups())
    return Load(count * 1e6 / duration, p50 / 1000, p99 / 1000, errors)


def _lua(request: bytes) -> str:
    safe = {ord('"'): '\\"', ord("\\"): "\\\\", 10: "\\n", 13: "\\r"}
    return '"' + request.decode("latin-1").translate(safe) + '"'
