"""The Express Checkout Element and its simulated wallets."""

import pytest

from .js_bench import bench_fixture, bench_origin

bench, _ = bench_fixture, bench_origin

EXPRESS = "Secure express checkout frame"
PAY = "stripe.confirmPayment({ elements, clientSecret: given, redirect: 'if_required' })"


async def express(bench, **options):
    """The Element on #one and a Payment Element below it; the events are kept."""
    await bench.open()
    await bench.run(
        "window.elements = stripe.elements({ mode: 'payment', amount: 1999, currency: 'usd' });"
        "window.express = elements.create('expressCheckout', given);"
        "const names = ['ready', 'confirm', 'cancel'];"
        "await Promise.all([mounted(express, '#one', names), mounted(elements.create('payment'), '#two')]);"
        "return 1",
        options,
    )


def sheet(bench, wallet):
    return bench.frame(f"{wallet} (simulated)")


async def open_sheet(bench, wallet="Google Pay"):
    await bench.frame(EXPRESS).get_by_role("button", name=f"{wallet} (simulated)").click()
    return sheet(bench, wallet)


async def test_the_wallets_are_the_same_everywhere(bench):
    await express(bench)
    ready = await bench.run("heard('ready')")
    found = ready["availablePaymentMethods"]
    assert (found["googlePay"], found["link"], found["paypal"], found["applePay"]) == (
        True,
        True,
        False,
        False,
    )


async def test_a_page_may_want_fewer_or_more_wallets(bench):
    await express(bench, paymentMethods={"link": "never", "paypal": "auto"})
    names = await bench.frame(EXPRESS).get_by_role("button").all_inner_texts()
    assert names == ["Google Pay (simulated)", "PayPal (simulated)"]


@pytest.mark.parametrize("wallet", ["Google Pay", "Link"])
async def test_a_wallet_pays_although_the_card_form_is_empty(bench, wallet):
    await express(bench)
    dialog = await open_sheet(bench, wallet)
    await dialog.get_by_text("$19.99").wait_for()
    await dialog.get_by_role("button", name="Pay").click()
    said = await bench.run("const { billingDetails } = await heard('confirm'); return billingDetails")
    assert said["email"] == "jenny.rosen@example.com"
    assert await bench.run("elements.submit().then(({ error }) => error)") is None
    intent = await bench.intent()
    paid = (await bench.run(PAY, intent.client_secret))["paymentIntent"]
    method = await bench.stripe.v1.payment_methods.retrieve_async(paid["payment_method"])
    assert (paid["status"], method.billing_details.name) == ("succeeded", "Jenny Rosen")


async def test_a_closed_sheet_is_a_cancellation(bench):
    await express(bench)
    dialog = await open_sheet(bench)
    await dialog.get_by_role("button", name="Cancel").click()
    assert (await bench.run("heard('cancel')"))["elementType"] == "expressCheckout"
    assert await bench.page.locator("dialog").count() == 0


async def test_a_page_answers_a_click_with_what_the_sheet_should_ask(bench):
    await express(bench)
    await bench.run(
        "express.on('click', ({ expressPaymentType, resolve }) => {"
        "  window.clicked = expressPaymentType; resolve({ phoneNumberRequired: true }) }); return 1"
    )
    dialog = await open_sheet(bench)
    await dialog.get_by_role("button", name="Pay").click()
    said = await bench.run("const { billingDetails } = await heard('confirm'); return billingDetails")
    assert (await bench.run("clicked"), said["phone"]) == ("google_pay", "+14155550123")


async def test_a_refused_click_opens_nothing(bench):
    await express(bench)
    await bench.run("express.on('click', ({ resolve, reject }) => { reject(); resolve() }); return 1")
    await bench.frame(EXPRESS).get_by_role("button", name="Link").click()
    await bench.run("new Promise(requestAnimationFrame)")
    assert await bench.page.locator("dialog").count() == 0
