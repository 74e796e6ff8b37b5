"""Ways of paying on a page of the method's own, and what the account has not got."""

import re

import httpx
import pytest
import stripe

from .conftest import sandbox_at

OLD = {"stripe_version": "2023-10-16"}
REDIRECTED = {
    "bancontact": "eur", "ideal": "eur", "alipay": "usd", "afterpay_clearpay": "usd", "klarna": "usd",
    "affirm": "usd", "cashapp": "usd",
}  # fmt: skip


async def confirmed(client, kind, currency="usd", **params):
    return await client.v1.payment_intents.create_async(
        {
            "amount": 5999,
            "currency": currency,
            "payment_method_types": [kind],
            "payment_method_data": {
                "type": kind,
                "billing_details": {"name": "Ada", "email": "ada@example.com"},
            },
            "confirm": True,
            "return_url": "https://shop.example/return?order=7",
            **params,
        },
        OLD,
    )


def page_of(intent):
    return intent.next_action.to_dict()[intent.next_action.type]["url"]


async def choose(address, button):
    """Press the button that says exactly so; where the shopper is sent."""
    async with httpx.AsyncClient() as browser:
        page = await browser.get(address)
        [value] = re.findall(rf'value="(\w+)">{button}</button>', page.text)
        answer = await browser.post(address, data={"outcome": value})
    assert answer.status_code == 303
    return httpx.URL(answer.headers["Location"])


@pytest.mark.parametrize(("kind", "currency"), REDIRECTED.items())
async def test_authorizing_on_the_page_pays_and_leads_back(stripe_client, kind, currency):
    intent = await confirmed(stripe_client, kind, currency)
    assert intent.status == "requires_action"
    back = await choose(page_of(intent), "Authorize Test Payment")
    paid = await stripe_client.v1.payment_intents.retrieve_async(intent.id, {"expand": ["latest_charge"]})
    assert (paid.status, paid.latest_charge.payment_method_details.type) == ("succeeded", kind)
    assert back.params["payment_intent_client_secret"] == intent.client_secret
    assert (back.host, back.params["order"], back.params["redirect_status"]) == (
        "shop.example",
        "7",
        "succeeded",
    )


async def test_failing_on_the_page_leaves_the_intent_open_for_another_try(stripe_client):
    intent = await confirmed(stripe_client, "ideal", "eur")
    back = await choose(page_of(intent), "Fail Test Payment")
    failed = await stripe_client.v1.payment_intents.retrieve_async(intent.id)
    assert (failed.status, back.params["redirect_status"]) == ("requires_payment_method", "failed")
    assert failed.last_payment_error.code == "payment_intent_authentication_failure"


async def test_an_ended_page_leads_back_and_a_guessed_one_is_not_there(stripe_client):
    address = page_of(await confirmed(stripe_client, "klarna"))
    await choose(address, "Authorize Test Payment")
    async with httpx.AsyncClient() as browser:
        again = await browser.post(address, data={"outcome": "fail"})
        guessed = await browser.get(re.sub("pa_nonce_.{4}", "pa_nonce_0000", address))
    assert "redirect_status=succeeded" in again.headers["Location"]
    assert guessed.status_code == 404


@pytest.mark.parametrize("kind", ["bancontact", "ideal"])
async def test_a_payment_that_is_used_once_leaves_a_debit_for_later(stripe_client, kind):
    customer = await stripe_client.v1.customers.create_async({"email": "ada@example.com"})
    later = {"customer": customer.id, "setup_future_usage": "off_session"}
    intent = await confirmed(stripe_client, kind, "eur", **later)
    await choose(page_of(intent), "Authorize Test Payment")
    paid = await stripe_client.v1.payment_intents.retrieve_async(intent.id, {"expand": ["latest_charge"]})
    [debit] = (await stripe_client.v1.customers.payment_methods.list_async(customer.id)).data
    details = paid.latest_charge.payment_method_details.to_dict()[kind]
    assert (debit.type, details["generated_sepa_debit"]) == ("sepa_debit", debit.id)
    again = {"amount": 500, "currency": "eur", "customer": customer.id, "payment_method": debit.id}
    again |= {"confirm": True, "off_session": True, "payment_method_types": ["sepa_debit"]}
    assert (await stripe_client.v1.payment_intents.create_async(again, OLD)).status == "processing"


async def test_a_saved_method_pays_without_its_owner(stripe_client):
    customer = (await stripe_client.v1.customers.create_async()).id
    intent = await confirmed(stripe_client, "klarna", customer=customer, setup_future_usage="off_session")
    await choose(page_of(intent), "Authorize Test Payment")
    [kept] = (await stripe_client.v1.customers.payment_methods.list_async(customer)).data
    again = {"amount": 500, "currency": "usd", "customer": customer, "payment_method": kept.id}
    again |= {"confirm": True, "off_session": True, "payment_method_types": ["klarna"]}
    assert (await stripe_client.v1.payment_intents.create_async(again, OLD)).status == "succeeded"


@pytest.mark.parametrize(
    ("button", "status", "kept"),
    [("Authorize Test Payment", "succeeded", 1), ("Fail Test Payment", "requires_payment_method", 0)],
)
async def test_a_method_is_set_up_on_its_own_page(stripe_client, button, status, kept):
    customer = (await stripe_client.v1.customers.create_async()).id
    params = {"customer": customer, "payment_method_types": ["ideal"], "confirm": True}
    params |= {"payment_method_data": {"type": "ideal"}, "return_url": "https://shop.example/return"}
    setup = await stripe_client.v1.setup_intents.create_async(params, OLD)
    assert setup.status == "requires_action"
    back = await choose(page_of(setup), button)
    assert (back.params["setup_intent"], back.params["redirect_status"]) == (
        setup.id,
        "succeeded" if kept else "failed",
    )
    assert (await stripe_client.v1.setup_intents.retrieve_async(setup.id)).status == status
    found = (await stripe_client.v1.customers.payment_methods.list_async(customer)).data
    assert [method.type for method in found] == ["sepa_debit"] * kept


async def test_without_a_way_back_it_is_refused(stripe_client):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await confirmed(stripe_client, "ideal", "eur", return_url=None)
    assert refused.value.param == "return_url"


@pytest.mark.parametrize(
    ("kind", "currency", "message"),
    [
        ("au_becs_debit", "aud", "This payment method is available to Stripe accounts in AU"),
        ("au_becs_debit", "usd", "This payment method is available to Stripe accounts in AU"),
        ("grabpay", "sgd", "The payment method type provided: grabpay is invalid"),
        ("oxxo", "mxn", "The payment method type provided: oxxo is invalid"),
        ("boleto", "brl", "The payment method type provided: boleto is invalid"),
        ("fpx", "myr", "The payment method type provided: fpx is invalid"),
        ("paypal", "usd", "The payment method type provided: paypal is invalid"),
        ("barter", "usd", "The payment method type provided: barter is invalid"),
        ("ideal", "usd", "The currency usd cannot be paid with ideal"),
    ],
)
async def test_what_the_account_has_not_got_is_refused_in_stripes_words(
    stripe_client, kind, currency, message
):
    params = {"amount": 5999, "currency": currency, "payment_method_types": [kind]}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await stripe_client.v1.payment_intents.create_async(params, OLD)
    assert message in str(refused.value)
    assert refused.value.param == "payment_method_types"


async def test_euros_bring_european_methods_by_themselves(stripe_client):
    intents = stripe_client.v1.payment_intents
    euros = await intents.create_async({"amount": 500, "currency": "eur"})
    assert {"card", "ideal", "bancontact", "sepa_debit"} <= set(euros.payment_method_types)
    here = {"enabled": True, "allow_redirects": "never"}
    stay = await intents.create_async({"amount": 500, "currency": "eur", "automatic_payment_methods": here})
    assert "ideal" not in stay.payment_method_types


async def test_in_mimic_mode_the_page_has_stripes_own_host(tmp_path, client_for):
    async with sandbox_at(tmp_path / "sandbox.db", mimic=True) as sandbox:
        intent = await confirmed(client_for(sandbox.url), "bancontact", "eur")
        assert page_of(intent).startswith("https://pm-redirects.stripe.com/authorize/acct_")
