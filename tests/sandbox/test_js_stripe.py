"""window.Stripe: how it is served, and what it refuses."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from .js_support import checkout_fixture, origins_fixture

checkout, origins = checkout_fixture, origins_fixture


async def test_the_script_names_its_train_and_stays_when_loaded_twice(checkout):
    await checkout.open()
    assert await checkout.page.evaluate("Stripe.version") == "endive"
    await checkout.page.evaluate("() => { window.first = Stripe; }")
    await checkout.page.add_script_tag(url=f"{checkout.sandbox}/endive/stripe.js")
    assert await checkout.page.evaluate("Stripe === window.first")


async def test_the_wrappers_of_the_npm_packages_find_what_they_call(checkout):
    await checkout.open()
    await checkout.page.evaluate(
        "stripe._registerWrapper({ name: 'stripe-js', version: '10.2.1', startTime: 0 })"
    )
    await checkout.page.evaluate("stripe.registerAppInfo({ name: 'shop' })")
    demanded = ["elements", "createToken", "createPaymentMethod", "confirmCardPayment"]
    assert await checkout.page.evaluate(
        "(names) => names.every((name) => typeof stripe[name] === 'function')", demanded
    )


MISUSES = {
    "Stripe()": "publishable key",
    "Stripe('sk_test_123')": "secret key",
    "Stripe('rk_test_123')": "secret key",
    "Stripe('test_123')": "publishable key",
    "Stripe('pk_test_123', { stripeAccount: 'seller' })": "acct_",
    "stripe.elements().create('payment')": "clientSecret",
    "stripe.elements({ clientSecret: 'pi_123' })": "clientSecret",
    "stripe.elements({ mode: 'payment', amount: 0, currency: 'usd' }).create('payment')": "amount",
    "stripe.elements({ mode: 'payment', amount: 100, currency: 'USD' }).create('payment')": "currency",
    "stripe.elements({ ...shared, paymentMethodTypes: ['card'] })": "paymentMethodTypes",
    "elements.update({ paymentMethodTypes: ['card'] })": "paymentMethodTypes",
    "elements.create('payment')": "already",
    "elements.create('nothing')": "no such Element",
    "payment.mount('#nowhere')": "#nowhere",
    "payment.on('change')": "function",
    "stripe.createToken()": "needs an Element",
    "stripe.retrievePaymentIntent('pi_123')": "clientSecret",
    "stripe.confirmPayment({ elements })": "return_url",
    "stripe.confirmPayment({ elements, confirmParams: { return_url: '/return' } })": "return_url",
    "stripe.confirmPayment({ elements, redirect: 'never' })": "redirect",
    "stripe.confirmPayment({ clientSecret: shared.clientSecret, redirect: 'if_required' })": "elements",
    "stripe.confirmPayment({ elements: stripe.elements(shared), redirect: 'if_required' })": "mounted",
}


async def thrown(page, script):
    """The error that an expression throws or rejects with."""
    return await page.evaluate(f"(async () => {script})().then(() => 'nothing', String)")


async def test_misuse_is_an_integration_error_that_says_what_to_do(checkout):
    await checkout.open()
    for script, word in MISUSES.items():
        error = await thrown(checkout.page, script)
        assert error.startswith("IntegrationError: "), script
        assert word in error, script


async def test_the_connected_account_goes_along_with_every_request(checkout):
    await checkout.open()
    await checkout.page.evaluate(
        """() => {
          const seller = Stripe("pk_test_sandbox", { stripeAccount: "acct_1Seller" });
          window.theirs = seller.elements(shared);
          theirs.create("payment").on("ready", () => form.classList.add("theirs")).mount("output");
        }"""
    )
    async with checkout.page.expect_request("**/v1/payment_intents/**") as sent:
        await checkout.page.locator("form.theirs").wait_for()
    assert (await (await sent.value).all_headers())["stripe-account"] == "acct_1Seller"


async def test_a_payment_method_is_made_from_the_form(checkout):
    await checkout.open()
    await checkout.fill()
    answer = await checkout.page.evaluate(
        "stripe.createPaymentMethod({ elements, params: { metadata: { a: 'b' } } })"
    )
    made = await checkout.stripe.v1.payment_methods.retrieve_async(answer["paymentMethod"]["id"])
    assert (made.card.last4, made.metadata["a"]) == ("4242", "b")


async def test_a_payment_method_id_confirms_without_elements(checkout):
    await checkout.open()
    answer = await checkout.page.evaluate(
        "stripe.confirmPayment({ clientSecret: shared.clientSecret, redirect: 'if_required',"
        " confirmParams: { payment_method: 'pm_card_visa' } })"
    )
    assert answer["paymentIntent"]["status"] == "succeeded"


async def test_requests_carry_the_version_of_the_train_or_the_one_asked_for(checkout):
    await checkout.open()
    await checkout.page.evaluate(
        "Stripe('pk_test_sandbox', { apiVersion: '2023-10-16' }).retrievePaymentIntent(shared.clientSecret)"
    )
    versions = [parse_qs(urlsplit(url).query)["_stripe_version"] for url in checkout.api_calls]
    assert versions == [["2026-09-30.endive"], ["2023-10-16"]]


async def test_the_wrong_secret_shows_nothing(checkout):
    await checkout.open()
    answer = await checkout.page.evaluate("stripe.retrievePaymentIntent(shared.clientSecret + 'x')")
    assert answer["error"]["code"] == "resource_missing"
    assert "paymentIntent" not in answer


async def test_fetch_updates_and_update_resolve(checkout):
    await checkout.open()
    assert await checkout.page.evaluate("elements.fetchUpdates()") == {}
    assert await checkout.page.evaluate("elements.update({ locale: 'en' }).then(() => 'done')") == "done"
    assert await checkout.page.evaluate("elements.getElement('payment') === payment")


async def test_the_script_is_answered_with_304_while_it_is_the_same(sandbox):
    async with httpx.AsyncClient(base_url=sandbox.url) as browser:
        first = await browser.get("/endive/stripe.js?advancedFraudSignals=false")
        again = await browser.get("/endive/stripe.js", headers={"If-None-Match": first.headers["ETag"]})
    assert first.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert (first.status_code, again.status_code) == (200, 304)


@pytest.mark.parametrize(
    "path", ["/v3/elements-inner-payment-0.html", "/v3/three-ds-2-challenge-0.html", "/3d_secure_2/challenge"]
)
async def test_a_page_for_a_frame_is_strict_and_may_be_framed(sandbox, path):
    async with httpx.AsyncClient(base_url=sandbox.url) as browser:
        page = await browser.get(path)
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors" not in policy
    assert "X-Frame-Options" not in page.headers


async def test_unknown_files_are_not_found(sandbox):
    async with httpx.AsyncClient(base_url=sandbox.url) as browser:
        for path in (
            "/v3/other-0.html",
            "/v3/other.js",
            "/v3/other.css",
            "/v3/img/other.svg",
            "/other/stripe.js",
        ):
            assert (await browser.get(path)).status_code == 404
