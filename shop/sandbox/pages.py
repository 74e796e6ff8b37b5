"""The pages for people: what this is, and the test cards."""

from urllib.parse import urlsplit

from quart import Blueprint, Response, current_app, render_template

from .access import Key
from .bank_accounts import BANK_ACCOUNTS, ROUTING_NUMBER
from .cards import SECTIONS, Card

pages = Blueprint(
    "sandbox_pages",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/_sandbox/static",
)

POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"


@pages.get("/")
async def start() -> str:
    return await render_template(
        "sandbox/start.html",
        url=urlsplit(current_app.extensions["settings"].url),
        script=f"{current_app.extensions['settings'].hosts.js}/endive/stripe.js",
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
    return await render_template(
        "sandbox/cards.html", sections=SECTIONS, accounts=BANK_ACCOUNTS, routing=ROUTING_NUMBER
    )


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
