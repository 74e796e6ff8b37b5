"""ConfirmationTokens: collected in the browser, used once on the server."""

import httpx
import pytest
import pytest_asyncio
import stripe

from .conftest import BOOK

AUTOMATIC = {"amount": 1999, "currency": "usd"}
FORM = {
    "key": "pk_test_sandbox",
    "payment_method_data[type]": "card",
    "payment_method_data[card][number]": "4242424242424242",
    "payment_method_data[card][exp_month]": "12",
    "payment_method_data[card][exp_year]": "2040",
    "payment_method_data[card][cvc]": "123",
    "payment_method_data[billing_details][name]": "Ada",
    "shipping[name]": "Ada",
    "shipping[address][city]": "London",
    "return_url": "http://shop.test/done",
}


@pytest_asyncio.fixture
async def token(sandbox):
    """The id of a token that a browser made of a card number."""
    async with httpx.AsyncClient(base_url=sandbox.url) as browser:
        answer = await browser.post("/v1/confirmation_tokens", data=FORM)
    assert answer.status_code == 200, answer.text
    return answer.json()["id"]


async def test_a_token_shows_what_was_collected_and_no_number(stripe_client, token):
    found = await stripe_client.v1.confirmation_tokens.retrieve_async(token)
    preview = found.payment_method_preview
    assert (preview.type, preview.card.last4, preview.billing_details.name) == ("card", "4242", "Ada")
    assert (found.expires_at - found.created, found.use_stripe_sdk) == (12 * 3600, True)
    assert "4242424242424242" not in str(found)


async def test_a_token_pays_once_and_brings_its_return_url(stripe_client, token):
    intents = stripe_client.v1.payment_intents
    paid = await intents.create_async({**AUTOMATIC, "confirm": True, "confirmation_token": token})
    assert (paid.status, paid.shipping.address.city) == ("succeeded", "London")
    used = await stripe_client.v1.confirmation_tokens.retrieve_async(token)
    assert used.payment_intent == paid.id
    with pytest.raises(stripe.InvalidRequestError, match="already used") as refused:
        await intents.create_async({**BOOK, "confirm": True, "confirmation_token": token})
    assert refused.value.code == "token_already_used"


async def test_a_token_sets_a_card_up(stripe_client, token):
    customer = await stripe_client.v1.customers.create_async()
    params = {"customer": customer.id, "confirm": True, "confirmation_token": token}
    intent = await stripe_client.v1.setup_intents.create_async(params)
    assert intent.status == "succeeded"
    [kept] = (await stripe_client.v1.customers.payment_methods.list_async(customer.id)).data
    assert kept.card.last4 == "4242"


async def test_a_token_says_that_its_card_is_to_be_saved(stripe_client):
    customer = await stripe_client.v1.customers.create_async()
    token = await stripe_client.v1.test_helpers.confirmation_tokens.create_async(
        {"payment_method": "pm_card_visa", "setup_future_usage": "off_session"}
    )
    params = {**BOOK, "customer": customer.id, "confirm": True, "confirmation_token": token.id}
    paid = await stripe_client.v1.payment_intents.create_async(params)
    assert paid.setup_future_usage == "off_session"
    assert len((await stripe_client.v1.customers.payment_methods.list_async(customer.id)).data) == 1


async def test_a_challenge_after_a_token_is_for_stripe_js(stripe_client):
    token = await stripe_client.v1.test_helpers.confirmation_tokens.create_async(
        {"payment_method": "pm_card_threeDSecure2Required", "return_url": "http://shop.test/done"}
    )
    params = {**AUTOMATIC, "confirm": True, "confirmation_token": token.id}
    intent = await stripe_client.v1.payment_intents.create_async(params)
    assert intent.next_action.type == "use_stripe_sdk"


async def test_a_token_of_nothing_and_an_unknown_token_are_refused(stripe_client):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await stripe_client.v1.test_helpers.confirmation_tokens.create_async()
    assert refused.value.code == "parameter_missing"
    with pytest.raises(stripe.InvalidRequestError, match="No such confirmation_token") as refused:
        await stripe_client.v1.payment_intents.create_async(
            {**BOOK, "confirm": True, "confirmation_token": "x"}
        )
    assert (refused.value.http_status, refused.value.param) == (400, "confirmation_token")
