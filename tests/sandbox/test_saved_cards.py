"""Cards that a customer keeps: saved while paying, charged later without the customer."""

import pytest
import pytest_asyncio
import stripe

from .conftest import BOOK

SAVE = {**BOOK, "setup_future_usage": "off_session", "confirm": True}
CHALLENGED = "pm_card_authenticationRequiredOnSetup"


@pytest_asyncio.fixture
async def customer(stripe_client):
    return (await stripe_client.v1.customers.create_async({"email": "ada@example.com"})).id


@pytest_asyncio.fixture
async def attached(stripe_client, customer):
    async def attach(card):
        return (await stripe_client.v1.payment_methods.attach_async(card, {"customer": customer})).id

    return attach


@pytest_asyncio.fixture
async def pay_off_session(stripe_client, customer):
    async def pay(method):
        params = {
            **BOOK,
            "customer": customer,
            "payment_method": method,
            "confirm": True,
            "off_session": True,
        }
        return await stripe_client.v1.payment_intents.create_async(params)

    return pay


async def pass_challenge(http, intent):
    source = intent.next_action.use_stripe_sdk["source"]
    answer = await http.post(
        "/v1/3ds2/authenticate",
        data={"source": source, "outcome": "complete", "client_secret": intent.client_secret},
    )
    assert answer.status_code == 200, answer.text


async def test_a_card_saved_while_paying_pays_again_without_its_owner(
    stripe_client, customer, pay_off_session
):
    params = {**SAVE, "customer": customer, "payment_method": "pm_card_visa"}
    first = await stripe_client.v1.payment_intents.create_async(params)
    [kept] = (await stripe_client.v1.customers.payment_methods.list_async(customer)).data
    assert kept.id == first.payment_method
    again = await pay_off_session(kept.id)
    assert (again.status, again.customer) == ("succeeded", customer)
    charge = await stripe_client.v1.charges.list_async({"customer": customer})
    assert len(charge.data) == 2


async def test_a_declined_payment_saves_nothing(stripe_client, customer):
    params = {**SAVE, "customer": customer, "payment_method": "pm_card_chargeDeclined"}
    with pytest.raises(stripe.CardError):
        await stripe_client.v1.payment_intents.create_async(params)
    assert (await stripe_client.v1.customers.payment_methods.list_async(customer)).data == []


@pytest.mark.parametrize(
    ("card", "code"),
    [
        ("pm_card_authenticationRequired", "authentication_required"),
        ("pm_card_authenticationRequiredOnSetup", "authentication_required"),
        ("pm_card_authenticationRequiredSetupForOffSession", None),
        ("pm_card_authenticationRequiredChargeDeclinedInsufficientFunds", "card_declined"),
        ("pm_card_chargeCustomerFail", "card_declined"),
    ],
)
async def test_off_session_a_bank_pays_asks_for_its_owner_or_declines(attached, pay_off_session, card, code):
    method = await attached(card)
    if code is None:
        assert (await pay_off_session(method)).status == "succeeded"
        return
    with pytest.raises(stripe.CardError) as declined:
        await pay_off_session(method)
    assert declined.value.code == code
    assert declined.value.error.payment_intent.status == "requires_payment_method"
    assert declined.value.error.payment_method.id == method


async def test_a_challenge_passed_while_saving_holds_for_later_payments(
    stripe_client, http, customer, pay_off_session
):
    params = {**SAVE, "customer": customer, "payment_method": CHALLENGED}
    intent = await stripe_client.v1.payment_intents.create_async(params)
    assert intent.status == "requires_action"
    await pass_challenge(http, intent)
    [kept] = (await stripe_client.v1.customers.payment_methods.list_async(customer)).data
    assert (await pay_off_session(kept.id)).status == "succeeded"
    on_session = {**BOOK, "customer": customer, "payment_method": kept.id, "confirm": True}
    assert (await stripe_client.v1.payment_intents.create_async(on_session)).status == "requires_action"


async def test_a_card_that_nobody_kept_pays_once(stripe_client):
    api = stripe_client.v1.payment_intents
    used = (
        await api.create_async({**BOOK, "confirm": True, "payment_method": "pm_card_visa"})
    ).payment_method
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again") as refused:
        await api.create_async({**BOOK, "confirm": True, "payment_method": used})
    assert refused.value.code == "payment_method_unexpected_state"


async def test_nobody_pays_with_another_customers_card(stripe_client, attached):
    method, api = await attached("pm_card_visa"), stripe_client.v1
    with pytest.raises(stripe.InvalidRequestError, match="include the Customer"):
        await api.payment_intents.create_async({**BOOK, "payment_method": method})
    other = await api.customers.create_async()
    intent = await api.payment_intents.create_async({**BOOK, "customer": other.id})
    with pytest.raises(stripe.InvalidRequestError, match="does not have a payment method"):
        await api.payment_intents.confirm_async(intent.id, {"payment_method": method})


async def test_a_saved_method_is_told_before_the_payment_that_saved_it(stripe_client, customer):
    params = {**SAVE, "customer": customer, "payment_method": "pm_card_visa"}
    await stripe_client.v1.payment_intents.create_async(params)
    told = [event.type for event in reversed((await stripe_client.v1.events.list_async()).data)]
    assert told[2:5] == ["payment_method.attached", "charge.succeeded", "payment_intent.succeeded"]


async def test_an_intent_gets_a_customer_once(stripe_client, customer):
    api = stripe_client.v1
    intent = await api.payment_intents.create_async(BOOK)
    for _ in range(2):
        assert (
            await api.payment_intents.update_async(intent.id, {"customer": customer})
        ).customer == customer
    other = await api.customers.create_async()
    with pytest.raises(stripe.InvalidRequestError, match="You cannot modify `customer`"):
        await api.payment_intents.update_async(intent.id, {"customer": other.id})
