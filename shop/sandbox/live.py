"""Pages that renew themselves: whole for a browser; for htmx their living part, if it is not as the browser has it."""

import hashlib
import json
from typing import Any

from quart import Response, render_template, request

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
)


def partial() -> bool:
    return request.headers.get("HX-Request-Type") == "partial"


async def living(page: str, part: str, **context: Any) -> Response:
    """The templates find in `state` what a browser has to send as `seen`."""
    state = hashlib.sha256(json.dumps(context, default=str).encode()).hexdigest()[:16]
    if partial() and request.args.get("seen") == state:
        return Response("", 204)
    return Response(await render_template(part if partial() else page, **context, state=state))


def guarded(response: Response, ancestors: str = "'none'") -> Response:
    """`ancestors`: the origins whose pages may frame this one."""
    response.headers["Content-Security-Policy"] = POLICY.format(ancestors=ancestors)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "HX-Request-Type"
    return response
