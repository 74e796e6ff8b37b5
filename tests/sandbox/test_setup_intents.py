"""SetupIntents: a card is kept for later, and nothing is charged."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import pytest_asyncio
import stripe

NO_REDIRECTS = {"automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}}
CARD = {
    "type": "card",
    "card": {"number": "4242424242424242", "exp_month": 12, "exp_year": 2040, "cvc": "123"},
}
HOME = {"return_url": "http://shop.test/saved?tab=cards"}


@pytest_asyncio.fixture
async def customer(stripe_client):
    return (await stripe_client.v1.customers.create_async({"email": "ada@example.com"})).id


@pytest_asyncio.fixture
async def set_up(stripe_client, customer):
    async def start(card, **more):
        params = {**NO_REDIRECTS, "customer": customer, "confirm": True, "payment_method": card, **more}
        return await stripe_client.v1.setup_intents.create_async(params)

    return start


async def end_challenge(http, intent, outcome):
    source = intent.next_action.use_stripe_sdk["source"]
    fields = {"source": source, "outcome": outcome, "client_secret": intent.client_secret}
    return await http.post("/v1/3ds2/authenticate", data=fields)


async def told(stripe_client):
    return [event.type for event in (await stripe_client.v1.events.list_async()).data][::-1]


async def test_a_new_intent_waits_for_a_payment_method(stripe_client):
    intent = await stripe_client.v1.setup_intents.create_async()
    assert (intent.id[:6], intent.status, intent.usage) == (
        "seti_1",
        "requires_payment_method",
        "off_session",
    )
    assert intent.client_secret.startswith(f"{intent.id}_secret_")
    assert "card" in intent.payment_method_types


async def test_a_good_card_is_kept_with_the_customer(stripe_client, set_up, customer):
    intent = await set_up("pm_card_visa")
    [kept] = (await stripe_client.v1.customers.payment_methods.list_async(customer)).data
    assert (intent.status, intent.payment_method) == ("succeeded", kept.id)
    [attempt] = (await stripe_client.v1.setup_attempts.list_async({"setup_intent": intent.id})).data
    assert (attempt.id, attempt.status) == (intent.latest_attempt, "succeeded")
    assert await told(stripe_client) == [
        "customer.created",
        "setup_intent.created",
        "payment_method.attached",
        "setup_intent.succeeded",
    ]


async def test_a_declined_card_leaves_the_intent_open_for_another(stripe_client, set_up, customer):
    with pytest.raises(stripe.CardError) as declined:
        await set_up("pm_card_chargeDeclined")
    intent = declined.value.error.setup_intent
    assert (declined.value.code, intent.status) == ("card_declined", "requires_payment_method")
    assert intent.last_setup_error.decline_code == "generic_decline"
    again = await stripe_client.v1.setup_intents.confirm_async(intent.id, {"payment_method": "pm_card_visa"})
    assert (again.status, again.last_setup_error) == ("succeeded", None)
    assert "setup_intent.setup_failed" in await told(stripe_client)


async def test_a_card_that_declines_only_payments_is_set_up(set_up):
    assert (await set_up("pm_card_chargeCustomerFail")).status == "succeeded"


async def test_a_challenge_passed_now_spares_the_owner_later(stripe_client, set_up, http, customer):
    intent = await set_up("pm_card_authenticationRequiredOnSetup")
    assert intent.status == "requires_action"
    answer = (await end_challenge(http, intent, "complete")).json()
    assert (answer["object"], answer["status"]) == ("setup_intent", "succeeded")
    later = {"amount": 1999, "currency": "usd", "customer": customer, "confirm": True, "off_session": True}
    later |= {"payment_method": answer["payment_method"], **NO_REDIRECTS}
    assert (await stripe_client.v1.payment_intents.create_async(later)).status == "succeeded"


async def test_a_challenge_that_fails_keeps_no_card(stripe_client, set_up, http, customer):
    intent = await set_up("pm_card_threeDSecure2Required")
    answer = (await end_challenge(http, intent, "fail")).json()
    assert answer["status"] == "requires_payment_method"
    assert answer["last_setup_error"]["code"] == "setup_intent_authentication_failure"
    assert (await stripe_client.v1.customers.payment_methods.list_async(customer)).data == []
    [attempt] = (await stripe_client.v1.setup_attempts.list_async({"setup_intent": intent.id})).data
    assert attempt.status == "failed"


async def test_a_challenge_on_a_page_of_its_own_leads_back_with_the_setup_intent(set_up, stripe_client):
    intent = await set_up("pm_card_threeDSecure2Required", **HOME)
    page = intent.next_action.redirect_to_url.url
    source = parse_qs(urlsplit(page).query)["source"][0]
    fields = {"source": source, "outcome": "complete", "client_secret": intent.client_secret}
    async with httpx.AsyncClient(auth=("sk_test_sandbox", "")) as browser:
        back = await browser.post(page, data=fields)
    query = {"setup_intent": intent.id, "setup_intent_client_secret": intent.client_secret}
    wanted = {"tab": "cards", **query, "redirect_status": "succeeded"}
    assert parse_qs(urlsplit(back.headers["Location"]).query) == {k: [v] for k, v in wanted.items()}
    assert (await stripe_client.v1.setup_intents.retrieve_async(intent.id)).status == "succeeded"


async def test_a_canceled_intent_can_do_no_more(stripe_client):
    api = stripe_client.v1.setup_intents
    intent = await api.create_async(NO_REDIRECTS)
    canceled = await api.cancel_async(intent.id, {"cancellation_reason": "abandoned"})
    assert (canceled.status, canceled.cancellation_reason) == ("canceled", "abandoned")
    for late in (
        api.cancel_async(intent.id),
        api.confirm_async(intent.id, {"payment_method": "pm_card_visa"}),
    ):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            await late
        assert refused.value.code == "setup_intent_unexpected_state"
        assert refused.value.error.setup_intent.id == intent.id


async def test_a_browser_sets_a_card_up_with_the_client_secret(stripe_client, sandbox, client_for, customer):
    intent = await stripe_client.v1.setup_intents.create_async({"customer": customer, "metadata": {"k": "v"}})
    browser, secret = client_for(sandbox.url, key="pk_test_sandbox"), {"client_secret": intent.client_secret}
    done = await browser.v1.setup_intents.confirm_async(intent.id, {**secret, "payment_method_data": CARD})
    assert (done.status, done.to_dict().keys() & {"metadata", "customer"}) == ("succeeded", set())
    with pytest.raises(stripe.InvalidRequestError, match="No such setup_intent"):
        await browser.v1.setup_intents.retrieve_async(intent.id, {"client_secret": "seti_x_secret_y"})


async def test_a_method_named_first_waits_for_the_confirmation(stripe_client, customer):
    api = stripe_client.v1.setup_intents
    intent = await api.create_async({"customer": customer, "payment_method": "pm_card_visa", **NO_REDIRECTS})
    assert intent.status == "requires_confirmation"
    wanted = {"expand": ["payment_method", "latest_attempt"]}
    done = await api.confirm_async(intent.id, wanted)
    assert (done.payment_method.customer, done.latest_attempt.status) == (customer, "succeeded")
    assert [found.id for found in (await api.list_async({"customer": customer})).data] == [intent.id]


async def test_what_belongs_to_confirming_is_refused_before(stripe_client):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await stripe_client.v1.setup_intents.create_async(HOME)
    assert refused.value.param == "return_url"
    intent = await stripe_client.v1.setup_intents.create_async(NO_REDIRECTS)
    with pytest.raises(stripe.InvalidRequestError, match="confirm this SetupIntent"):
        await stripe_client.v1.setup_intents.confirm_async(intent.id)


ACCOUNT = {
    "type": "us_bank_account",
    "us_bank_account": {"routing_number": "110000000", "account_number": "000123456789"},
    "billing_details": {"name": "Ada", "email": "ada@example.com"},
}
BY_DEPOSITS = {"us_bank_account": {"verification_method": "microdeposits"}}


@pytest_asyncio.fixture
async def debit(stripe_client, customer):
    async def start(**more):
        params = {**NO_REDIRECTS, "customer": customer, "confirm": True, "payment_method_data": ACCOUNT}
        return await stripe_client.v1.setup_intents.create_async({**params, **more})

    return start


async def test_a_bank_account_is_kept_with_a_mandate(stripe_client, debit):
    online = {"ip_address": "192.0.2.1", "user_agent": "Netscape"}
    intent = await debit(mandate_data={"customer_acceptance": {"type": "online", "online": online}})
    mandate = await stripe_client.v1.mandates.retrieve_async(intent.mandate)
    assert (intent.status, mandate.status, mandate.type) == ("succeeded", "active", "multi_use")
    assert (mandate.payment_method, mandate.customer_acceptance.online.ip_address) == (
        intent.payment_method,
        "192.0.2.1",
    )


async def test_a_bank_account_can_be_verified_by_small_deposits(stripe_client, debit, customer):
    intent = await debit(payment_method_options=BY_DEPOSITS)
    assert (intent.status, intent.next_action.type) == ("requires_action", "verify_with_microdeposits")
    verify = stripe_client.v1.setup_intents.verify_microdeposits_async
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await verify(intent.id, {"amounts": [1, 2]})
    assert refused.value.code == "payment_method_microdeposit_verification_amounts_mismatch"
    assert (await verify(intent.id, {"amounts": [32, 45]})).status == "succeeded"
    assert len((await stripe_client.v1.customers.payment_methods.list_async(customer)).data) == 1


async def test_too_many_wrong_deposits_end_a_setup(stripe_client, debit):
    intent = await debit(payment_method_options=BY_DEPOSITS)
    with pytest.raises(stripe.InvalidRequestError, match="could not be verified"):
        await stripe_client.v1.setup_intents.verify_microdeposits_async(intent.id, {"amounts": [10, 11]})
    ended = await stripe_client.v1.setup_intents.retrieve_async(intent.id)
    assert (ended.status, ended.next_action) == ("requires_payment_method", None)
    assert ended.last_setup_error.code.endswith("attempts_exceeded")
