"""What Stripe tells us: verified, acted on once, answered with 2xx only when the work is done.

Handlers take the event's object and name the PaymentIntent or Checkout Session to look at; `sync_payment` does the
rest. Since it asks Stripe how things stand, late, repeated and reordered events do no harm."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import structlog

from shop.card_testing import shut_out_after
from shop.db import Database
from shop.errors import IntentMissing
from shop.gateway import Gateway
from shop.models import StripeEvent
from shop.settings import Settings
from shop.syncing import NotOurs, sync_payment

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


async def receive(db: Database, gateway: Gateway, settings: Settings, event: "stripe.Event") -> None:
    """Have the event's effect, unless it has had it. Raises UnknownPayment and PaymentUnavailable: Stripe should
    come again."""
    find = HANDLERS.get(event.type)
    stripe_id = find(event.data.object) if find else None
    if not isinstance(stripe_id, str):
        return
    if not await _has_been_handled(db, event.id):
        try:
            await sync_payment(db, gateway, stripe_id, event)
        except (NotOurs, IntentMissing):
            log.info("webhook.not_ours", event_id=event.id, stripe_id=stripe_id)
    if (
        event.type == "payment_intent.payment_failed"
    ):  # of a form of ours or not: whoever has the client secret
        await shut_out_after(db, gateway, settings, stripe_id)


async def _has_been_handled(db: Database, event_id: str) -> bool:
    async with db.read() as session:
        return await session.get(StripeEvent, event_id) is not None
