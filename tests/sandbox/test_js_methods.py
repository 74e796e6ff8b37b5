"""The verbs that confirm with one type of payment method each, and the pages that they lead to."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import expect

from .js_bench import bench_fixture, bench_origin

bench, _ = bench_fixture, bench_origin

OLD = "2023-10-16"
PERSON = "billing_details: { name: 'Jenny', email: 'jenny@example.com' }"
REDIRECTS = {
    "confirmBancontactPayment": ("bancontact", "eur"),
    "confirmIdealPayment": ("ideal", "eur"),
    "confirmAfterpayClearpayPayment": ("afterpay_clearpay", "usd"),
    "confirmAlipayPayment": ("alipay", "cny"),
    "confirmKlarnaPayment": ("klarna", "usd"),
}


async def intent_for(bench, kind, currency):
    return await bench.intent(amount=5999, currency=currency, payment_method_types=[kind], version=OLD)


@pytest.mark.parametrize(("verb", "kind", "currency"), [(verb, *rest) for verb, rest in REDIRECTS.items()])
async def test_a_redirect_method_leads_to_its_test_page_and_back(bench, verb, kind, currency):
    await bench.open("v3")
    intent = await intent_for(bench, kind, currency)
    back = "`${location.origin}/done?order=7`"
    script = f"stripe.{verb}(given, {{ payment_method: {{ {PERSON} }}, return_url: {back} }}); return 1"
    await bench.run(script, intent.client_secret)
    await bench.page.get_by_text("Authorize Test Payment", exact=True).click()
    await bench.page.wait_for_url("**/done?**")
    query = parse_qs(urlsplit(bench.page.url).query)
    assert (query["order"], query["redirect_status"]) == (["7"], ["succeeded"])
    assert (await bench.stripe.v1.payment_intents.retrieve_async(intent.id)).status == "succeeded"


async def test_a_bank_chosen_in_its_element_goes_into_the_payment_method(bench):
    await bench.open("v3")
    intent = await intent_for(bench, "ideal", "eur")
    await bench.run("window.bank = await mounted(stripe.elements().create('idealBank'), '#one'); return 1")
    button = bench.page.frame_locator("iframe[title*=button]").locator("#bank-list-value")
    await button.click()
    await bench.page.frame_locator("iframe[title*=list]").get_by_text("ING Bank").click()
    await expect(button).to_have_text("ING Bank")
    made = await bench.run(f"stripe.createPaymentMethod({{ type: 'ideal', ideal: bank, {PERSON} }})")
    assert made["paymentMethod"]["ideal"]["bank"] == "ing"
    assert intent.payment_method_types == ["ideal"]


async def test_a_field_that_was_left_empty_is_not_sent(bench):
    await bench.open("v3")
    address = "{ line1: '1 Main Street', line2: '' }"
    data = f"{{ type: 'klarna', billing_details: {{ name: 'Ada', address: {address} }} }}"
    made = await bench.run(f"stripe.createPaymentMethod({data})")
    assert made["paymentMethod"]["billing_details"]["address"]["line2"] is None


async def test_a_sepa_debit_is_processing_first_and_paid_later(bench):
    await bench.open("v3")
    intent = await intent_for(bench, "sepa_debit", "eur")
    await bench.run("window.iban = await mounted(stripe.elements().create('iban'), '#one'); return 1")
    await bench.frame("Secure IBAN input frame").locator("[name=iban]").fill("DE89370400440532013000")
    answer = await bench.run(
        f"stripe.confirmSepaDebitPayment(given, {{ payment_method: {{ sepa_debit: iban, {PERSON} }} }})",
        intent.client_secret,
    )
    assert answer["paymentIntent"]["status"] == "processing"
    await bench.page.request.post(f"{bench.sandbox}/_sandbox/settle")
    later = await bench.run("stripe.retrievePaymentIntent(given)", intent.client_secret)
    assert later["paymentIntent"]["status"] == "succeeded"


async def test_a_canadian_debit_is_agreed_to_in_a_window(bench):
    await bench.open("v3")
    intent = await intent_for(bench, "acss_debit", "cad")
    confirm = f"stripe.confirmAcssDebitPayment(given, {{ payment_method: {{ {PERSON} }} }})"
    await bench.run(f"window.answer = {confirm}; return 1", intent.client_secret)
    window = bench.page.frame_locator("iframe[name*=__privateStripeFrame]").frame_locator("iframe")
    await window.get_by_role("button", name="Agree").click()
    await window.locator("span", has_text="Simulate successful verification").click()
    await window.get_by_role("button", name="Agree").click()
    assert (await bench.run("window.answer"))["paymentIntent"]["status"] == "processing"


async def test_a_window_that_is_closed_debits_nothing(bench):
    await bench.open("v3")
    intent = await intent_for(bench, "acss_debit", "cad")
    confirm = f"stripe.confirmAcssDebitPayment(given, {{ payment_method: {{ {PERSON} }} }})"
    await bench.run(f"window.answer = {confirm}; return 1", intent.client_secret)
    overlay = bench.page.frame_locator("iframe[name*=__privateStripeFrame]")
    await overlay.get_by_role("button", name="Cancel").click()
    assert (await bench.run("window.answer"))["error"]["message"] == "No bank account was chosen."
    assert await bench.page.locator("dialog").count() == 0


async def test_a_setup_intent_is_confirmed_with_a_card_and_with_a_form(bench):
    await bench.open()
    setups = [await bench.stripe.v1.setup_intents.create_async({}) for _ in range(2)]
    secrets = [setup.client_secret for setup in setups]
    by_id = await bench.run(
        "stripe.confirmCardSetup(given, { payment_method: 'pm_card_visa' })",
        secrets[0],
    )
    await bench.run(
        "window.elements = stripe.elements({ clientSecret: given });"
        "await mounted(elements.create('payment'), '#one'); return 1",
        secrets[1],
    )
    frame = bench.frame("Secure payment input frame")
    card = {"number": "4242424242424242", "expiry": "12/33", "cvc": "123", "postalCode": "94107"}
    for name, value in card.items():
        await frame.locator(f"[name={name}]").fill(value)
    await bench.run(
        "stripe.confirmSetup({ elements, confirmParams: { return_url: `${location.origin}/done` } }); return 1"
    )
    await bench.page.wait_for_url("**/done?**")
    query = parse_qs(urlsplit(bench.page.url).query)
    assert by_id["setupIntent"]["status"] == "succeeded"
    assert (query["setup_intent"], query["redirect_status"]) == ([setups[1].id], ["succeeded"])


async def test_a_confirmation_token_is_made_for_the_server_to_confirm_with(bench):
    await bench.open()
    await bench.run(
        "window.elements = stripe.elements({ mode: 'payment', amount: 1999, currency: 'usd' });"
        "await mounted(elements.create('payment'), '#one'); return 1"
    )
    frame = bench.frame("Secure payment input frame")
    card = {"number": "4242424242424242", "expiry": "12/33", "cvc": "123", "postalCode": "94107"}
    for name, value in card.items():
        await frame.locator(f"[name={name}]").fill(value)
    assert (await bench.run("elements.submit()"))["selectedPaymentMethod"] == "card"
    token = (await bench.run("stripe.createConfirmationToken({ elements })"))["confirmationToken"]
    paid = await bench.intent(confirm=True, confirmation_token=token["id"], return_url="https://shop.example")
    assert (token["payment_method_preview"]["card"]["last4"], paid.status) == ("4242", "succeeded")


async def payment_element(bench, intent):
    """Mounted for an intent; its frame."""
    await bench.run(
        "window.elements = stripe.elements({ clientSecret: given });"
        "await mounted(elements.create('payment'), '#one'); return 1",
        intent.client_secret,
    )
    return bench.frame("Secure payment input frame")


async def test_a_bank_account_is_kept_for_later(bench):
    await bench.open()
    customer = await bench.stripe.v1.customers.create_async({"email": "jenny@example.com"})
    setup = await bench.stripe.v1.setup_intents.create_async({"customer": customer.id})
    form = await payment_element(bench, setup)
    assert await form.locator(".AccordionLabel").all_inner_texts() == ["Card", "US bank account"]
    await form.get_by_role("radio", name="US bank account").check()
    account = {"name": "Jenny", "routingNumber": "110000000", "accountNumber": "000123456789"}
    for name, text in {**account, "email": "jenny@example.com"}.items():
        await form.locator(f"[name={name}]").fill(text)
    answer = await bench.run("stripe.confirmSetup({ elements, redirect: 'if_required' })")
    assert answer["setupIntent"]["status"] == "succeeded"
    kept = await bench.stripe.v1.customers.payment_methods.list_async(customer.id)
    assert [method.type for method in kept.data] == ["us_bank_account"]


async def test_the_payment_element_opens_the_window_of_a_canadian_debit(bench):
    await bench.open("v3")
    form = await payment_element(bench, await intent_for(bench, "acss_debit", "cad"))
    for name, text in {"name": "Jenny", "email": "jenny@example.com"}.items():
        await form.locator(f"[name={name}]").fill(text)
    await bench.run("window.answer = stripe.confirmPayment({ elements, redirect: 'if_required' }); return 1")
    window = bench.page.frame_locator("iframe[title='Bank account authorization']").frame_locator("iframe")
    await window.get_by_role("button", name="Agree").click()
    await window.locator("span", has_text="Simulate successful verification").click()
    await window.get_by_role("button", name="Agree").click()
    assert (await bench.run("window.answer"))["paymentIntent"]["status"] == "processing"


async def test_until_clover_the_payment_element_asks_for_the_bank_of_ideal(bench):
    await bench.open("basil")
    form = await payment_element(bench, await intent_for(bench, "ideal", "eur"))
    await form.locator("[name=name]").fill("Jenny")
    await form.locator("[name=bank]").select_option(label="ING Bank")
    made = await bench.run("stripe.createPaymentMethod({ elements })")
    assert made["paymentMethod"]["ideal"]["bank"] == "ing"


async def test_a_confirmation_token_can_be_of_a_bank_account(bench):
    await bench.open()
    await bench.run(
        "window.elements = stripe.elements({ mode: 'payment', amount: 1999, currency: 'eur' });"
        "await mounted(elements.create('payment'), '#one'); return 1"
    )
    form = bench.frame("Secure payment input frame")
    await form.get_by_role("radio", name="SEPA Debit").check()
    given = {"name": "Jenny", "email": "jenny@example.com", "iban": "DE89370400440532013000"}
    for name, text in given.items():
        await form.locator(f"[name={name}]").fill(text)
    assert (await bench.run("elements.submit()"))["selectedPaymentMethod"] == "sepa_debit"
    token = (await bench.run("stripe.createConfirmationToken({ elements })"))["confirmationToken"]
    assert token["payment_method_preview"]["type"] == "sepa_debit"


@pytest.mark.parametrize("types", [["card"], ["card", "us_bank_account"]])
async def test_the_page_hears_which_ways_of_paying_there_are(bench, types):
    await bench.open()
    intent = await bench.intent(allowed_payment_method_types=types)
    await bench.run(
        "const element = stripe.elements({ clientSecret: given }).create('payment');"
        "await mounted(element, '#one', ['availablepaymentmethodschange']); return 1",
        intent.client_secret,
    )
    [told] = await bench.run("events")
    assert [method["type"] for method in told["paymentMethods"]] == types
