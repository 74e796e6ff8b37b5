"""What browsers are told that a page may do. Stripe's hosts, or its double's, stand only where they are needed."""

from urllib.parse import urlsplit

from shop.settings import Settings

Headers = dict[str, str]
HSTS = "max-age=31536000"  # a year, for this name alone: what else runs on the domain is not ours to say


def page_headers(settings: Settings) -> dict[str | None, Headers]:
    """By blueprint; None is for every other page, for files and for errors."""
    stripe = _stripe(settings)
    leading = {"form-action": stripe["form-action"]}  # a form may be answered by a redirect to Stripe's page
    notice = {"frame-src": [settings.sandbox_url]} if settings.sandbox_url else {}
    return {
        None: _headers(notice),
        "staff": _headers(),
        # Buy now leads to Stripe's page at once, where that is the setting.
        "catalogue": _headers(notice, leading if settings.ui_mode == "hosted_page" else {}),
        "cart": _headers(notice, leading),
        "orders": _headers(notice, leading),
        "checkout": _headers(notice, stripe, wallets=stripe["script-src"]),
    }


def _headers(*more: dict[str, list[str]], wallets: list[str] | None = None) -> Headers:
    """`more`: hosts that the policy allows beside the shop itself. `wallets`: whose frames may ask the browser to pay;
    None where nothing is paid."""
    payment = f"(self {' '.join(map(_quoted, wallets))})" if wallets else "()"
    return {
        "Content-Security-Policy": _policy(*more),
        # Banks and wallets open windows from stripe.js, which must find their way back.
        "Cross-Origin-Opener-Policy": "same-origin-allow-popups" if wallets else "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": f"camera=(), geolocation=(), microphone=(), usb=(), payment={payment}",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",  # for browsers that do not know frame-ancestors
    }


def _policy(*more: dict[str, list[str]]) -> str:
    policy = {name: list(sources) for name, sources in POLICY.items()}
    for name, hosts in ((name, hosts) for allowed in more for name, hosts in allowed.items()):
        policy[name] = [source for source in policy[name] if source != "'none'"] + hosts
    return "; ".join(f"{name} {' '.join(dict.fromkeys(sources))}" for name, sources in policy.items())


POLICY = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "frame-src": ["'none'"],
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
    "object-src": ["'none'"],
}


def _quoted(host: str) -> str:
    return f'"{host}"'


def _stripe(settings: Settings) -> dict[str, list[str]]:
    """Stripe's hosts, as docs.stripe.com/security/guide#content-security-policy lists them, or its double's."""
    if not settings.stripe_api_base:
        scripts = ["https://js.stripe.com", "https://*.js.stripe.com"]
        link = ["https://link.com", "https://*.link.com"]  # Stripe's own wallet
        return {
            "script-src": scripts,
            "frame-src": [*scripts, "https://hooks.stripe.com", *link],
            "connect-src": ["https://api.stripe.com", *link],
            "form-action": ["https://checkout.stripe.com"],
        }
    double = ["{0.scheme}://{0.netloc}".format(urlsplit(settings.stripe_js_url))]
    hosted = [settings.sandbox_url] if settings.sandbox_url else double
    return {"script-src": double, "frame-src": double, "connect-src": double, "form-action": hosted}
