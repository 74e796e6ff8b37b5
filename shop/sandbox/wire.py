"""From an HTTP request to a handler, and from what it returns or raises to Stripe's answer.

A handler is a plain function, so nothing else runs while it does: every request is one transaction by itself.
"""

import functools
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from quart import Quart, Response, current_app, g, request
from werkzeug.exceptions import HTTPException

from . import access, faults, forms, idempotency, journal, params, versions
from .access import Key
from .answers import Answer
from .call import Call
from .errors import ApiError, Json, invalid
from .expand import expand
from .ids import ACCOUNT, new_id
from .older import rendered
from .store import now, shown

log = logging.getLogger(__name__)

CLIENT_EXTRAS: Json = dict.fromkeys(
    ("client_secret", "payment_user_agent", "referrer", "guid", "muid", "sid", "time_on_page"), "str"
)
"""What a browser may send along with a publishable key."""
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Credentials": "true",
    "Access-Control-Allow-Methods": "GET, HEAD, PUT, PATCH, POST, DELETE",
    "Access-Control-Expose-Headers": "Request-Id, Stripe-Manage-Version, Stripe-Should-Retry, "
    "X-Stripe-External-Auth-Required, X-Stripe-Privileged-Session-Required",
    "Access-Control-Max-Age": "300",
}
ALWAYS = {
    "Cache-Control": "no-cache, no-store",
    "Vary": "Origin",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}

Handler = Callable[..., Json]
View = Callable[..., Awaitable[Response]]


def endpoint(*, client: bool = False) -> Callable[[Handler], View]:
    """Make a route of a handler `(call, **ids) -> object`. `client` lets publishable keys in."""

    def wrap(handler: Handler) -> View:
        @functools.wraps(handler)
        async def view(**ids: str) -> Response:
            g.call = call = Call(current_app.extensions["store"], current_app.extensions["settings"])
            try:
                read(call, await request.get_data(as_text=False), client)
                answer = await answer_to(
                    call, lambda instead: run(call, lambda: handler(call, **ids), instead)
                )
            except ApiError as error:
                answer = failure(call, error)
            return reply(call, answer) if answer else faults.dropped()

        return view

    return wrap


async def answer_to(call: Call, work: Callable[[Answer | None], Answer]) -> Answer | None:
    """What the work answers, unless the control plane has asked for a fault; None drops the connection."""
    held, key = current_app.extensions["faults"], call.idempotency_key
    if key in held.waiting:
        message = f"There is currently another in-progress request using this Idempotency Key: {key}."
        raise ApiError(message, status=409, code="idempotency_key_in_use", type="idempotency_error")
    fault = held.take(request.method, request.path)
    if fault is None:
        return work(None)
    held.waiting.add(key or call.request_id)
    try:
        return await faults.suffer(fault, work)
    finally:
        held.waiting.discard(key or call.request_id)


def read(call: Call, body: str | bytes, client: bool) -> None:
    """Fill in the call from the request, once the caller is known and may be here."""
    rule = request.url_rule.rule if request.url_rule else request.path
    call.route = f"{request.method} {rule.replace('<', '{').replace('>', '}')}"
    form = body if isinstance(body, bytes) else body.encode()
    fields = {**forms.parse(request.query_string), **forms.parse(form if request.method != "GET" else b"")}
    call.key = access.authenticate(request.headers, fields)
    call.request_id = new_id("req_", 14)
    if call.key is Key.PUBLISHABLE and not client:
        raise access.secret_key_required()
    call.version = versions.choose(
        fields.pop("_stripe_version", None) or request.headers.get("Stripe-Version")
    )
    if request.method == "POST":
        call.idempotency_key = request.headers.get("Idempotency-Key")
    call.sent = fields


def run(call: Call, handle: Callable[[], Json], instead: Answer | None = None) -> Answer:
    """What was answered before to the same idempotency key, or what the handler says now; `instead` is what a
    fault answers in its place."""
    fingerprint = idempotency.fingerprint(call, request.path)
    if earlier := idempotency.recall(call, fingerprint):
        return earlier
    extra = versions.parameters(call.route, call.version, call.sent)
    if call.key is Key.PUBLISHABLE:
        extra |= CLIENT_EXTRAS
    fields = versions.upgraded(call.route, call.version, call.sent)
    call.params = params.check(call.route, fields, extra)
    with call.store.transaction():
        try:
            real = success(call, handle())
            answer = instead or real
        except ApiError as error:
            if not error.begun:
                raise
            answer = failure(call, error)
        idempotency.keep(call, fingerprint, answer)
    return answer


def success(call: Call, result: Json) -> Answer:
    shaped = rendered(call.store, result, call.version)
    expanded = expand(call.store, shaped, call.params.get("expand", []), call.version)
    return Answer(200, dump(call, expanded), began=request.method == "POST")


def failure(call: Call, error: ApiError) -> Answer:
    told = {**error.error, "request_log_url": log_url(call)} if call.request_id else error.error
    return Answer(
        error.status,
        dump(call, rendered(call.store, {"error": told}, call.version)),
        error.begun and request.method == "POST",
        error.headers,
    )


def log_url(call: Call) -> str:
    """Where Stripe's dashboard would show the request."""
    if call.version < versions.DAHLIA:
        return f"https://dashboard.stripe.com/test/logs/{call.request_id}?t={now()}"
    return f"https://dashboard.stripe.com/{ACCOUNT}/test/workbench/logs?object={call.request_id}"


def dump(call: Call, body: Json) -> str:
    visible = access.client_view(body) if call.key is Key.PUBLISHABLE else body
    return json.dumps(shown(visible), separators=(",", ":"))


def reply(call: Call, answer: Answer) -> Response:
    headers = {**answer.headers}
    if call.request_id:
        headers |= {"Request-Id": call.request_id, "Stripe-Version": call.version}
    if call.request_id and call.idempotency_key:
        headers |= {
            "Idempotency-Key": call.idempotency_key,
            "Original-Request": answer.original or call.request_id,
        }
        if answer.original:
            headers["Idempotent-Replayed"] = "true"
        if answer.began:
            headers["Stripe-Should-Retry"] = "false"
    return Response(answer.body, answer.status, headers, content_type="application/json")


def attach(app: Quart) -> None:
    """Answer on /v1 and /v2 what no handler answers, and let browsers in from any origin."""

    @app.errorhandler(HTTPException)
    async def plain(problem: HTTPException) -> Any:
        if not is_api(request.path):
            return problem
        call = Call(app.extensions["store"], app.extensions["settings"], request_id=new_id("req_", 14))
        return reply(call, Answer(*unserved(problem)))

    @app.errorhandler(Exception)
    async def crashed(problem: Exception) -> Any:
        log.exception("%s %s failed", request.method, request.path, exc_info=problem)
        error = ApiError("The sandbox failed; its log says why.", status=500, type="api_error")
        return Response(json.dumps({"error": error.error}), 500, content_type="application/json")

    @app.after_request
    async def let_in(response: Response) -> Response:
        if is_api(request.path):
            call = g.get("call") or Call(app.extensions["store"], app.extensions["settings"])
            await journal.note(call, response)
            response.headers.update({**ALWAYS, **CORS})
            if asked := request.headers.get("Access-Control-Request-Headers"):
                response.headers["Access-Control-Allow-Headers"] = asked
        return response


def is_api(path: str) -> bool:
    return path.startswith(("/v1/", "/v2/"))


def unserved(problem: HTTPException) -> tuple[int, str]:
    if problem.code in (404, 405):
        where = f"({request.method}: {request.path})"
        error = invalid(f"Unrecognized request URL {where}. The sandbox has no such route.")
        if request.path.startswith("/v2/"):
            return 404, json.dumps({"error": {"code": "not_found", "message": str(error)}})
        return 404, json.dumps({"error": error.error})
    error = invalid(problem.description or problem.name)
    return problem.code or 500, json.dumps({"error": error.error})
