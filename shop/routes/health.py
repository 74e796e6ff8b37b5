"""For whoever watches over the process: is it alive, and can it do its work?"""

from dataclasses import asdict
from typing import Any

from quart import Blueprint, current_app, request

from shop.readiness import Readiness

health = Blueprint("health", __name__)
FRESH = {"Cache-Control": "no-store"}


@health.get("/healthz")
async def alive() -> tuple[str, int, dict[str, str]]:
    """It answers; whatever else is wrong, to start it anew would not mend it."""
    return "alive\n", 200, {**FRESH, "Content-Type": "text/plain"}


@health.get("/readyz")
async def ready() -> tuple[dict[str, Any], int, dict[str, str]]:
    """`?exclude=letters`, repeatable, leaves a check out of the verdict."""
    readiness: Readiness = current_app.extensions["readiness"]
    checks, left_out = await readiness.checks(), request.args.getlist("exclude")
    fine = all(check.ok for name, check in checks.items() if name not in left_out)
    return (
        {"ready": fine, "checks": {name: asdict(c) for name, c in checks.items()}},
        200 if fine else 503,
        FRESH,
    )
