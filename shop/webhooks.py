"""What Stripe tells us: verified, acted on once, answered with 2xx only when the work is done.

Handlers take the event's object and name the PaymentIntent or Checkout Session to look at; `sync_payment` does the
rest. Since it asks Stripe how things stand, late, repeated and reordered events do no harm."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import structlog

from shop.card_testing import shut_out_after
from shop.db import Database, now
from shop.errors import Conflict, IntentMissing, NotFound, PaymentUnavailable
from shop.event_log import note
from shop.gateway import Gateway
from shop.metrics import WEBHOOK_LAG, duplicate
from shop.models import EventOutcome, Order
from shop.settings import Settings
from shop.subject import concerns
from shop.syncing import HadItsEffect, NotOurs, UnknownPayment, sync_payment
from shop.words import _

if TYPE_CHECKING:
    import stripe

log = structlog.get_logger()


def itself(intent_or_session: Any) -> str | None:
    return getattr(intent_or_session, "id", None)


def its_intent(thing: Any) -> str | None:
    return getattr(thing, "payment_intent", None)


HANDLERS: dict[str, Callable[[Any], str | None]] = {
    "payment_intent.succeeded": itself,
    "payment_intent.payment_failed": itself,
    "payment_intent.processing": itself,
    "payment_intent.amount_capturable_updated": itself,
    "payment_intent.canceled": itself,
    "charge.refunded": its_intent,
    "charge.refund.updated": its_intent,
    "refund.created": its_intent,
    "refund.updated": its_intent,
    "refund.failed": its_intent,
    "charge.dispute.created": its_intent,
    "charge.dispute.updated": its_intent,
    "charge.dispute.closed": its_intent,
    "checkout.session.completed": itself,
    "checkout.session.async_payment_succeeded": itself,
    "checkout.session.async_payment_failed": itself,
    "checkout.session.expired": itself,
}


async def receive(
    db: Database, gateway: Gateway, settings: Settings, event: "stripe.Event", *, again: bool = False
) -> bool:
    """Have the event's effect, unless it has had it; whether a letter may be owed for it. Raises UnknownPayment and
    PaymentUnavailable: Stripe should come again. `again`: though it has had it."""
    concerns(event_id=event.id)
    find = HANDLERS.get(event.type)
    stripe_id = find(event.data.object) if find else None
    if not isinstance(stripe_id, str):
        return False
    order = None
    try:
        order = await _handle(db, gateway, event, stripe_id, again=again)
        if not again:
            WEBHOOK_LAG.observe(max(now().timestamp() - getattr(event, "created", now().timestamp()), 0))
    except HadItsEffect:
        duplicate("webhook")()
    if (
        event.type == "payment_intent.payment_failed"
    ):  # of a form of ours or not: whoever has the client secret
        await shut_out_after(db, gateway, settings, stripe_id)
    return order is not None and order.email is not None


async def replay(db: Database, gateway: Gateway, settings: Settings, event_id: str) -> None:
    """Ask Stripe for an event and handle it, whether it ever came here or not.

    Raises NotFound, Conflict for a type that nobody handles, and as `receive`."""
    try:
        event = await gateway.retrieve_event(event_id)
    except IntentMissing:
        raise NotFound(
            _("Stripe does not know this event, or not any more: it keeps them for 30 days.")
        ) from None
    if event.type not in HANDLERS:
        raise Conflict(_("Nothing is done here about an event of the type %(type)s.", type=event.type))
    await receive(db, gateway, settings, event, again=True)


async def _handle(
    db: Database, gateway: Gateway, event: "stripe.Event", stripe_id: str, *, again: bool
) -> Order | None:
    """The order that it is about, if it is one of ours. Raises as `sync_payment`, but for what is not."""
    try:
        order, _truth = await sync_payment(db, gateway, stripe_id, event, again=again)
    except (NotOurs, IntentMissing):
        log.info("webhook.not_ours", event_id=event.id, stripe_id=stripe_id)
        await note(db, event, EventOutcome.NOT_OURS, stripe_id)
        return None
    except (UnknownPayment, PaymentUnavailable) as error:
        await note(db, event, EventOutcome.FAILED, stripe_id, type(error).__name__)
        raise
    return order
