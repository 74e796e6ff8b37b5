"""The visitor's cookie: signed, and with nothing in it but the cart's random id and the number in the header."""

import time
from functools import lru_cache
from typing import Any, cast

from itsdangerous import BadSignature
from quart import Quart, request
from quart.sessions import SecureCookieSession, SecureCookieSessionInterface
from quart.wrappers.base import BaseRequestWebsocket
from werkzeug.sansio.http import parse_cookie  # as requests read theirs: another breaks on what is no UTF-8

from shop.settings import Settings

NAME = "colophon"


def came_by_https(scheme: str, settings: Settings) -> bool:
    """Whether the browser came by https, as far as we know: a proxy in between may speak http with us."""
    return scheme == "https" or (settings.url or "").startswith("https://")


def host_name(name: str, *, secure: bool) -> str:
    """Over https one that browsers take from this host alone, and only over https."""
    return f"__Host-{name}" if secure else name


class Sessions(SecureCookieSessionInterface):
    """As Quart's, but that signatures are checked once: to check one takes 0.1 ms."""

    def __init__(self) -> None:
        self._verified = lru_cache(maxsize=4096)(self._verify)

    def get_cookie_name(self, app: Quart) -> str:
        return host_name(NAME, secure=self.get_cookie_secure(app))

    def get_cookie_secure(self, app: Quart) -> bool:
        return came_by_https(request.scheme, app.extensions["settings"])

    async def open_session(self, app: Quart, request: BaseRequestWebsocket) -> SecureCookieSession:
        return self.session_class(self._read(app, request.cookies.get(self.get_cookie_name(app))))

    def count(self, app: Quart, cookies: str, scheme: str) -> int:
        """The number of books in the visitor's cart, by the request's Cookie header."""
        secure = came_by_https(scheme, app.extensions["settings"])
        said = self._read(app, parse_cookie(cookies).get(host_name(NAME, secure=secure)))
        return cast(int, said.get("count", 0))

    def _read(self, app: Quart, cookie: str | None) -> dict[str, Any]:
        """What it says; nothing if it is none of ours, or too old."""
        if not cookie:
            return {}
        try:
            said, signed_at = self._verified(app, cookie)
        except BadSignature:  # which is not remembered
            return {}
        fresh = 0 <= time.time() - signed_at <= app.permanent_session_lifetime.total_seconds()
        return said if fresh else {}

    def _verify(self, app: Quart, cookie: str) -> tuple[dict[str, Any], float]:
        signer = self.get_signing_serializer(app)
        assert signer
        said, signed_at = signer.loads(cookie, return_timestamp=True)
        return said, signed_at.timestamp()
