"""The pages for people: what this is, the test cards, and the codes that can be typed."""

import hashlib
from pathlib import Path
from urllib.parse import urlsplit

from quart import Blueprint, Response, abort, current_app, render_template, request

from .access import Key
from .bank_accounts import BANK_ACCOUNTS, ROUTING_NUMBER
from .cards import SECTIONS, Card
from .errors import Json
from .held import settings, store
from .money import written
from .store import Store

pages = Blueprint("sandbox_pages", __name__, template_folder="templates")

STATIC = {path.name: path.read_bytes() for path in (Path(__file__).parent / "static").iterdir()}
"""In memory: a browser that goes away in the middle of an answer leaves no file open."""
TYPES = {".css": "text/css", ".js": "text/javascript", ".txt": "text/plain"}
POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"


@pages.get("/")
async def start() -> str:
    return await render_template(
        "sandbox/start.html",
        url=urlsplit(settings().url),
        script=f"{settings().hosts.js}/endive/stripe.js",
        keys=Key,
        routes=served(),
    )


def served() -> dict[str, list[str]]:
    """The API's paths, each with its methods."""
    found: dict[str, list[str]] = {}
    for rule in current_app.url_map.iter_rules():
        if rule.rule.startswith("/v1/"):
            methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
            path = rule.rule.replace("<", "{").replace(">", "}")
            found[path] = sorted({*found.get(path, ()), *methods})
    return dict(sorted(found.items()))


@pages.get("/_sandbox/cards")
async def cards() -> str:
    held = store()
    codes = [(code["code"], _off(held, code)) for code in held.all_of("promotion_code") if code["active"]]
    return await render_template(
        "sandbox/cards.html", sections=SECTIONS, accounts=BANK_ACCOUNTS, routing=ROUTING_NUMBER, codes=codes
    )


def _off(held: Store, code: Json) -> str:
    """What a promotion code takes off, in words."""
    coupon = held.get(code["promotion"]["coupon"], "coupon") or {}
    if coupon.get("percent_off") is not None:
        return f"{coupon['percent_off']:g}% off"
    return f"{written(coupon['amount_off'], coupon['currency'])} off" if coupon else "nothing any more"


@pages.get("/_sandbox/static/<name>")
async def static(name: str) -> Response:
    if name not in STATIC:
        abort(404)
    response = Response(STATIC[name], content_type=f"{TYPES[Path(name).suffix]}; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    response.set_etag(hashlib.sha256(STATIC[name]).hexdigest()[:20])
    await response.make_conditional(request)
    return response


@pages.app_template_filter("grouped")
def grouped(card: Card) -> str:
    """A number in the groups that are printed on the card."""
    sizes = (4, 6, 5) if card.brand == "amex" else (4, 4, 4, 4)
    starts = [sum(sizes[:place]) for place in range(len(sizes))]
    return " ".join(
        card.number[start : start + size] for start, size in zip(starts, sizes, strict=True)
    ).strip()


@pages.after_request
async def guard(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
