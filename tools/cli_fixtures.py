"""Take stripe-cli's trigger fixtures as an exam: run each one's steps against the sandbox, and say how it went.

    git clone https://github.com/stripe/stripe-cli
    python -m tools.cli_fixtures stripe-cli/pkg/fixtures/triggers [--url http://127.0.0.1:8001]
        [--api-version 2024-06-20]

Without --url the sandbox runs in this process. Without --api-version the steps are taken in the account's own
version, as stripe-cli takes them; five fixtures say `coupon` to a customer or a promotion code as versions could
until basil and clover, and are refused in later ones. A fixture is green when no step fails but in a way that the
file expects (as stripe-cli sees it), red when one does, not routed when the sandbox does not serve a path. A green
one is told when the event that gives the file its name is there afterwards.
"""

import argparse
import asyncio
import json
import os
import re
import tempfile
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from shop.sandbox import SandboxSettings, create_sandbox

QUERY = re.compile(r"\$\{([^|}:]+):([^|}]+)(?:\|([^/\n}]+))?\}")
"""`${name:path.to.field|default}`"""


@dataclass(frozen=True)
class Result:
    name: str
    outcome: str
    """green, red or not routed"""
    reason: str = ""
    told: bool = False


async def main() -> None:
    reader = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    reader.add_argument("folder", type=Path)
    reader.add_argument("--url", help="a sandbox that runs already")
    reader.add_argument("--api-version", help="the version that the steps are taken in")
    given = reader.parse_args()
    exam = read(given.folder)
    async with sandbox(given.url, given.api_version) as http:
        results = [await take(http, name, steps) for name, steps in exam.items()]
    print(report(results))


@asynccontextmanager
async def sandbox(url: str | None, version: str | None) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the sandbox at the address, or of one of our own."""
    with tempfile.TemporaryDirectory() as folder:
        base = url or "http://sandbox"
        app = None if url else create_sandbox(SandboxSettings(Path(folder) / "exam.db", base))
        transport = httpx.ASGITransport(app) if app else None  # type: ignore[arg-type]
        headers = {"Stripe-Version": version} if version else {}
        async with httpx.AsyncClient(
            base_url=base, auth=("sk_test_sandbox", ""), headers=headers, transport=transport, timeout=20
        ) as http:
            yield http
        if app:
            app.extensions["store"].close()


def read(folder: Path) -> dict[str, list[Any]]:
    """The steps of each fixture in the folder."""
    files = sorted(folder.glob("*.json"))
    return {file.stem: json.loads(file.read_text())["fixtures"] for file in files}


async def take(http: httpx.AsyncClient, name: str, steps: list[Any]) -> Result:
    for step in steps:
        if not await _served(http, step):
            return Result(name, "not routed", call(step))
    answers: dict[str, Any] = {}
    newest = await _newest(http)
    for step in steps:
        answer = await _send(http, step, answers)
        body = answers[step["name"]] = answer.json()
        error = body.get("error", {})
        if not answer.is_success and error.get("type") != step.get("expected_error_type"):
            return Result(name, "red", f"{call(step)}: {answer.status_code} {error.get('message')}")
    await http.post("/_sandbox/settle")
    return Result(name, "green", told=await _told(http, name, newest))


def call(step: Any) -> str:
    return f"{step['method'].upper()} {step['path']}"


async def _served(http: httpx.AsyncClient, step: Any) -> bool:
    """Asked without a key, which an endpoint refuses before it does anything."""
    answer = await http.request(step["method"].upper(), QUERY.sub("x", step["path"]), auth=None)
    return answer.status_code != 404


async def _send(http: httpx.AsyncClient, step: Any, answers: Any) -> httpx.Response:
    path = filled(step["path"], answers)
    headers = {name: filled(value, answers) for name, value in step.get("headers", {}).items()}
    if key := step.get("idempotency_key"):
        headers["Idempotency-Key"] = filled(key, answers)
    method, params = step["method"].upper(), step.get("params") or {}
    if method == "POST" and path.startswith("/v2/"):
        return await http.post(path, json=params, headers=headers)
    fields = httpx.QueryParams(list(form(params, answers)))
    if method == "POST":
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return await http.post(path, content=str(fields), headers=headers)
    return await http.request(method, path, params=fields, headers=headers)


def form(value: Any, answers: dict[str, Any], name: str = "") -> Iterator[tuple[str, str]]:
    """Parameters as stripe-cli sends them: `a[b]=1`, `words[]=x`, `items[0][price]=y`."""
    if isinstance(value, dict):
        for inner, content in value.items():
            yield from form(content, answers, f"{name}[{inner}]" if name else inner)
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from form(item, answers, f"{name}[{place if isinstance(item, dict) else ''}]")
    elif isinstance(value, bool):
        yield name, str(value).lower()
    elif value is not None:
        yield name, filled(str(value), answers)


def filled(text: str, answers: dict[str, Any]) -> str:
    """The text with values of earlier answers and of the environment in place of what stands for them."""
    if text == "${time-now-RFC3339}":
        return datetime.now(UTC).isoformat(timespec="seconds")
    if text == "${generate-uuid}":
        return str(uuid.uuid4())
    return QUERY.sub(lambda found: _looked_up(found, answers), text)


def _looked_up(query: re.Match[str], answers: dict[str, Any]) -> str:
    name, path, default = query.groups()
    if name == ".env":
        return os.environ.get(path) or default or query[0]
    value = answers.get(name)
    for part in path.split("."):
        if isinstance(value, list):
            value = value[int(part)] if int(part) < len(value) else None
        else:
            value = value.get(part) if isinstance(value, dict) else None
    return str(value) if value not in (None, "") else default or query[0]


async def _newest(http: httpx.AsyncClient) -> dict[str, str]:
    """Where the list of events ends now, as a cursor."""
    found = (await http.get("/v1/events", params={"limit": 1})).json()["data"]
    return {"ending_before": found[0]["id"]} if found else {}


async def _told(http: httpx.AsyncClient, type: str, newest: dict[str, str]) -> bool:
    found = await http.get("/v1/events", params={"type": type, "limit": 1, **newest})
    return bool(found.json().get("data"))


def report(results: list[Result]) -> str:
    lines = []
    for result in sorted(results, key=lambda each: (each.outcome, each.name)):
        note = result.reason or ("" if result.told else "but its event was not told")
        lines.append(f"{result.outcome:<11} {result.name:<55} {note}".rstrip())
    count = Counter(result.outcome for result in results)
    routed = count["green"] + count["red"]
    told = sum(result.told for result in results)
    lines.append(
        f"{len(results)} fixtures, {routed} of them routed: {count['green']} green ({told} with their event), "
        f"{count['red']} red; {count['not routed']} not routed"
    )
    return "\n".join(lines)


if __name__ == "__main__":
    asyncio.run(main())
