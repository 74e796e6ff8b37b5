"""Where the parts of Stripe live: all at one address, or each under Stripe's own name for it (mimic mode)."""

from dataclasses import dataclass

from quart import Quart, Response, request

NAMES = ("api", "js", "checkout", "hooks", "pm-redirects", "files", "connect", "r", "m", "q")
"""The names under stripe.com that a certificate and a browser's rules have to cover."""
TELEMETRY = ("r.stripe.com", "m.stripe.com", "q.stripe.com", "m.stripe.network")


@dataclass(frozen=True)
class Hosts:
    """Addresses without a trailing slash, as a browser is given them."""

    api: str
    js: str
    checkout: str
    hooks: str
    redirects: str

    @classmethod
    def at(cls, url: str) -> "Hosts":
        return cls(api=url, js=url, checkout=url, hooks=url, redirects=url)


STRIPE = Hosts(
    api="https://api.stripe.com",
    js="https://js.stripe.com",
    checkout="https://checkout.stripe.com",
    hooks="https://hooks.stripe.com",
    redirects="https://pm-redirects.stripe.com",
)


def browser_rules(port: int) -> str:
    """The value of Chromium's --host-resolver-rules that leads Stripe's names here."""
    return ",".join(f"MAP {name}.stripe.com:443 127.0.0.1:{port}" for name in NAMES)


def attach(app: Quart) -> None:
    """Take what scripts report about themselves, and forget it."""

    @app.before_request
    async def discard_telemetry() -> Response | None:
        if request.host not in TELEMETRY:
            return None
        return Response("", headers={"Access-Control-Allow-Origin": "*"})
