"""Tokens of cards."""

import pytest
import stripe

CARD = {"number": "4242424242424242", "exp_month": "12", "exp_year": "2033", "cvc": "123"}


async def test_a_token_of_a_card_pays_once(stripe_client):
    token = await stripe_client.v1.tokens.create_async({"card": CARD})
    method = {"type": "card", "card": {"token": token.id}}
    made = await stripe_client.v1.payment_methods.create_async(method)
    assert (token.card.last4, made.card.last4, made.card.exp_year) == ("4242", "4242", 2033)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await stripe_client.v1.payment_methods.create_async(method)
    assert refused.value.code == "token_already_used"
    assert (await stripe_client.v1.tokens.retrieve_async(token.id)).used


async def test_a_card_that_cannot_be_becomes_no_token(stripe_client):
    with pytest.raises(stripe.CardError) as refused:
        await stripe_client.v1.tokens.create_async({"card": {**CARD, "number": "4242424242424241"}})
    assert refused.value.code == "incorrect_number"
    with pytest.raises(stripe.InvalidRequestError) as missing:
        await stripe_client.v1.tokens.retrieve_async("tok_unknown")
    assert missing.value.code == "resource_missing"
