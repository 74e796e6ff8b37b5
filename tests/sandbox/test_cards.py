"""What Stripe's test cards do."""

import pytest
import stripe

from shop.sandbox.cards import BY_NUMBER, passes_luhn

from .conftest import BOOK

NO = "Your card was declined."
TOO_OFTEN = (
    "Your card was declined for making repeated attempts too frequently or exceeding its amount limit."
)
LATER = "An error occurred while processing your card. Try again in a little bit."
CVC = "Your card's security code is incorrect."


@pytest.mark.parametrize(
    ("alias", "code", "decline_code", "message"),
    [
        ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline", NO),
        ("pm_card_chargeDeclined", "card_declined", "generic_decline", NO),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds",
         "Your card has insufficient funds."),
        ("pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card", NO),
        ("pm_card_visa_chargeDeclinedStolenCard", "card_declined", "stolen_card", NO),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", None, "Your card has expired."),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", None, CVC),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", None, LATER),
        ("pm_card_visa_chargeDeclinedVelocityLimitExceeded", "card_declined", "card_velocity_exceeded",
         TOO_OFTEN),
        ("pm_card_chargeCustomerFail", "card_declined", "generic_decline", NO),
        ("pm_card_radarBlock", "card_declined", "fraudulent", NO),
    ],
)  # fmt: skip
async def test_a_declined_card_says_why_and_another_one_pays(
    stripe_client, alias, code, decline_code, message
):
    intent = await stripe_client.v1.payment_intents.create_async(BOOK)
    with pytest.raises(stripe.CardError) as declined:
        await stripe_client.v1.payment_intents.confirm_async(intent.id, {"payment_method": alias})
    error = declined.value.error
    assert (error.code, getattr(error, "decline_code", None), error.message) == (code, decline_code, message)
    assert error.payment_intent.status == "requires_payment_method"
    assert error.payment_intent.last_payment_error.code == code
    paid = await stripe_client.v1.payment_intents.confirm_async(intent.id, {"payment_method": "pm_card_visa"})
    assert paid.status == "succeeded"


@pytest.mark.parametrize(
    ("card", "code", "param"),
    [
        ({"number": "4242424242424241"}, "incorrect_number", "number"),
        ({"exp_month": 13}, "invalid_expiry_month", "exp_month"),
        ({"exp_year": 2020}, "invalid_expiry_year", "exp_year"),
        ({"cvc": "12"}, "invalid_cvc", "cvc"),
        ({"number": "4111111111111111"}, "card_declined", None),
    ],
)
async def test_a_card_that_cannot_be_is_refused(stripe_client, card, code, param):
    good = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2040, "cvc": "123"}
    with pytest.raises(stripe.CardError) as refused:
        await stripe_client.v1.payment_methods.create_async({"type": "card", "card": {**good, **card}})
    assert (refused.value.code, refused.value.param) == (code, param)


async def test_a_challenge_that_is_passed_pays(stripe_client, http):
    intent, reply = await challenged(stripe_client, http, "pm_card_authenticationRequired", "complete")
    assert (reply["id"], reply["status"]) == (intent.id, "succeeded")
    charge = await stripe_client.v1.charges.list_async({"payment_intent": intent.id})
    assert charge.data[0].payment_method_details.card.three_d_secure.result == "authenticated"


async def test_a_challenge_that_is_refused_asks_for_another_card(stripe_client, http):
    _, reply = await challenged(stripe_client, http, "pm_card_threeDSecure2Required", "fail")
    assert reply["status"] == "requires_payment_method"
    assert reply["last_payment_error"]["code"] == "payment_intent_authentication_failure"


async def test_a_card_may_be_declined_after_its_challenge(stripe_client, http):
    card = "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds"
    _, reply = await challenged(stripe_client, http, card, "complete")
    assert reply["last_payment_error"]["decline_code"] == "insufficient_funds"


async def challenged(stripe_client, http, card, outcome):
    pay = {"confirm": True, "payment_method": card, "use_stripe_sdk": True}
    intent = await stripe_client.v1.payment_intents.create_async({**BOOK, **pay})
    assert intent.next_action.type == "use_stripe_sdk"
    source = intent.next_action.use_stripe_sdk["source"]
    fields = {"source": source, "outcome": outcome, "key": "pk_test_sandbox"}
    fields["client_secret"] = intent.client_secret
    return intent, (await http.post("/v1/3ds2/authenticate", data=fields, auth=None)).json()


async def test_a_challenge_without_stripe_js_is_a_page_to_go_to(sandbox, stripe_client):
    pay = {
        "confirm": True,
        "payment_method": "pm_card_threeDSecure2Required",
        "return_url": "http://shop/back",
    }
    intent = await stripe_client.v1.payment_intents.create_async({**BOOK, **pay})
    action = intent.next_action.redirect_to_url
    assert action.return_url == "http://shop/back"
    assert action.url.startswith(f"{sandbox.url}/3d_secure_2/hosted?merchant=acct_1")


@pytest.mark.parametrize(
    ("alias", "status"),
    [
        ("pm_card_authenticationRequired", "authentication_required"),
        ("pm_card_authenticationRequiredSetupForOffSession", "succeeded"),
        ("pm_card_authenticationRequiredChargeDeclinedInsufficientFunds", "card_declined"),
    ],
)
async def test_off_session_nobody_can_pass_a_challenge(stripe_client, alias, status):
    pay = {"confirm": True, "payment_method": alias, "off_session": True}
    try:
        result = (await stripe_client.v1.payment_intents.create_async({**BOOK, **pay})).status
    except stripe.CardError as declined:
        result = declined.code
    assert result == status


async def test_optional_challenges_come_when_requested(stripe_client):
    pay = {"confirm": True, "payment_method": "pm_card_threeDSecureOptional"}
    plain = await stripe_client.v1.payment_intents.create_async({**BOOK, **pay})
    options = {"payment_method_options": {"card": {"request_three_d_secure": "any"}}}
    asked = await stripe_client.v1.payment_intents.create_async({**BOOK, **pay, **options})
    assert (plain.status, asked.status) == ("succeeded", "requires_action")


def test_every_number_in_the_table_could_be_a_card():
    assert [number for number in BY_NUMBER if not passes_luhn(number)] == []
