"""Answers hold the fields that the SDK declares, and no others."""

import inspect

import pytest_asyncio
import stripe

from .conftest import BOOK

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
async def answers(stripe_client):
    api = stripe_client.v1
    pay = {**BOOK, "confirm": True, "payment_method": "pm_card_visa", "capture_method": "automatic"}
    intent = await api.payment_intents.create_async({**pay, "expand": ["latest_charge"]})
    bank = await api.payment_methods.retrieve_async("pm_usBankAccount_success")
    endpoint = {"url": "http://127.0.0.1:9/", "enabled_events": ["*"]}
    return [
        intent,
        intent.latest_charge,
        await api.balance_transactions.retrieve_async(intent.latest_charge.balance_transaction),
        await api.payment_methods.retrieve_async(intent.payment_method),
        bank,
        await api.refunds.create_async({"payment_intent": intent.id}),
        (await api.events.list_async()).data[0],
        await api.webhook_endpoints.create_async(endpoint),
    ]


async def test_answers_have_no_field_that_the_sdk_does_not_declare(answers):
    assert [name for answer in answers for name in undeclared(answer, type(answer).__name__)] == []


def undeclared(value, path):
    """Walk typed objects: the SDK makes an instance of a class for every hash that it declares."""
    known = annotations(type(value))
    for name in value.to_dict(recursive=False) if isinstance(value, stripe.StripeObject) else ():
        inner = getattr(value, name)
        typed = type(inner) not in (stripe.StripeObject,) and isinstance(inner, stripe.StripeObject)
        if known and name not in known:
            yield f"{path}.{name}"
        elif typed:
            yield from undeclared(inner, f"{path}.{name}")


def annotations(kind):
    return {name for base in kind.__mro__ for name in inspect.get_annotations(base)}
