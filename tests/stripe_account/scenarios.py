"""What is played: each scenario is a few calls of the SDK, as a shop would make them."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import stripe

Scenario = Callable[[Any], Awaitable[str]]
"""Takes `client.v1` and returns the id of the intent that it was about, for its events."""

BOOK: dict[str, Any] = {
    "amount": 1999,
    "currency": "usd",
    "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
}
PAID = {**BOOK, "confirm": True, "payment_method": "pm_card_visa"}


@asynccontextmanager
async def refused() -> AsyncIterator[None]:
    """An error is an answer like others here; the recorder has it."""
    with contextlib.suppress(stripe.StripeError):
        yield


async def pays(v1: Any) -> str:
    intent = await v1.payment_intents.create_async({**BOOK, "metadata": {"order": "o_1"}})
    await v1.payment_intents.update_async(intent.id, {"amount": 2500, "description": "Two books"})
    await v1.payment_intents.confirm_async(intent.id, {"payment_method": "pm_card_visa"})
    await v1.payment_intents.retrieve_async(intent.id, {"expand": ["latest_charge", "payment_method"]})
    return str(intent.id)


async def is_declined_and_pays_then(v1: Any) -> str:
    intent = await v1.payment_intents.create_async(BOOK)
    declines = ("chargeDeclined", "chargeDeclinedExpiredCard", "chargeDeclinedIncorrectCvc")
    for card in (*declines, "visa_chargeDeclinedInsufficientFunds", "visa"):
        async with refused():
            await v1.payment_intents.confirm_async(intent.id, {"payment_method": f"pm_card_{card}"})
    return str(intent.id)


async def is_asked_for_authentication(v1: Any) -> str:
    card = {"confirm": True, "payment_method": "pm_card_threeDSecure2Required"}
    back = {"return_url": "https://example.com/orders/1", "automatic_payment_methods": {"enabled": True}}
    intent = await v1.payment_intents.create_async({**BOOK, **card, **back})
    await v1.payment_intents.cancel_async(intent.id, {"cancellation_reason": "abandoned"})
    return str(intent.id)


async def is_captured_later(v1: Any) -> str:
    intent = await v1.payment_intents.create_async({**PAID, "capture_method": "manual"})
    await v1.payment_intents.capture_async(intent.id, {"amount_to_capture": 1500})
    return str(intent.id)


async def is_canceled(v1: Any) -> str:
    intent = await v1.payment_intents.create_async(BOOK)
    await v1.payment_intents.cancel_async(intent.id)
    async with refused():
        await v1.payment_intents.confirm_async(intent.id, {"payment_method": "pm_card_visa"})
    return str(intent.id)


async def is_refunded_in_parts(v1: Any) -> str:
    intent = await v1.payment_intents.create_async({**PAID, "capture_method": "automatic"})
    await v1.refunds.create_async({"payment_intent": intent.id, "amount": 500})
    await v1.refunds.create_async({"payment_intent": intent.id, "reason": "requested_by_customer"})
    async with refused():
        await v1.refunds.create_async({"payment_intent": intent.id})
    await v1.charges.retrieve_async(intent.latest_charge, {"expand": ["balance_transaction"]})
    return str(intent.id)


async def saves_a_card(v1: Any) -> str:
    ada, eve = [await v1.customers.create_async({"email": f"{who}@example.com"}) for who in ("ada", "eve")]
    features = {f"payment_method_{name}": "enabled" for name in ("redisplay", "save", "remove")}
    form = {"enabled": True, "features": {**features, "payment_method_save_usage": "on_session"}}
    await v1.customer_sessions.create_async({"customer": ada.id, "components": {"payment_element": form}})
    intent = await v1.payment_intents.create_async(BOOK)
    await v1.payment_intents.update_async(intent.id, {"customer": ada.id})
    async with refused():
        await v1.payment_intents.update_async(intent.id, {"customer": eve.id})
    saving = {"payment_method": "pm_card_visa", "setup_future_usage": "on_session"}
    paid = await v1.payment_intents.confirm_async(intent.id, saving)
    await v1.customers.payment_methods.list_async(ada.id, {"type": "card"})
    async with refused():
        await v1.customers.payment_methods.retrieve_async(eve.id, paid.payment_method)
    await v1.payment_methods.detach_async(paid.payment_method)
    for customer in (ada, eve):
        await v1.customers.delete_async(customer.id)
    async with refused():
        await v1.customer_sessions.create_async({"customer": ada.id, "components": {"payment_element": form}})
    return str(intent.id)


async def repeats_a_key(v1: Any) -> str:
    key: Any = {"idempotency_key": f"test-stripe-{uuid4()}"}
    intent = await v1.payment_intents.create_async(BOOK, key)
    await v1.payment_intents.create_async(BOOK, key)
    async with refused():
        await v1.payment_intents.create_async({**BOOK, "amount": 500}, key)
    return str(intent.id)


async def makes_mistakes(v1: Any) -> str:
    wrong: list[dict[str, Any]] = [
        {"amount": 0},
        {"amount": 10},
        {"currency": "xxx"},
        {"colour": "red"},
        {"payment_method": "pm_unknown"},
        {"capture_method": "some day"},
        {"return_url": "https://example.com/"},
    ]
    for change in wrong:
        async with refused():
            await v1.payment_intents.create_async({**BOOK, **change})
    async with refused():
        await v1.payment_intents.retrieve_async("pi_unknown")
    return ""


SCENARIOS: tuple[Scenario, ...] = (
    pays,
    is_declined_and_pays_then,
    is_asked_for_authentication,
    is_captured_later,
    is_canceled,
    is_refunded_in_parts,
    saves_a_card,
    repeats_a_key,
    makes_mistakes,
)
