"""Customers at Stripe, and the cards that Stripe keeps for them. The shop keeps none, and asks each time.

A Customer is made when somebody who is signed in comes to pay, once: its parameters and its key are in the row before
Stripe is asked, so that two tabs, a lost answer or a crash bring the same one."""

import re
from contextlib import suppress
from typing import TYPE_CHECKING, cast

import structlog

from shop.attempts import CLOCK_SKEW, KEY_LIFE
from shop.db import Database, now, retried
from shop.errors import IntentClosed, IntentMissing, NotFound, PaymentRefused, PaymentUnavailable
from shop.gateway import Gateway
from shop.models import Customer, Payment
from shop.words import _

if TYPE_CHECKING:
    import stripe
    from stripe.params import CustomerCreateParams, CustomerSessionCreateParams

log = structlog.get_logger()
ID = re.compile(r"\w{1,255}", re.ASCII)  # of Stripe's: it becomes part of an address there


async def customer_at_stripe(db: Database, gateway: Gateway, customer: Customer | None) -> str | None:
    """Stripe's id of the customer, who is made where there is none. None for nobody, and while Stripe does not answer:
    everybody can pay without their saved cards."""
    if customer is None:
        return None
    if customer.stripe_id:
        return customer.stripe_id
    with suppress(PaymentRefused, PaymentUnavailable):  # logged
        return await _make(db, gateway, await _begin(db, customer.id))
    return None


def form_params(stripe_id: str) -> "CustomerSessionCreateParams":
    """What the form on our page may do: show what was saved, save another card where the box is ticked, remove one.

    The box is not ticked unless the shopper does it; who has not ticked it is not shown the card again."""
    return {
        "customer": stripe_id,
        "components": {
            "payment_element": {
                "enabled": True,
                "features": {
                    "payment_method_redisplay": "enabled",
                    "payment_method_save": "enabled",
                    "payment_method_save_usage": "on_session",
                    "payment_method_remove": "enabled",
                },
            }
        },
    }


async def open_form(
    db: Database,
    gateway: Gateway,
    customer: Customer | None,
    payment: Payment,
    intent: "stripe.PaymentIntent",
) -> str | None:
    """The secret by which the form shows this customer's cards; None where it is to show nobody's.

    An intent belongs to the first who comes signed in, and Stripe lets no other take it over: with their cards pays
    nobody else."""
    stripe_id = await customer_at_stripe(db, gateway, customer)
    if customer is None or stripe_id is None:
        return None
    try:
        if intent.customer is None:
            # The key changes with Stripe's truth, and names whose it is.
            key = f"{payment.public_id}-customer-{customer.public_id}-{customer.attempt}-{payment.counter}"
            intent = await gateway.update_intent(intent.id, {"customer": stripe_id}, key)
        if intent.customer != stripe_id:
            return None
        return (await gateway.create_customer_session(form_params(stripe_id))).client_secret
    except IntentMissing:
        with suppress(PaymentUnavailable):
            await look_again(db, gateway, customer)
    except (IntentClosed, PaymentRefused, PaymentUnavailable):
        pass  # logged, or somebody else was quicker
    return None


async def cards_of(db: Database, gateway: Gateway, customer: Customer) -> "list[stripe.PaymentMethod]":
    """Newest first. Raises PaymentUnavailable."""
    if customer.stripe_id is None:
        return []
    try:
        return await gateway.list_cards(customer.stripe_id)
    except IntentMissing:
        await look_again(db, gateway, customer)
        return []


async def remove_card(gateway: Gateway, customer: Customer, card_id: str) -> None:
    """It cannot be charged from now on. Raises NotFound where it is none of this customer's, or not any more, and
    PaymentUnavailable."""
    try:
        if customer.stripe_id is None or not ID.fullmatch(card_id):
            raise IntentMissing
        card = await gateway.find_card(customer.stripe_id, card_id)
        await gateway.detach_card(card.id)
    except (IntentMissing, PaymentRefused):
        raise NotFound(_("You have no such card saved. Perhaps you have removed it already.")) from None


async def look_again(db: Database, gateway: Gateway, customer: Customer) -> None:
    """Stripe does not know the Customer: it was deleted there, or the keys or the sandbox were changed. If it has none
    by our own id either, another is made when it is needed. Raises PaymentUnavailable."""
    found = await _find(gateway, customer)
    log.error("customer.missing", customer=customer.public_id)
    async with db.write() as session:
        row = await session.get_one(Customer, customer.id, with_for_update=True)
        if row.stripe_id == customer.stripe_id:
            row.stripe_id, row.attempt, row.attempted_at = found, row.attempt + 1, None


async def _make(db: Database, gateway: Gateway, customer: Customer) -> str:
    assert customer.attempted_at
    if customer.attempt_failed or now() - customer.attempted_at > KEY_LIFE:
        made = await _find(gateway, customer) or await _try(db, gateway, await _again(db, customer))
    else:
        made = await _try(db, gateway, customer)
    async with db.write() as session:
        row = await session.get_one(Customer, customer.id, with_for_update=True)
        row.stripe_id = row.stripe_id or made
        return row.stripe_id


async def _find(gateway: Gateway, customer: Customer) -> str | None:
    since = int((customer.created_at - CLOCK_SKEW).timestamp())
    found = await gateway.find_customer(since, customer.email, customer.public_id)
    return found.id if found else None


async def _try(db: Database, gateway: Gateway, customer: Customer) -> str:
    key = f"{customer.public_id}-create-{customer.attempt}"
    try:
        return (await gateway.create_customer(cast("CustomerCreateParams", customer.params), key)).id
    except PaymentUnavailable as error:
        if error.final:
            async with db.write() as session:
                row = await session.get_one(Customer, customer.id, with_for_update=True)
                row.attempt_failed = row.attempt == customer.attempt
        raise


@retried
async def _begin(db: Database, customer_id: int) -> Customer:
    """From now on Stripe may know."""
    async with db.write() as session:
        row = await session.get_one(Customer, customer_id, with_for_update=True)
        row.attempted_at = row.attempted_at or now()
        return row


@retried
async def _again(db: Database, customer: Customer) -> Customer:
    async with db.write() as session:
        row = await session.get_one(Customer, customer.id, with_for_update=True)
        if row.attempt == customer.attempt:  # else another request has moved on already: join it
            row.attempt, row.attempted_at, row.attempt_failed = row.attempt + 1, now(), False
        return row
