"""Failures by name: what may go wrong between a shop and Stripe, one click or one line away."""

import dataclasses
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from quart import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as Redirect

from .control import problem, refuse_other_sites
from .errors import Json
from .faults import Fault, HookFault
from .held import faults

recipes = Blueprint("sandbox_recipes", __name__, url_prefix="/_sandbox")
recipes.before_request(refuse_other_sites)

LONG = 100.0
"""Seconds: longer than any client waits."""


@dataclass(frozen=True)
class Recipe:
    does: str
    fault: Fault | HookFault


RECIPES = {
    "timeout_before": Recipe(
        "The next call is not answered, and nothing happens.", Fault(drop=True, delay=LONG)
    ),
    "timeout_after": Recipe(
        "The next call does its work and is not answered.", Fault(drop=True, delay=LONG, after_effect=True)
    ),
    "dropped_before": Recipe("The next call loses its connection, and nothing happens.", Fault(drop=True)),
    "dropped_after": Recipe(
        "The next call does its work; the connection is lost before the answer.",
        Fault(drop=True, after_effect=True),
    ),
    "error_500": Recipe(
        "The next call ends in a failure of Stripe's own.",
        Fault(status=500, message="An unknown error occurred."),
    ),
    "rate_limit": Recipe(
        "The next call is one too many.",
        Fault(status=429, code="rate_limit", type="invalid_request_error", message="Too many requests."),
    ),
    "lock_timeout": Recipe(
        "The next change finds its object locked by another.",
        Fault(
            status=429,
            code="lock_timeout",
            type="invalid_request_error",
            method="POST",
            message="This object cannot be accessed right now because another API request or Stripe process is "
            "currently accessing it.",
        ),
    ),
    "slow": Recipe("The next call takes five seconds.", Fault(delay=5)),
    "stripe_js_missing": Recipe("The next page gets no stripe.js.", Fault(status=503, path="/", script=True)),
    "webhook_duplicated": Recipe("The next webhook comes twice.", HookFault("duplicated")),
    "webhook_delayed": Recipe("The next webhook comes ten seconds late.", HookFault("delayed", delay=10)),
    "webhook_reordered": Recipe(
        "The next webhook comes after the one that follows it.", HookFault("reordered")
    ),
    "webhook_dropped": Recipe("The next webhook never comes.", HookFault("dropped")),
    "webhook_wrongly_signed": Recipe(
        "The next webhook is signed with another secret; its retry is good.", HookFault("wrongly_signed")
    ),
}


@recipes.get("/failures")
async def show() -> Response:
    coming = [dataclasses.asdict(fault) for fault in faults().all()]
    page = Response(await render_template("sandbox/failures.html", recipes=RECIPES, coming=coming))
    page.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    )
    return page


@recipes.get("/faults")
async def index() -> Json:
    """The recipes, and what is about to go wrong."""
    return {
        "recipes": {name: recipe.does for name, recipe in RECIPES.items()},
        "coming": [dataclasses.asdict(fault) for fault in faults().all()],
    }


@recipes.post("/faults")
async def cook() -> Json | tuple[Json, int] | Redirect:
    """Fields, as JSON or as a form: `recipe`, and whatever of the fault is to be otherwise (`times`, `delay`, `path`,
    `event`, …). With `heal` in place of a recipe, nothing goes wrong any more."""
    sent = await request.get_json(silent=True)
    given = sent or (await request.form).to_dict()
    if given.get("heal"):
        faults().heal()
    else:
        recipe = RECIPES.get(given.pop("recipe", ""))
        if recipe is None:
            return problem(f"Recipes are {', '.join(RECIPES)}.", 400)
        try:
            faults().add(_changed(recipe.fault, given))
        except (TypeError, ValueError):
            return problem(f"Fields are {', '.join(dataclasses.asdict(recipe.fault))}.", 400)
    by_hand = sent is None and urlsplit(request.referrer or "").path == "/_sandbox/failures"
    return redirect("/_sandbox/failures", 303) if by_hand else await index()


def _changed(fault: Fault | HookFault, given: dict[str, Any]) -> Fault | HookFault:
    """A fault of its own, with numbers as numbers. Raises TypeError or ValueError."""
    numbers = {"times": int, "delay": float, "status": int}
    return dataclasses.replace(
        fault, **{name: numbers.get(name, lambda value: value)(value) for name, value in given.items()}
    )
