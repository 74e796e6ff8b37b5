"""The release trains of stripe.js: where each is served, and in what they differ."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from .js_bench import bench_fixture, bench_origin

bench, _ = bench_fixture, bench_origin

CARD_FRAME = "Secure payment input frame"


@pytest.mark.parametrize("path", ["/v3", "/v3/", "/v3/stripe.js", "/v3/?advancedFraudSignals=false"])
async def test_v3_is_served_at_all_of_its_addresses(sandbox, path):
    async with httpx.AsyncClient(base_url=sandbox.url) as browser:
        answer = await browser.get(path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/javascript; charset=utf-8")


@pytest.mark.parametrize(
    ("train", "version", "sent"),
    [
        ("v3", 3, None),
        ("acacia", "acacia", ["2024-09-30.acacia"]),
        ("basil", "basil", ["2025-03-31.basil"]),
        ("clover", "clover", ["2025-09-30.clover"]),
        ("dahlia", "dahlia", ["2026-03-25.dahlia"]),
    ],
)
async def test_a_train_has_its_name_and_sends_its_api_version(bench, train, version, sent):
    await bench.open(train)
    assert await bench.run("Stripe.version") == version
    async with bench.page.expect_request("**/v1/payment_intents/*") as asked:
        await bench.run("stripe.retrievePaymentIntent('pi_1_secret_2')")
    query = parse_qs(urlsplit((await asked.value).url).query)
    assert query.get("_stripe_version") == sent


@pytest.mark.parametrize(("train", "layout"), [("v3", "data-testid"), ("basil", "data-value")])
async def test_the_payment_element_has_tabs_until_basil_makes_it_an_accordion(bench, train, layout):
    await bench.open(train)
    intent = await bench.intent()
    await bench.run("mounted(stripe.elements(given).create('payment'), '#one')", secret_of(intent))
    assert await bench.frame(CARD_FRAME).locator('[data-testid="card"], [data-value="card"]').count() == 1
    assert await bench.frame(CARD_FRAME).locator(f'[{layout}="card"]').is_visible()


def secret_of(intent):
    return {"clientSecret": intent.client_secret}


@pytest.mark.parametrize(("train", "asked"), [("basil", True), ("clover", False)])
async def test_a_british_postal_code_is_asked_for_until_clover(bench, train, asked):
    await bench.open(train)
    intent = await bench.intent()
    await bench.run("mounted(stripe.elements(given).create('payment'), '#one')", secret_of(intent))
    frame = bench.frame(CARD_FRAME)
    await frame.locator("[name=country]").select_option("GB")
    assert await frame.get_by_label("Postal code").is_visible() is asked


@pytest.mark.parametrize("name", ["initCheckout", "initEmbeddedCheckout"])
async def test_dahlia_says_what_a_verb_is_called_now(bench, name):
    await bench.open("dahlia")
    said = await bench.run(f"try {{ stripe.{name}() }} catch (error) {{ return String(error) }}")
    assert said.startswith("IntegrationError: ")
    assert "is now stripe." in said


async def test_an_update_of_elements_is_a_promise_only_since_dahlia(bench):
    for train, kind in (("clover", "undefined"), ("dahlia", "object")):
        await bench.open(train)
        assert await bench.run("typeof stripe.elements().update({ locale: 'en' })") == kind


async def test_payment_method_types_are_named_by_the_page_until_endive(bench):
    options = "{ mode: 'payment', amount: 100, currency: 'usd', paymentMethodTypes: ['card'] }"
    await bench.open("dahlia")
    assert await bench.run(f"stripe.elements({options}).create('payment').mount('#one') && 'mounted'")
