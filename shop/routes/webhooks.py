"""Stripe's webhook: raw bytes in, 204 out once the work is done."""

import structlog
from quart import Blueprint, request

from shop.errors import PaymentBusy, PaymentUnavailable
from shop.gateway import InvalidEvent
from shop.syncing import UnknownPayment
from shop.web import db, finish, gateway, letters_are_due, settings
from shop.webhooks import receive

webhooks = Blueprint("webhooks", __name__)
log = structlog.get_logger()


@webhooks.post("/webhooks/stripe")
async def stripe_webhook() -> tuple[str, int]:
    body = await request.get_data(cache=False, as_text=False, parse_form_data=False)
    try:
        event = gateway().read_event(body, request.headers.get("Stripe-Signature", ""))
    except InvalidEvent:
        return "The signature does not match.", 400
    try:
        letter = await finish(receive(db(), gateway(), settings(), event))
    except PaymentBusy:
        raise  # 503 with Retry-After
    except (UnknownPayment, PaymentUnavailable) as error:
        log.warning("webhook.later", event_id=event.id, type=event.type, reason=type(error).__name__)
        return "Not yet. Please send it again.", 500
    if letter:
        letters_are_due()
    return "", 204
