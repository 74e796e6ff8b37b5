"""What Stripe tells us: verified, acted on once, answered with 2xx only when the work is done.

Handlers take the event's object and name the PaymentIntent to look at; `sync_payment` does the rest. Since it asks
Stripe how things stand, late, repeated and reordered events do no harm."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import structlog

from shop.db import Database
from shop.errors import IntentMissing
from shop.gateway import Gateway
from shop.models import StripeEvent
from shop.syncing import NotOurs, sync_payment

if TYPE_CHECKING:
    import stripe

log = structlog.get_logger()


def itself(intent: Any) -> str | None:
    return getattr(intent, "id", None)


def its_intent(thing: Any) -> str | None:
    return getattr(thing, "payment_intent", None)


HANDLERS: dict[str, Callable[[Any], str | None]] = {
    "payment_intent.succeeded": itself,
    "payment_intent.payment_failed": itself,
    "payment_intent.processing": itself,
    "payment_intent.amount_capturable_updated": itself,
    "payment_intent.canceled": itself,
    "charge.refunded": its_intent,
}


async def receive(db: Database, gateway: Gateway, event: "stripe.Event") -> None:
    """Have the event's effect, unless it has had it. Raises UnknownPayment and PaymentUnavailable: Stripe should
    come again."""
    find_intent = HANDLERS.get(event.type)
    intent_id = find_intent(event.data.object) if find_intent else None
    if intent_id is None or await _has_been_handled(db, event.id):
        return
    try:
        await sync_payment(db, gateway, intent_id, event)
    except (NotOurs, IntentMissing):
        log.info("webhook.not_ours", event_id=event.id, intent=intent_id)


async def _has_been_handled(db: Database, event_id: str) -> bool:
    async with db.read() as session:
        return await session.get(StripeEvent, event_id) is not None
