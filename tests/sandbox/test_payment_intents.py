"""PaymentIntents, asked for by the real SDK over HTTP."""

import pytest
import stripe

from .conftest import BOOK


async def test_a_new_intent_waits_for_a_payment_method(stripe_client):
    intent = await stripe_client.v1.payment_intents.create_async({"amount": 1999, "currency": "usd"})
    assert intent.status == "requires_payment_method"
    assert intent.client_secret.startswith(f"{intent.id}_secret_")
    assert "card" in intent.payment_method_types


async def test_a_good_card_pays_the_whole_amount_at_once(stripe_client):
    intent = await stripe_client.v1.payment_intents.create_async(
        {**BOOK, "confirm": True, "payment_method": "pm_card_visa"}
    )
    assert (intent.status, intent.amount_received) == ("succeeded", 1999)
    charge = await stripe_client.v1.charges.retrieve_async(intent.latest_charge)
    assert (charge.paid, charge.payment_method_details.card.last4) == (True, "4242")


async def test_a_declined_card_leaves_an_intent_that_another_card_can_pay(stripe_client):
    intent = await stripe_client.v1.payment_intents.create_async(BOOK)
    with pytest.raises(stripe.CardError) as declined:
        await stripe_client.v1.payment_intents.confirm_async(
            intent.id, {"payment_method": "pm_card_visa_chargeDeclined"}
        )
    assert declined.value.error.payment_intent.status == "requires_payment_method"
    paid = await stripe_client.v1.payment_intents.confirm_async(intent.id, {"payment_method": "pm_card_visa"})
    assert paid.status == "succeeded"
