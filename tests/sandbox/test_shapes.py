"""Answers hold the fields that the SDK declares, and no others."""

import pytest
import pytest_asyncio

from shop.sandbox.versions import SDK

from . import shapes

FORM = {
    "amount": "1999",
    "currency": "usd",
    "automatic_payment_methods[enabled]": "true",
    "automatic_payment_methods[allow_redirects]": "never",
}

INTENT = """
id object amount amount_capturable amount_details amount_received application application_fee_amount
automatic_payment_methods canceled_at cancellation_reason capture_method client_secret
confirmation_method created currency customer customer_account description excluded_payment_method_types
last_payment_error latest_charge livemode metadata next_action on_behalf_of payment_method
payment_method_configuration_details payment_method_options payment_method_types processing receipt_email
review setup_future_usage shipping source statement_descriptor statement_descriptor_suffix status
transfer_data transfer_group allowed_payment_method_types payment_record
"""
FRESH = {
    "amount_capturable": 0,
    "amount_details": {"tip": {}},
    "amount_received": 0,
    "automatic_payment_methods": {"allow_redirects": "always", "enabled": True},
    "capture_method": "automatic_async",
    "confirmation_method": "automatic",
    "livemode": False,
    "metadata": {},
    "status": "requires_payment_method",
}
FILLED = [
    "id",
    "object",
    "amount",
    "client_secret",
    "created",
    "currency",
    "payment_method_configuration_details",
    "payment_method_options",
    "payment_method_types",
]


async def test_a_new_intent_has_the_values_that_stripes_have(stripe_client):
    intent = (
        await stripe_client.v1.payment_intents.create_async({"amount": 1999, "currency": "usd"})
    ).to_dict()
    assert intent.keys() == set(INTENT.split())
    assert {
        name: value for name, value in intent.items() if name not in FILLED and value is not None
    } == FRESH


@pytest_asyncio.fixture
async def charge(http):
    """A paid charge with everything that it can hold, as JSON."""
    pay = {**FORM, "payment_method": "pm_card_visa", "confirm": "true", "expand[]": "latest_charge.refunds"}
    answer = await http.post("/v1/payment_intents", data=pay, headers={"Stripe-Version": SDK})
    return answer.json()["latest_charge"]


@pytest.mark.parametrize("path", ["charges", "balance_transactions", "refunds", "events", "payment_intents"])
async def test_every_kind_of_answer_is_held_against_the_sdk(http, sandbox, charge, path):
    await http.post("/v1/refunds", data={"charge": charge["id"]})
    found = await http.get(f"/v1/{path}", headers={"Stripe-Version": SDK})
    assert found.json()["data"] != []
    assert sandbox.wrong == [] == list(shapes.problems(found.json()))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"colour": "red"}, "charge.colour: Stripe has no such field"),
        ({"amount": "1999"}, "charge.amount: '1999' is not one of"),
        ({"currency": None}, "charge.currency: null"),
        ({"status": "great"}, "charge.status: 'great' is not one of"),
        (
            {"refunds": {"object": "list", "data": [{"object": "refund"}]}},
            "charge.refunds.data[].amount: missing",
        ),
        (
            {"payment_method_details": {"type": "card", "card": {"x": 1}}},
            "charge.payment_method_details.card.x",
        ),
        ({"object": "levy"}, "levy: Stripe has no object levy"),
        ({"metadata": []}, "charge.metadata: is a list"),
        ({"outcome": "fine"}, "charge.outcome: 'fine' is not one of"),
    ],
)
async def test_what_stripe_would_not_answer_is_found(charge, change, complaint):
    assert any(problem.startswith(complaint) for problem in shapes.problems({**charge, **change}))


async def test_a_field_that_is_missing_is_found_except_in_what_a_browser_sees(charge):
    del charge["paid"]
    assert list(shapes.problems(charge)) == ["charge.paid: missing"]
    assert list(shapes.problems(charge, for_browsers=True)) == []


async def test_errors_are_held_against_the_sdk_too():
    wrong = {"error": {"type": "card_error", "reason": "who knows"}}
    assert list(shapes.problems(wrong)) == ["error.reason: Stripe has no such field"]
