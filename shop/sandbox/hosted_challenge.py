"""The 3-D Secure challenge as a page of its own, where `next_action.redirect_to_url` sends the shopper."""

from urllib.parse import urlencode, urlsplit

from quart import Blueprint, Response, abort, redirect, render_template, request
from werkzeug.wrappers import Response as Redirect

from .errors import ApiError, Json
from .held import store
from .inside import post

hosted_challenge = Blueprint("hosted_challenge", __name__, template_folder="elements")

REDIRECT_STATUS = {"succeeded": "succeeded", "requires_capture": "succeeded", "processing": "pending"}


@hosted_challenge.get("/3d_secure_2/hosted")
async def show() -> Response | Redirect:
    intent = _intent()
    if intent["status"] != "requires_action":
        return redirect(return_address(intent), 303)
    page = Response(await render_template("hosted-challenge.html", intent=intent, query=request.args))
    back = urlsplit(intent["_return_url"])
    # A form that is answered with a redirect needs leave for where it leads.
    page.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self' {back.scheme}://{back.netloc}"
    )
    page.headers["Cache-Control"] = "no-store"
    return page


@hosted_challenge.post("/3d_secure_2/hosted")
async def finish() -> Redirect:
    """Field: outcome. Sent twice, it says again how it ended."""
    intent, form = _intent(), await request.form
    if intent["status"] == "requires_action":
        intent = await concluded(intent, request.args.get("source", ""), form.get("outcome", ""))
    return redirect(return_address(intent), 303)


async def concluded(intent: Json, source: str, outcome: str) -> Json:
    """The intent once its shopper has come back; outcome is complete or fail."""
    fields = {"source": source, "outcome": outcome, "client_secret": intent["client_secret"]}
    try:
        await post("/v1/3ds2/authenticate", fields)
    except ApiError as error:
        abort(Response(str(error), error.status, content_type="text/plain; charset=utf-8"))
    after: Json | None = store().named(intent["id"])
    return after or intent


def _intent() -> Json:
    """The intent that the query names, for whoever knows its client secret and was given a way back."""
    kind = "setup_intent" if "setup_intent" in request.args else "payment_intent"
    found: Json | None = store().get(request.args.get(kind, ""), kind)
    secret = request.args.get(f"{kind}_client_secret")
    if found is None or found["client_secret"] != secret or not found.get("_return_url"):
        abort(404)
    return found


def return_address(intent: Json) -> str:
    """Where the shopper goes on, with the query that stripe.js promises."""
    back: str = intent["_return_url"]
    query = {
        intent["object"]: intent["id"],
        f"{intent['object']}_client_secret": intent["client_secret"],
        "redirect_status": REDIRECT_STATUS.get(intent["status"], "failed"),
    }
    parts = urlsplit(back)
    return parts._replace(query="&".join(filter(None, (parts.query, urlencode(query))))).geturl()
