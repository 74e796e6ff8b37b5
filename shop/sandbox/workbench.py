"""The workbench: a page that shows what each call, event and delivery of a payment was, as it happens."""

import json
import time
from typing import Any, cast

import httpx
from quart import Blueprint, Response, current_app, redirect, request, url_for

from . import journal, stories
from .access import Key
from .control import refuse_other_sites, resend_event
from .errors import Json
from .held import settings, store
from .live import guarded, living, partial
from .store import shown

workbench = Blueprint("sandbox_workbench", __name__, url_prefix="/_sandbox/workbench")
workbench.before_request(refuse_other_sites)
workbench.after_request(guarded)

Page = Response | tuple[Response, int]


@workbench.get("")
async def index() -> Page:
    """The newest intents and the last calls; or, for `?q=`, the story of what is looked for."""
    wanted = request.args.get("q", "").strip()
    if wanted and (home := stories.home_of(store(), wanted)):
        return cast(Response, redirect(url_for(".show", id=home), 303))
    if wanted:
        return await _page(id=None, wanted=wanted, steps=[]), 404
    return await _page(id=None, steps=stories.latest(store(), settings().url))


@workbench.get("/<id>")
async def show(id: str) -> Page:
    steps, found = stories.story(store(), id, settings().url), store().named(id)
    if not steps and found is None:
        return await _page(id=None, wanted=id, steps=[]), 404
    return await _page(id=id, steps=steps, subject=journal.masked(shown(found)))


@workbench.post("/<intent>/refunds")
async def refund(intent: str) -> Page:
    """Refund as from Stripe's dashboard: by Stripe's API, which writes it down like any other call. The key says
    how many refunds there were when the button was shown, so that pressing it twice refunds once."""
    typed = (await request.form).get("amount", "").strip()
    currency = (store().get(intent, "payment_intent") or {}).get("currency", "")
    amount = stories.smallest_units(typed, currency)
    fields = {"payment_intent": intent, "amount": amount, "reason": "requested_by_customer"}
    key = f"workbench-{intent}-after-{request.args.get('after', '')}-{amount or 'all'}"
    transport = httpx.ASGITransport(cast(Any, current_app))
    async with httpx.AsyncClient(transport=transport, base_url=settings().url) as api:
        await api.post(
            "/v1/refunds",
            data={name: value for name, value in fields.items() if value},
            headers={"Idempotency-Key": key, "Authorization": f"Bearer {Key.SECRET.value}"},
        )
    return await _after(intent)


@workbench.post("/<id>/events/<event>/resend")
async def resend(id: str, event: str) -> Page:
    await resend_event(event)
    return await _after(id)


async def _after(id: str) -> Page:
    """The changed story in place, or the way to it for a browser without scripts."""
    return await show(id) if partial() else cast(Response, redirect(url_for(".show", id=id), 303))


async def _page(**context: Any) -> Response:
    context |= {
        "intents": stories.newest_intents(store()),
        "not_served": stories.not_served(store()),
        "left": stories.refundable(store(), context["id"]) if context["id"] else 0,
        "refunds": stories.refunds_of(store(), context["id"]) if context["id"] else 0,
        "live": request.args.get("live") != "off",
    }
    return await living("sandbox/workbench.html", "sandbox/_workbench.html", **context)


@workbench.app_template_filter("clock")
def clock(at: float) -> str:
    return time.strftime("%H:%M:%S", time.gmtime(at)) + f".{int(at % 1 * 1000):03}"


@workbench.app_template_filter("money")
def money(body: Json, field: str = "amount") -> str:
    return stories.amount_of(body[field], body["currency"])


@workbench.app_template_filter("amount")
def amount(value: int, currency: str) -> str:
    return stories.amount_of(value, currency)


@workbench.app_template_filter("pretty")
def pretty(body: Json) -> str:
    return json.dumps(body, indent=2, ensure_ascii=False)


@workbench.app_template_filter("flat")
def flat(fields: Json) -> list[tuple[str, str]]:
    return stories.flat(fields)
