"""What recordings of Stripe's test mode show, and the SDK does not say."""

import pytest
import pytest_asyncio
import stripe

from .conftest import BOOK

ACACIA, CLOVER, DAHLIA = "2025-02-24.acacia", "2025-10-29.clover", "2026-03-25.dahlia"


@pytest.fixture
def api(sandbox, client_for):
    """A client of an API version."""
    return lambda version: client_for(sandbox.url, stripe_version=version).v1


@pytest_asyncio.fixture
async def customer(stripe_client):
    return await stripe_client.v1.customers.create_async({"email": "ada@example.com"})


async def test_a_customer_can_be_made_with_nothing_in_its_texts(http):
    made = await http.post("/v1/customers", data={"name": "", "description": "", "email": "ada@example.com"})
    assert (made.status_code, made.json()["name"]) == (200, None)
    refused = await http.post("/v1/customers", data={"name": "", "payment_method": ""})
    assert refused.json()["error"]["code"] == "parameter_invalid_empty"


async def test_a_customer_shows_its_tax_credit_and_lists_when_asked(stripe_client, customer):
    asked = {"expand": ["tax", "invoice_credit_balance", "sources"]}
    found = await stripe_client.v1.customers.retrieve_async(customer.id, asked)
    assert found.tax.automatic_tax == "unrecognized_location"
    assert (found.invoice_credit_balance.to_dict(), found.sources.data) == ({}, [])
    assert "tax" not in customer.to_dict()


async def test_the_body_of_a_get_says_nothing(http, customer):
    answer = await http.request("GET", f"/v1/customers/{customer.id}", content="colour=red")
    assert (answer.status_code, answer.json()["id"]) == (200, customer.id)


@pytest.mark.parametrize(("version", "fields"), [(ACACIA, {"dispute", "invoice"}), (DAHLIA, {"dispute"})])
async def test_older_charges_name_their_dispute_and_invoice(api, version, fields):
    params = {**BOOK, "confirm": True, "payment_method": "pm_card_createDispute"}
    intent = await api(version).payment_intents.create_async({**params, "expand": ["latest_charge"]})
    charge = intent.latest_charge.to_dict()
    assert charge.keys() & {"dispute", "invoice"} == fields
    shown = await api(version).charges.retrieve_async(charge["id"], {"expand": sorted(fields)})
    assert shown.dispute.charge == charge["id"]


@pytest.mark.parametrize(
    ("version", "page"), [(CLOVER, "/test/logs/req_"), (DAHLIA, "/test/workbench/logs?object=req_")]
)
async def test_an_error_says_where_to_read_of_it(api, version, page):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await api(version).payment_intents.retrieve_async("pi_nothing")
    assert page[:-4] + refused.value.request_id in refused.value.error.request_log_url


async def test_attaching_a_card_checks_its_security_code(stripe_client, customer):
    to = {"customer": customer.id}
    kept = await stripe_client.v1.payment_methods.attach_async("pm_card_visa", to)
    failing = await stripe_client.v1.payment_methods.attach_async("pm_card_cvcCheckFail", to)
    assert (kept.card.checks.cvc_check, failing.card.checks.cvc_check) == ("pass", "fail")
    with pytest.raises(stripe.CardError) as refused:
        await stripe_client.v1.payment_methods.attach_async("pm_card_chargeDeclined", to)
    assert (refused.value.param, refused.value.error.network_decline_code) == ("", "01")


async def test_a_session_that_sets_up_keeps_to_its_currency(stripe_client, customer):
    params = {"mode": "setup", "success_url": "http://shop/", "customer": customer.id, "currency": "usd"}
    session = await stripe_client.v1.checkout.sessions.create_async(params)
    assert (session.currency, session.payment_method_collection) == ("usd", "always")
    assert (session.adaptive_pricing.enabled, session.customer_details.tax_exempt) == (False, None)
    assert session.payment_method_options.us_bank_account.verification_method == "automatic"


async def test_what_cannot_be_captured_later_is_not_offered_for_that(stripe_client):
    params = {"amount": 1999, "currency": "usd"}
    now = await stripe_client.v1.payment_intents.create_async(params)
    later = await stripe_client.v1.payment_intents.create_async({**params, "capture_method": "manual"})
    assert set(now.payment_method_types) - set(later.payment_method_types) == {"us_bank_account"}


@pytest.mark.parametrize("kind", ["eps", "fpx", "giropay", "grabpay", "oxxo", "p24", "wechat_pay"])
async def test_a_method_can_be_made_of_types_that_the_account_has_not_got(http, kind):
    given = {"type": kind, "eps[bank]": "bank_austria"} if kind == "eps" else {"type": kind}
    made = await http.post("/v1/payment_methods", data=given, headers={"Stripe-Version": CLOVER})
    assert (made.status_code, made.json()["type"]) == (200, kind)
