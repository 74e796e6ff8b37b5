"""PaymentIntents, asked for by the real SDK over HTTP."""

import asyncio

import pytest
import stripe

from .conftest import BOOK

PAY = {"confirm": True, "payment_method": "pm_card_visa"}
MANUAL = {**BOOK, **PAY, "capture_method": "manual"}
ENDIVE, EARLIER = "2026-10-28.endive", "2023-10-16"


async def test_a_new_intent_waits_for_a_payment_method(stripe_client):
    intent = await stripe_client.v1.payment_intents.create_async({"amount": 1999, "currency": "usd"})
    assert intent.status == "requires_payment_method"
    assert intent.client_secret.startswith(f"{intent.id}_secret_")
    assert "card" in intent.payment_method_types


async def test_payment_method_types_are_refused_on_endive_and_taken_before(stripe_client):
    params = {"amount": 1999, "currency": "usd", "payment_method_types": ["card"]}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await stripe_client.v1.payment_intents.create_async(params)
    assert refused.value.code == "payment_method_types_no_longer_supported"
    old = await stripe_client.v1.payment_intents.create_async(params, {"stripe_version": EARLIER})
    assert old.payment_method_types == ["card"]


async def test_an_unknown_version_is_refused(stripe_client):
    with pytest.raises(stripe.InvalidRequestError, match="Invalid Stripe API version: 1999-01-01"):
        await stripe_client.v1.payment_intents.create_async(BOOK, {"stripe_version": "1999-01-01"})


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({"amount": 1999}, "parameter_missing", "currency"),
        ({"currency": "usd"}, "parameter_missing", "amount"),
        ({"amount": "abc", "currency": "usd"}, "parameter_invalid_integer", "amount"),
        ({"amount": 0, "currency": "usd"}, "parameter_invalid_integer", "amount"),
        ({"amount": -5, "currency": "usd"}, "parameter_invalid_integer", "amount"),
        ({"amount": 49, "currency": "usd"}, "amount_too_small", "amount"),
        ({"amount": 49, "currency": "jpy"}, "amount_too_small", "amount"),
        ({"amount": 100_000_000, "currency": "usd"}, "amount_too_large", "amount"),
        ({"amount": 1001, "currency": "kwd"}, "parameter_invalid_integer", "amount"),
        ({"amount": "", "currency": "usd"}, "parameter_invalid_empty", "amount"),
        ({**BOOK, "foo": 1}, "parameter_unknown", "foo"),
        ({**BOOK, "shipping": {"planet": "x"}}, "parameter_unknown", "shipping[planet]"),
        ({**BOOK, "currency": "zzz"}, None, "currency"),
        ({**BOOK, "capture_method": "later"}, None, "capture_method"),
        ({**BOOK, "metadata": "x"}, None, "metadata"),
        ({**BOOK, "return_url": "http://x"}, None, "return_url"),
        ({**BOOK, "receipt_email": "ada"}, "email_invalid", "receipt_email"),
        ({**BOOK, "customer": "cus_x"}, "resource_missing", "customer"),
        ({**BOOK, "payment_method": "pm_x"}, "resource_missing", "payment_method"),
        ({**BOOK, "metadata": {"k" * 41: "v"}}, None, "metadata"),
        ({**BOOK, "metadata": {"k": "v" * 501}}, None, "metadata[k]"),
        ({**BOOK, "metadata": {f"k{n}": "v" for n in range(51)}}, None, "metadata"),
    ],
)
async def test_wrong_parameters_are_named(stripe_client, params, code, param):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await stripe_client.v1.payment_intents.create_async(params)
    assert (refused.value.http_status, refused.value.code, refused.value.param) == (400, code, param)
    listed = await stripe_client.v1.payment_intents.list_async()
    assert listed.data == []


async def test_only_the_amount_of_the_intent_can_be_confirmed(stripe_client):
    intents = stripe_client.v1.payment_intents
    intent, card = await intents.create_async(BOOK), {"payment_method": "pm_card_visa"}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await intents.confirm_async(intent.id, {**card, "amount_to_confirm": 1998})
    assert refused.value.param == "amount_to_confirm"
    paid = await intents.confirm_async(intent.id, {**card, "amount_to_confirm": 1999})
    assert paid.amount_received == 1999


async def test_a_good_card_pays_the_whole_amount_at_once(stripe_client):
    intent = await stripe_client.v1.payment_intents.create_async({**BOOK, **PAY})
    assert (intent.status, intent.amount_received) == ("succeeded", 1999)
    charge = await stripe_client.v1.charges.retrieve_async(intent.latest_charge)
    assert (charge.paid, charge.payment_method_details.card.last4) == (True, "4242")


async def test_a_new_amount_before_confirming_is_what_is_charged(stripe_client):
    intent = await stripe_client.v1.payment_intents.create_async(BOOK)
    await stripe_client.v1.payment_intents.update_async(intent.id, {"amount": 2500})
    paid = await stripe_client.v1.payment_intents.confirm_async(intent.id, {"payment_method": "pm_card_visa"})
    assert paid.amount_received == 2500
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await stripe_client.v1.payment_intents.update_async(intent.id, {"amount": 100})
    assert refused.value.code == "payment_intent_unexpected_state"
    assert refused.value.error.payment_intent.id == intent.id


async def test_metadata_merges_and_an_empty_value_unsets(stripe_client):
    intents = stripe_client.v1.payment_intents
    intent = await intents.create_async({**BOOK, "metadata": {"a": "1", "b": "2"}})
    merged = await intents.update_async(intent.id, {"metadata": {"b": "", "c": "3"}})
    assert merged.metadata.to_dict() == {"a": "1", "c": "3"}
    cleared = await intents.update_async(intent.id, {"metadata": ""})
    assert cleared.metadata.to_dict() == {}


async def test_confirming_twice_at_once_makes_one_charge(stripe_client):
    intent = await stripe_client.v1.payment_intents.create_async(BOOK)
    pay = {"payment_method": "pm_card_visa"}
    confirm = stripe_client.v1.payment_intents.confirm_async
    results = await asyncio.gather(*(confirm(intent.id, pay) for _ in range(5)), return_exceptions=True)
    refused = [result for result in results if isinstance(result, stripe.InvalidRequestError)]
    assert [error.code for error in refused] == ["payment_intent_unexpected_state"] * 4
    charges = await stripe_client.v1.charges.list_async({"payment_intent": intent.id})
    assert len(charges.data) == 1


async def test_a_manual_capture_takes_a_part_and_releases_the_rest(stripe_client):
    intent = await stripe_client.v1.payment_intents.create_async(MANUAL)
    assert (intent.status, intent.amount_capturable) == ("requires_capture", 1999)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await stripe_client.v1.payment_intents.capture_async(intent.id, {"amount_to_capture": 2000})
    assert refused.value.code == "amount_too_large"
    taken = await stripe_client.v1.payment_intents.capture_async(intent.id, {"amount_to_capture": 1500})
    assert (taken.status, taken.amount_received, taken.amount_capturable) == ("succeeded", 1500, 0)
    charge = await stripe_client.v1.charges.retrieve_async(taken.latest_charge)
    assert charge.balance_transaction.startswith("txn_3")


async def test_a_capture_can_change_the_words_on_the_statement_and_is_the_only_one(stripe_client):
    intent = await stripe_client.v1.payment_intents.create_async(MANUAL)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await stripe_client.v1.payment_intents.capture_async(intent.id, {"final_capture": False})
    assert refused.value.param == "final_capture"
    words = {"statement_descriptor_suffix": "BOOKS", "expand": ["latest_charge"]}
    taken = await stripe_client.v1.payment_intents.capture_async(intent.id, words)
    assert taken.statement_descriptor_suffix == "BOOKS"
    assert taken.latest_charge.calculated_statement_descriptor == "SANDBOX* BOOKS"


async def test_canceling_an_authorised_intent_ends_it(stripe_client):
    intent = await stripe_client.v1.payment_intents.create_async(MANUAL)
    canceled = await stripe_client.v1.payment_intents.cancel_async(
        intent.id, {"cancellation_reason": "abandoned"}
    )
    assert (canceled.status, canceled.cancellation_reason) == ("canceled", "abandoned")
    for late in (
        stripe_client.v1.payment_intents.cancel_async,
        stripe_client.v1.payment_intents.capture_async,
    ):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            await late(intent.id)
        assert refused.value.code == "payment_intent_unexpected_state"


async def test_a_confirm_on_the_server_needs_a_return_url_where_methods_may_redirect(stripe_client):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await stripe_client.v1.payment_intents.create_async({"amount": 1999, "currency": "usd", **PAY})
    assert refused.value.param == "return_url"


async def test_an_unknown_id_is_a_404_that_names_it(stripe_client):
    with pytest.raises(stripe.InvalidRequestError, match="No such payment_intent: 'pi_nothing'") as missing:
        await stripe_client.v1.payment_intents.retrieve_async("pi_nothing")
    assert (missing.value.http_status, missing.value.param) == (404, "intent")
