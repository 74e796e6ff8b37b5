"""The sandbox's own pages as clients of its API: like the scripts in a browser they hold a publishable key, and what
they send is journaled, fails on demand, and is done once for one idempotency key."""

from typing import Any, cast

import httpx
from quart import current_app

from . import forms
from .access import Key
from .errors import ApiError, Json

LOST = "We could not reach Stripe. Please try again: you will not be charged twice."


class Inside(httpx.ASGITransport):
    """An app as a server in this process. A connection that the app drops is lost to the client, too."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return await super().handle_async_request(request)
        except AssertionError as unanswered:
            raise httpx.RemoteProtocolError(
                "The server dropped the connection.", request=request
            ) from unanswered


async def post(path: str, fields: Json, idempotency_key: str = "") -> Json:
    """What the API answers. Raises what it refuses with; a 502 where no answer comes."""
    app: Any = cast(Any, current_app)._get_current_object()
    headers = {"Authorization": f"Bearer {Key.PUBLISHABLE.value}"}
    if idempotency_key:
        headers["Idempotency-Key"] = idempotency_key
    async with httpx.AsyncClient(transport=Inside(app), timeout=None) as client:  # noqa: S113  a fault may last
        try:
            url = f"{app.extensions['settings'].hosts.api}{path}"
            reply = await client.post(url, data=forms.encoded(fields), headers=headers)
        except httpx.TransportError as lost:
            raise ApiError(LOST, status=502, type="api_error") from lost
    answer: Json = reply.json()
    if reply.is_success:
        return answer
    told = answer["error"]
    raise ApiError(told["message"], status=reply.status_code, code=told.get("code"), param=told.get("param"))
