"""The page that stands for all pages of redirect methods: the shopper says there how paying ends."""

import secrets
from urllib.parse import urlsplit

from quart import Blueprint, Response, abort, redirect, render_template, request
from werkzeug.wrappers import Response as Redirect

from .errors import Json
from .held import store
from .hosted_challenge import concluded, return_address
from .ids import ACCOUNT

redirect_page = Blueprint("redirect_page", __name__, template_folder="elements")


@redirect_page.get(f"/authorize/{ACCOUNT}/<source>")
async def show(source: str) -> Response | Redirect:
    intent = _intent(source)
    if intent.get("_source") != source:
        return redirect(return_address(intent), 303)
    method = store().get(intent["payment_method"], "payment_method")
    assert method, "only an intent with a payment method sends its shopper here"
    page = Response(await render_template("authorize.html", intent=intent, kind=method["type"]))
    back = urlsplit(intent["_return_url"])
    # A form that is answered with a redirect needs leave for where it leads.
    page.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self' {back.scheme}://{back.netloc}"
    )
    page.headers["Cache-Control"] = "no-store"
    return page


@redirect_page.post(f"/authorize/{ACCOUNT}/<source>")
async def finish(source: str) -> Redirect:
    """Field: outcome (complete or fail). Sent twice, it says again how it ended."""
    outcome = (await request.form).get("outcome")
    if outcome not in ("complete", "fail"):
        abort(400)
    intent = _intent(source)
    if intent.get("_source") == source:
        intent = await concluded(intent, source, outcome)
    return redirect(return_address(intent), 303)


def _intent(source: str) -> Json:
    """The intent whose shopper was sent here: the address is known to nobody else."""
    found: Json | None = store().named(request.args.get("intent", ""))
    if found is None or not secrets.compare_digest(str(found.get("_left_for")).encode(), source.encode()):
        abort(404)
    return found
