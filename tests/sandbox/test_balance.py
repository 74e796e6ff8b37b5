"""The account's balance."""

from .conftest import BOOK

PAY = {**BOOK, "confirm": True, "capture_method": "automatic"}


async def test_a_new_account_has_nothing(stripe_client):
    balance = await stripe_client.v1.balance.retrieve_async()
    assert [(part.amount, part.currency) for part in [*balance.available, *balance.pending]] == [
        (0, "usd")
    ] * 2


async def test_the_balance_is_what_payments_and_refunds_leave_after_fees(stripe_client):
    api = stripe_client.v1
    intent = await api.payment_intents.create_async({**PAY, "payment_method": "pm_card_visa"})
    await api.payment_intents.create_async({**PAY, "payment_method": "pm_card_visa", "currency": "eur"})
    await api.refunds.create_async({"payment_intent": intent.id, "amount": 500})
    balance = await api.balance.retrieve_async()
    net = 1999 - 88
    assert [(part.currency, part.amount) for part in balance.pending] == [("eur", net), ("usd", net)]
    assert [(part.currency, part.amount) for part in balance.available] == [("eur", 0), ("usd", -500)]


async def test_money_that_is_available_at_once_is_told(stripe_client):
    await stripe_client.v1.payment_intents.create_async({**PAY, "payment_method": "pm_card_bypassPending"})
    [event] = (await stripe_client.v1.events.list_async({"type": "balance.available"})).data
    assert event.data.object.available[0].amount == 1999 - 88
