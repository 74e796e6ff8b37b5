"""The visitor's cookie: signed, and with nothing in it but the cart's random id and the number in the header."""

from typing import cast

from itsdangerous import BadSignature
from quart import Quart, request
from quart.sessions import SecureCookieSessionInterface
from werkzeug.http import parse_cookie

from shop.settings import Settings

NAME = "colophon"


def came_by_https(scheme: str, settings: Settings) -> bool:
    """Whether the browser came by https, as far as we know: a proxy in between may speak http with us."""
    return scheme == "https" or (settings.url or "").startswith("https://")


def host_name(name: str, *, secure: bool) -> str:
    """Over https one that browsers take from this host alone, and only over https."""
    return f"__Host-{name}" if secure else name


class Sessions(SecureCookieSessionInterface):
    def get_cookie_name(self, app: Quart) -> str:
        return host_name(NAME, secure=self.get_cookie_secure(app))

    def get_cookie_secure(self, app: Quart) -> bool:
        return came_by_https(request.scheme, app.extensions["settings"])

    def count(self, app: Quart, cookies: str, scheme: str) -> int:
        """The number of books in the visitor's cart, by the request's Cookie header."""
        secure = came_by_https(scheme, app.extensions["settings"])
        cookie = parse_cookie(cookies).get(host_name(NAME, secure=secure))
        signer = self.get_signing_serializer(app)
        if cookie is None or signer is None:
            return 0
        try:
            data = signer.loads(cookie, max_age=int(app.permanent_session_lifetime.total_seconds()))
        except BadSignature:
            return 0
        return cast(int, data.get("count", 0))
