"""`make test-stripe`. Exit status: 0 all the same, 1 differences, 2 it did not run."""

# ruff: noqa: T201  (a program that prints)

import asyncio
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import stripe
from dotenv import dotenv_values

from shop.sandbox import SandboxSettings, create_sandbox
from shop.sandbox.access import Key
from shop.sandbox.transport import SandboxTransport

from .differences import differences
from .scenarios import SCENARIOS, Scenario
from .trace import QUIET, play

DID_NOT_RUN = 2


def main(env: Mapping[str, str | None]) -> int:
    key = env.get("STRIPE_SECRET_KEY") or ""
    if problem := unusable(key):
        print(f"NOT RUN: {problem} Nothing was compared with Stripe.", file=sys.stderr)
        return DID_NOT_RUN
    found = asyncio.run(compare(lambda: stripe.HTTPXClient(timeout=30), key))
    print(f"{found} differences in {len(SCENARIOS)} scenarios.")
    return 1 if found else 0


def unusable(key: str) -> str:
    """Why this is not a key to test with, or nothing."""
    if not key:
        return "STRIPE_SECRET_KEY is not set; give a test key of your account (sk_test_…)."
    if key.startswith(("sk_live_", "rk_live_")):
        return "STRIPE_SECRET_KEY is a live key, and this makes payments."
    if not key.startswith(("sk_test_", "rk_test_")) or key in {each.value for each in Key}:
        return "STRIPE_SECRET_KEY is not a test key of a Stripe account."
    return ""


async def compare(
    connect: Callable[[], stripe.HTTPClient],
    key: str,
    scenarios: Sequence[Scenario] = SCENARIOS,
    quiet: float = QUIET,
    settle_after: float = 1.0,
) -> int:
    """Play every scenario to both sides and print where they differ; how often they did."""
    found = 0
    with tempfile.TemporaryDirectory() as folder:
        app = create_sandbox(
            SandboxSettings(Path(folder) / "sandbox.db", "http://sandbox", settle_after=settle_after)
        )
        async with app.test_app():
            theirs, ours = connect(), SandboxTransport(app)
            for scenario in scenarios:
                stripes = await play(scenario, theirs, key, quiet)
                sandboxs = await play(scenario, ours, Key.SECRET.value, min(quiet, 0.5))
                lines = list(differences(stripes, sandboxs))
                count = f"{len(stripes.calls)} calls, {stripes.events.total()} events"
                print(f"{'differs' if lines else 'same   '} a payment {title(scenario.__name__)} ({count})")
                print("".join(f"    {line}\n" for line in lines), end="")
                found += len(lines)
            await theirs.close_async()
            await ours.close_async()
    return found


def title(name: str) -> str:
    return name.replace("_", " ")


if __name__ == "__main__":
    sys.exit(main({**dotenv_values(".env"), **os.environ}))
