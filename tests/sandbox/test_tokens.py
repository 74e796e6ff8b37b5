"""Card tokens: made of a number, spent once."""

import pytest
import stripe

from .conftest import BOOK

CARD = {"number": "4242424242424242", "exp_month": "12", "exp_year": "2040", "cvc": "123", "name": "Ada"}


async def test_a_browser_makes_a_token_that_pays_once(stripe_client, sandbox, client_for):
    browser = client_for(sandbox.url, key="pk_test_sandbox")
    token = await browser.v1.tokens.create_async({"card": CARD})
    assert (token.type, token.used, token.card.brand, token.card.last4) == ("card", False, "Visa", "4242")
    with pytest.raises(stripe.PermissionError):
        await browser.v1.tokens.retrieve_async(token.id)
    method = {"type": "card", "card": {"token": token.id}}
    params = {**BOOK, "confirm": True, "payment_method_data": method}
    paid = await stripe_client.v1.payment_intents.create_async({**params, "expand": ["payment_method"]})
    assert (paid.status, paid.payment_method.billing_details.name) == ("succeeded", "Ada")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await stripe_client.v1.payment_intents.create_async(params)
    assert refused.value.code == "token_already_used"
    assert (await stripe_client.v1.tokens.retrieve_async(token.id)).used


@pytest.mark.parametrize(
    ("alias", "brand"), [("tok_visa", "visa"), ("tok_amex", "amex"), ("tok_chargeDeclined", "visa")]
)
async def test_the_aliases_of_tokens_make_payment_methods(stripe_client, alias, brand):
    method = await stripe_client.v1.payment_methods.create_async({"type": "card", "card": {"token": alias}})
    assert method.card.brand == brand


@pytest.mark.parametrize(
    ("changed", "kind", "code"),
    [
        ({"number": "4242424242424241"}, stripe.CardError, "incorrect_number"),
        ({"exp_year": "2020"}, stripe.CardError, "invalid_expiry_year"),
        ({"exp_month": "May"}, stripe.InvalidRequestError, "parameter_invalid_integer"),
        ({"cvc": "12"}, stripe.CardError, "invalid_cvc"),
    ],
)
async def test_a_card_that_cannot_be_makes_no_token(stripe_client, changed, kind, code):
    with pytest.raises(kind) as refused:
        await stripe_client.v1.tokens.create_async({"card": {**CARD, **changed}})
    assert refused.value.code == code
