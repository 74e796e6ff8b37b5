"""The cookie of somebody who is signed in: a random token and nothing else. What it opens, a row says."""

from datetime import timedelta
from typing import Any

from quart import request
from werkzeug.wrappers import Response

from shop.cookies import host_name
from shop.web import over_https


class TokenCookie:
    def __init__(self, name: str) -> None:
        self.plain = name

    @property
    def name(self) -> str:
        return host_name(self.plain, secure=over_https())

    @property
    def token(self) -> str | None:
        return request.cookies.get(self.name)

    def give(self, response: Response, token: str, life: timedelta) -> Response:
        response.set_cookie(self.name, token, max_age=life, **self._flags)
        return response

    def take_back(self, response: Response) -> Response:
        response.delete_cookie(self.name, **self._flags)
        return response

    @property
    def _flags(self) -> dict[str, Any]:
        # Lax: a link in a letter leads in, and other sites' forms are refused anyway.
        return {"httponly": True, "secure": over_https(), "samesite": "Lax", "path": "/"}
