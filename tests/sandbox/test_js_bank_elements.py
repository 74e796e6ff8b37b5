"""The Elements for bank accounts and banks of other countries."""

import pytest

from .js_bench import bench_fixture, bench_origin

bench, _ = bench_fixture, bench_origin

IBAN, BECS = "Secure IBAN input frame", "Secure bank account input frame"


async def mount(bench, kind, train="v3", **options):
    await bench.open(train)
    script = "window.element = stripe.elements().create(given[0], given[1]); await mounted(element, '#one'); return 1"
    await bench.run(script, [kind, options])


async def test_an_iban_is_grouped_while_it_is_typed(bench):
    await mount(bench, "iban", supportedCountries=["SEPA"])
    field = bench.frame(IBAN).locator("[name=iban]")
    await field.press_sequentially("de89370400440532013000")
    assert await field.input_value() == "DE89 3704 0044 0532 0130 00"
    said = await bench.run("heard('change', (event) => event.complete)")
    assert (said["elementType"], said["country"], said["empty"]) == ("iban", "DE", False)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("DE89370400440532013001", "invalid_iban"),
        ("US89370400440532013000", "invalid_iban_country_code"),
        ("DE893704", "incomplete_iban"),
    ],
)
async def test_an_iban_that_cannot_be_is_told_to_the_page(bench, typed, code):
    await mount(bench, "iban")
    await bench.frame(IBAN).locator("[name=iban]").fill(typed)
    await bench.run("element.blur()")
    said = await bench.run("heard('change', (event) => event.error)")
    assert said["error"]["code"] == code
    await bench.page.locator("#one.StripeElement--invalid").wait_for()


async def test_an_australian_account_is_two_fields(bench):
    await mount(bench, "auBankAccount")
    await bench.frame(BECS).locator("[name=au_bsb]").press_sequentially("000-000")
    assert await bench.frame(BECS).locator("[name=au_bsb]").input_value() == "000-000"
    await bench.frame(BECS).locator("[name=au_bank_account_number]").fill("000123456")
    said = await bench.run("heard('change', (event) => event.complete)")
    assert said["bankName"] == "Stripe Test Bank"


async def test_a_bank_is_chosen_from_a_list_in_a_frame_of_its_own(bench):
    await mount(bench, "idealBank")
    button = bench.page.frame_locator('iframe[name*=__privateStripeFrame][title*="button"]')
    await button.locator("#bank-list-value", has_text="Select bank").click()
    banks = bench.page.frame_locator('iframe[name*=__privateStripeFrame][title*="list"]')
    await banks.locator(".SelectListItem-text", has_text="ING Bank").click()
    assert (await bench.run("heard('change')"))["value"] == "ing"
    await button.get_by_text("ING Bank").wait_for()
    await bench.page.locator("iframe[title*=list]").wait_for(state="detached")


async def test_the_lists_of_banks_are_gone_since_clover(bench):
    await bench.open("clover")
    said = await bench.run(
        "try { stripe.elements().create('idealBank') } catch (error) { return String(error) }"
    )
    assert said.startswith("IntegrationError: ")


async def test_no_browser_has_a_wallet(bench):
    await bench.open("v3")
    request = "{ country: 'US', currency: 'usd', total: { label: 'Demo', amount: 1999 } }"
    assert await bench.run(f"stripe.paymentRequest({request}).canMakePayment()") is None
    assert await bench.run(f"stripe.elements().create('paymentRequestButton', {request}).type")


async def test_endive_has_no_payment_request_button(bench):
    await bench.open("endive")
    script = "try { stripe.elements().create('paymentRequestButton') } catch (error) { return String(error) }"
    assert (await bench.run(script)).startswith("IntegrationError: ")
