"""Stripe.js and the pages inside its iframes, as js.stripe.com and hooks.stripe.com serve them.

Nothing here is told who is asking; what a page may do it does through the HTTP API.
"""

import functools
import hashlib

from quart import Blueprint, Response, abort, request

from .held import faults, settings
from .scripts import FOLDER, FRAMES, TRAINS, frame_script, read, stripe_js

elements = Blueprint("elements", __name__)

# A page in a frame may use what the sandbox serves and nothing else. It says nothing of who may frame it:
# any shop may.
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' {api}; "
    "frame-src 'self' {hooks}; base-uri 'none'; form-action 'none'"
)
TYPES = {".css": "text/css", ".html": "text/html", ".js": "text/javascript", ".svg": "image/svg+xml"}


@elements.get("/<train>/stripe.js")
async def script(train: str) -> Response:
    if train not in TRAINS:
        abort(404)
    return await _script(train)


@elements.get("/v3", strict_slashes=False)
@elements.get("/v3/stripe.js")
async def script_v3() -> Response:
    return await _script("v3")


@elements.get("/v3/<page>.html")
async def frame_page(page: str) -> Response:
    """A page for an iframe: elements-inner-payment-0f3a….html, whatever build its name ends in."""
    name, _, _ = page.rpartition("-")
    if name not in FRAMES:
        abort(404)
    return await _page(name)


@elements.get("/3d_secure_2/challenge")
async def challenge_page() -> Response:
    return await _page("challenge")


@elements.get("/v3/<name>.js")
async def script_of_frame(name: str) -> Response:
    if name not in FRAMES and name != "challenge":
        abort(404)
    return await _answer(frame_script(name), ".js")


@elements.get("/v3/<name>.css")
async def style_of_frame(name: str) -> Response:
    if name not in _names("", ".css"):
        abort(404)
    return await _answer(read(f"elements/{name}.css"), ".css")


@elements.get("/v3/img/<name>.svg")
async def icon(name: str) -> Response:
    if name not in _names("icons", ".svg"):
        abort(404)
    return await _answer(read(f"elements/icons/{name}.svg"), ".svg")


async def _script(train: str) -> Response:
    if fault := faults().take("GET", request.path, script=True):
        return Response(fault.message, fault.status or 503, content_type="text/plain; charset=utf-8")
    return await _answer(stripe_js(train), ".js")


async def _page(name: str) -> Response:
    response = await _answer(read(f"elements/{name}.html"), ".html")
    hosts = settings().hosts
    response.headers["Content-Security-Policy"] = PAGE_POLICY.format(api=hosts.api, hooks=hosts.hooks)
    return response


async def _answer(text: str, suffix: str) -> Response:
    """With an ETag, to be asked for again each time: whoever restarts the sandbox sees its new files."""
    response = Response(text, content_type=f"{TYPES[suffix]}; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.set_etag(hashlib.sha256(text.encode()).hexdigest()[:20])
    await response.make_conditional(request)
    return response


@functools.cache
def _names(folder: str, suffix: str) -> frozenset[str]:
    return frozenset(path.stem for path in (FOLDER / "elements" / folder).glob(f"*{suffix}"))
