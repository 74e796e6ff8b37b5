"""The log of webhooks, and handling one again."""

import re

from quart import Blueprint, request
from werkzeug.wrappers import Response

from shop.errors import BadInput, Conflict, NotFound, PaymentUnavailable, ShopError
from shop.event_log import list_events
from shop.models import EventOutcome
from shop.syncing import UnknownPayment
from shop.web import Reply, db, finish, gateway, letters_are_due, render, see_other, settings
from shop.webhooks import replay
from shop.words import _, gettext_noop

webhooks = Blueprint("webhooks", __name__, url_prefix="/webhooks")
EVENT_ID = re.compile(r"evt_\w{1,250}", re.ASCII)
OUTCOMES = {
    EventOutcome.HANDLED: gettext_noop("handled"),
    EventOutcome.NOT_OURS: gettext_noop("not ours"),
    EventOutcome.FAILED: gettext_noop("failed"),
}
REASONS = {
    "UnknownPayment": gettext_noop("it names a payment that this shop does not have"),
    "PaymentUnavailable": gettext_noop("Stripe did not answer"),
    "PaymentBusy": gettext_noop("too many calls to Stripe were under way"),
}


@webhooks.get("")
async def index() -> Reply:
    return await _log()


@webhooks.post("/replays")
async def play_again() -> Reply | Response:
    event_id = (await request.form).get("event", "").strip()
    try:
        if not EVENT_ID.fullmatch(event_id):
            raise BadInput(_("Write the event’s id as Stripe gives it, like evt_1."))
        await finish(replay(db(), gateway(), settings(), event_id))
    except (BadInput, Conflict, NotFound) as error:
        return await _log(error)
    except (UnknownPayment, PaymentUnavailable) as failure:
        why = _(REASONS[type(failure).__name__])
        return await _log(ShopError(_("It was tried again and failed: %(why)s.", why=why)))
    letters_are_due()
    return see_other("staff.webhooks.index", replayed=event_id)


async def _log(error: ShopError | None = None) -> Reply:
    outcome, replayed = request.args.get("outcome", ""), request.args.get("replayed", "")
    found = await list_events(db(), outcome, request.args.get("before", ""))
    return await render(
        "staff/webhooks/index.html",
        "staff/webhooks/_found.html",
        error.status if error else 200,
        found=found,
        outcome=outcome,
        outcomes=OUTCOMES,
        reasons=REASONS,
        error=error,
        replayed=replayed if EVENT_ID.fullmatch(replayed) else None,
    )
