"""What a browser may do: the publishable key and a client secret."""

import pytest
import pytest_asyncio
import stripe

from .conftest import BOOK

CARD = {
    "type": "card",
    "card": {"number": "4242424242424242", "exp_month": 12, "exp_year": 2040, "cvc": "123"},
}


@pytest_asyncio.fixture
async def browser_client(sandbox, client_for):
    return client_for(sandbox.url, key="pk_test_sandbox")


async def test_the_client_secret_lets_a_browser_read_an_intent_without_its_metadata(
    stripe_client, browser_client
):
    intent = await stripe_client.v1.payment_intents.create_async({**BOOK, "metadata": {"order": "o_1"}})
    seen = await browser_client.v1.payment_intents.retrieve_async(
        intent.id, {"client_secret": intent.client_secret}
    )
    assert (seen.id, seen.amount) == (intent.id, 1999)
    assert not {"metadata", "customer", "latest_charge", "amount_received"} & seen.to_dict().keys()


async def test_a_browser_pays_with_a_card_number_and_the_client_secret(stripe_client, browser_client):
    intent = await stripe_client.v1.payment_intents.create_async(BOOK)
    paid = await browser_client.v1.payment_intents.confirm_async(
        intent.id, {"client_secret": intent.client_secret, "payment_method_data": CARD}
    )
    assert paid.status == "succeeded"


@pytest.mark.parametrize("secret", [{}, {"client_secret": "pi_wrong_secret_wrong"}], ids=["none", "wrong"])
async def test_without_the_right_secret_a_browser_sees_nothing(stripe_client, browser_client, secret):
    intent = await stripe_client.v1.payment_intents.create_async(BOOK)
    for action in (
        browser_client.v1.payment_intents.retrieve_async,
        browser_client.v1.payment_intents.confirm_async,
    ):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            await action(intent.id, secret)
        assert refused.value.code == "resource_missing"


async def test_a_browser_cannot_create_an_intent(browser_client):
    with pytest.raises(stripe.PermissionError) as refused:
        await browser_client.v1.payment_intents.create_async(BOOK)
    assert refused.value.error.code == "secret_key_required"


@pytest.mark.parametrize("name", ["amount_to_confirm", "capture_method", "off_session"])
async def test_a_browser_cannot_say_what_only_the_shop_may(stripe_client, browser_client, name):
    intent = await stripe_client.v1.payment_intents.create_async(BOOK)
    values = {"amount_to_confirm": 1, "capture_method": "manual", "off_session": True}
    params = {"client_secret": intent.client_secret, "payment_method": "pm_card_visa", name: values[name]}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await browser_client.v1.payment_intents.confirm_async(intent.id, params)
    assert refused.value.param == name
