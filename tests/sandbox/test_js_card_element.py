"""The Card Element and its parts, and the verbs that take them."""

import pytest

from .js_bench import bench_fixture, bench_origin

bench, _ = bench_fixture, bench_origin

VISA, FRENCH, NO_FUNDS = "4242424242424242", "4000002500001001", "4000000000009995"
CARD = "Secure card payment input frame"
MOUNT = (
    "window.card = stripe.elements().create('card', given ?? {}); return mounted(card, '#one').then(() => 1)"
)
CONFIRM = "stripe.confirmCardPayment(given, { payment_method: { card, billing_details: { name: 'Jenny' } } })"


async def type_card(bench, number=VISA, postal="94107"):
    frame = bench.page.frame_locator('iframe[name*="__privateStripeFrame"]')
    for name, text in {"cardnumber": number, "exp-date": "12 / 33", "cvc": "123", "postal": postal}.items():
        if text:
            await frame.locator(f"[name={name}]").press_sequentially(text)


async def with_card(bench, train="v3", **options):
    await bench.open(train)
    await bench.run(MOUNT, options)


@pytest.mark.parametrize("train", ["v3", "endive"])
async def test_a_card_typed_into_the_one_frame_of_the_page_pays(bench, train):
    await with_card(bench, train)
    await type_card(bench)
    intent = await bench.intent()
    paid = (await bench.run(CONFIRM, intent.client_secret))["paymentIntent"]
    method = await bench.stripe.v1.payment_methods.retrieve_async(paid["payment_method"])
    assert (paid["status"], method.card.last4, method.billing_details.name) == ("succeeded", "4242", "Jenny")
    assert method.billing_details.address.postal_code == "94107"


async def test_an_element_is_found_by_its_react_component_too(bench):
    await bench.open("clover")
    await bench.run("window.elements = stripe.elements(); return 1")
    found = "elements.getElement(Object.assign(() => {}, { __elementType: 'card' }))"
    assert await bench.run(found) is None
    assert await bench.run(f"elements.create('card') === {found}")


async def test_the_frame_and_its_fields_are_named_as_test_suites_know_them(bench):
    await with_card(bench)
    frames = bench.page.locator('iframe[name*="__privateStripeFrame"]')
    assert await frames.count() == 1
    assert await frames.get_attribute("title") == CARD
    named = bench.frame(CARD).locator("[data-elements-stable-field-name]")
    fields = await named.evaluate_all("all => all.map((one) => one.dataset.elementsStableFieldName)")
    assert fields == ["cardNumber", "cardExpiry", "cardCvc", "postalCode"]


@pytest.mark.parametrize(("number", "asked"), [(VISA, True), (FRENCH, False)])
async def test_a_zip_code_is_asked_for_once_the_number_says_a_card_from_the_us(bench, number, asked):
    await with_card(bench)
    postal = bench.frame(CARD).locator("[name=postal]")
    assert not await postal.is_visible()
    await type_card(bench, number, postal="")
    assert await postal.is_visible() is asked


async def test_a_page_may_ask_for_the_zip_code_itself(bench):
    await with_card(bench, hidePostalCode=True)
    await type_card(bench, postal="")
    assert (await bench.run("heard('change', (event) => event.complete)"))["brand"] == "visa"


async def test_the_container_wears_the_state_of_the_element(bench):
    await with_card(bench)
    box = bench.page.locator("#one")
    await bench.page.locator("#one.StripeElement.StripeElement--empty .__PrivateStripeElement").wait_for()
    await bench.frame(CARD).locator("[name=cardnumber]").click()
    await bench.page.locator("#one.StripeElement--focus").wait_for()
    await type_card(bench, "4242424242424241", postal="")
    await bench.page.locator("#one.StripeElement--invalid").wait_for()
    said = await bench.run("heard('change', (event) => event.error)")
    assert said["error"]["code"] == "invalid_number"
    assert "StripeElement--empty" not in await box.get_attribute("class")


async def test_classes_and_styles_may_be_the_pages_own(bench):
    style = {"base": {"color": "rgb(1, 2, 3)", "::placeholder": {"color": "rgb(9, 9, 9)"}}}
    await with_card(bench, style=style, classes={"base": "Mine", "empty": "Mine-empty"})
    await bench.page.locator("#one.Mine.Mine-empty").wait_for()
    color = await bench.frame(CARD).locator("[name=cvc]").evaluate("node => getComputedStyle(node).color")
    assert color == "rgb(1, 2, 3)"


async def test_an_incomplete_card_is_a_validation_error(bench):
    await with_card(bench)
    intent = await bench.intent()
    error = (await bench.run(CONFIRM, intent.client_secret))["error"]
    assert (error["type"], error["code"]) == ("validation_error", "incomplete_number")


async def test_a_declined_card_says_why_and_may_be_replaced(bench):
    await with_card(bench)
    await type_card(bench, NO_FUNDS)
    intent = await bench.intent()
    error = (await bench.run(CONFIRM, intent.client_secret))["error"]
    assert (error["code"], error["decline_code"]) == ("card_declined", "insufficient_funds")
    await bench.run("card.clear()")
    await type_card(bench)
    assert (await bench.run(CONFIRM, intent.client_secret))["paymentIntent"]["status"] == "succeeded"


async def test_a_payment_method_and_a_token_are_made_of_a_card_element(bench):
    await with_card(bench)
    await type_card(bench)
    method = await bench.run("stripe.createPaymentMethod({ type: 'card', card, metadata: { a: 'b' } })")
    former = await bench.run("stripe.createPaymentMethod('card', card)")
    token = await bench.run("stripe.createToken(card, { name: 'Jenny' })")
    assert method["paymentMethod"]["card"]["last4"] == former["paymentMethod"]["card"]["last4"] == "4242"
    assert (token["token"]["card"]["last4"], token["token"]["card"]["name"]) == ("4242", "Jenny")


async def test_the_parts_of_a_card_pay_together(bench):
    await bench.open()
    await bench.run(
        "window.elements = stripe.elements(); window.card = elements.create('cardNumber');"
        "await Promise.all([mounted(card, '#one'), mounted(elements.create('cardExpiry'), '#two'),"
        " mounted(elements.create('cardCvc'), '#three')]); return 1"
    )
    intent = await bench.intent()
    typed = {"card number": ("cardnumber", VISA), "expiration date": ("exp-date", "1233")}
    for title, (name, text) in typed.items():
        await bench.frame(f"Secure {title} input frame").locator(f"[name={name}]").fill(text)
    error = (await bench.run(CONFIRM, intent.client_secret))["error"]
    assert error["code"] == "incomplete_cvc"
    await bench.frame("Secure CVC input frame").locator("[name=cvc]").fill("123")
    assert (await bench.run(CONFIRM, intent.client_secret))["paymentIntent"]["status"] == "succeeded"


async def test_a_challenge_may_be_left_for_later(bench):
    await bench.open()
    intent = await bench.intent()
    waiting = await bench.run(
        "stripe.confirmCardPayment(given,"
        " { payment_method: 'pm_card_authenticationRequired' }, { handleActions: false })",
        intent.client_secret,
    )
    assert waiting["paymentIntent"]["status"] == "requires_action"
    await bench.run("window.answer = stripe.handleCardAction(given); return 1", intent.client_secret)
    overlay = bench.page.frame_locator('iframe[src*="three-ds"]').frame_locator("#challengeFrame")
    await overlay.get_by_role("button", name="Complete").click()
    assert (await bench.run("window.answer"))["paymentIntent"]["status"] == "succeeded"
