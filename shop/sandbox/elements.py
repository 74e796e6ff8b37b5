"""Stripe.js and the pages inside its iframes, as js.stripe.com and hooks.stripe.com serve them.

There is no build step: each script is the concatenation of small files in one function scope, put together
when it is asked for. Nothing here is told who is asking; what a page may do it does through the HTTP API.
"""

import functools
import hashlib
from pathlib import Path

from quart import Blueprint, Response, abort, current_app, request

elements = Blueprint("elements", __name__)

TRAIN, API_VERSION = "endive", "2026-09-30.endive"
FOLDER = Path(__file__).parent
SHARED = ("js/origin.js", "js/errors.js", "js/api.js")
STRIPE_JS = (
    *SHARED,
    "js/emitter.js",
    "js/frame.js",
    "js/element.js",
    "js/payment_element.js",
    "js/elements.js",
    "js/three_d_secure.js",
    "js/confirm.js",
    "js/stripe.js",
)
FRAME_SCRIPTS = {
    "elements-inner-payment": (
        *SHARED,
        "elements/channel.js",
        "elements/brands.js",
        "elements/mask.js",
        "elements/checks.js",
        "elements/field.js",
        "elements/countries.js",
        "elements/appearance.js",
        "elements/layout.js",
        "elements/card_form.js",
        "elements/payment.js",
    ),
    "three-ds-2-challenge": (*SHARED, "elements/channel.js", "elements/three_ds.js"),
    "challenge": ("js/origin.js", "elements/challenge.js"),
}
# A page in a frame may use what the sandbox serves and nothing else. It says nothing of who may frame it:
# any shop may.
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' {api}; "
    "frame-src 'self' {hooks}; base-uri 'none'; form-action 'none'"
)
TYPES = {".css": "text/css", ".html": "text/html", ".js": "text/javascript", ".svg": "image/svg+xml"}


@elements.get("/endive/stripe.js")
async def stripe_js() -> Response:
    return await _answer(_script(STRIPE_JS), ".js")


@elements.get("/v3/<page>.html")
async def frame_page(page: str) -> Response:
    """A page for an iframe: elements-inner-payment-0f3a….html, whatever build its name ends in."""
    name, _, _ = page.rpartition("-")
    if name not in ("elements-inner-payment", "three-ds-2-challenge"):
        abort(404)
    return await _page(name)


@elements.get("/3d_secure_2/challenge")
async def challenge_page() -> Response:
    return await _page("challenge")


@elements.get("/v3/<name>.js")
async def frame_script(name: str) -> Response:
    if name not in FRAME_SCRIPTS:
        abort(404)
    return await _answer(_script(FRAME_SCRIPTS[name]), ".js")


@elements.get("/v3/<any('elements-inner-payment', 'three-ds-2-challenge', 'challenge'):name>.css")
async def frame_style(name: str) -> Response:
    return await _answer(_read(f"elements/{name}.css"), ".css")


@elements.get("/v3/img/<name>.svg")
async def icon(name: str) -> Response:
    if name not in _icons():
        abort(404)
    return await _answer(_read(f"elements/icons/{name}.svg"), ".svg")


async def _page(name: str) -> Response:
    response = await _answer(_read(f"elements/{name}.html"), ".html")
    hosts = current_app.extensions["settings"].hosts
    response.headers["Content-Security-Policy"] = PAGE_POLICY.format(api=hosts.api, hooks=hosts.hooks)
    return response


def _script(files: tuple[str, ...]) -> str:
    """The files, in order, as one script that leaves nothing behind but what it sets on `window`."""
    constants = {"TRAIN": TRAIN, "API_VERSION": API_VERSION, "BUILD": _build()}
    head = "".join(f'const {name} = "{value}";\n' for name, value in constants.items())
    return f'(() => {{\n"use strict";\n{head}{"".join(map(_read, files))}}})();\n'


async def _answer(text: str, suffix: str) -> Response:
    """With an ETag, to be asked for again each time: whoever restarts the sandbox sees its new files."""
    response = Response(text, content_type=f"{TYPES[suffix]}; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.set_etag(hashlib.sha256(text.encode()).hexdigest()[:20])
    await response.make_conditional(request)
    return response


@functools.cache
def _read(name: str) -> str:
    return (FOLDER / name).read_text()


@functools.cache
def _build() -> str:
    """Names what the frames are made of."""
    files = sorted(path for path in (FOLDER / "elements").iterdir() if path.suffix in TYPES)
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]


@functools.cache
def _icons() -> frozenset[str]:
    return frozenset(path.stem for path in (FOLDER / "elements/icons").glob("*.svg"))
