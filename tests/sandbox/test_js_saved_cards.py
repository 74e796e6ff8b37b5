"""A customer's saved cards in the Payment Element."""

from .js_bench import bench_fixture, bench_origin

bench, _ = bench_fixture, bench_origin

PAYMENT = "Secure payment input frame"
PAY = "stripe.confirmPayment({ elements, redirect: 'if_required' })"
REDISPLAY = {
    "payment_method_redisplay": "enabled",
    "payment_method_save": "enabled",
    "payment_method_save_usage": "off_session",
    "payment_method_remove": "enabled",
}


async def customer_with(bench, *numbers):
    customer = await bench.stripe.v1.customers.create_async({"email": "ada@example.com"})
    for number in numbers:
        card = {"number": number, "exp_month": 12, "exp_year": 2040, "cvc": "123"}
        made = await bench.stripe.v1.payment_methods.create_async(
            {"type": "card", "card": card, "allow_redisplay": "always"}
        )
        await bench.stripe.v1.payment_methods.attach_async(made.id, {"customer": customer.id})
    return customer


async def form_of(bench, customer):
    await bench.open()
    session = await bench.stripe.v1.customer_sessions.create_async(
        {
            "customer": customer.id,
            "components": {"payment_element": {"enabled": True, "features": REDISPLAY}},
        }
    )
    intent = await bench.intent(customer=customer.id)
    await bench.run(
        "window.elements = stripe.elements(given);"
        "await mounted(elements.create('payment'), '#one', ['change', 'savedpaymentmethodremove']); return 1",
        {"clientSecret": intent.client_secret, "customerSessionClientSecret": session.client_secret},
    )
    return bench.frame(PAYMENT)


async def test_a_saved_card_pays_without_typing(bench):
    form = await form_of(bench, await customer_with(bench, "4242424242424242"))
    assert await form.get_by_role("radio", name="Visa ending in 4242").is_checked()
    assert not await form.locator("[name=number]").is_visible()
    said = await bench.run("heard('change')")
    paid = (await bench.run(PAY))["paymentIntent"]
    assert (said["complete"], paid["status"]) == (True, "succeeded")
    assert said["value"]["payment_method"]["id"] == paid["payment_method"]


async def test_a_new_card_is_saved_when_the_shopper_says_so(bench):
    customer = await customer_with(bench)
    form = await form_of(bench, customer)
    for name, value in {"number": "5555555555554444", "expiry": "12/33", "cvc": "123"}.items():
        await form.locator(f"[name={name}]").fill(value)
    await form.locator("[name=postalCode]").fill("94107")
    await form.get_by_label("Save payment details").check()
    assert (await bench.run("heard('change', ({ value }) => value.savePaymentMethod)"))["complete"]
    assert (await bench.run(PAY))["paymentIntent"]["status"] == "succeeded"
    again = await form_of(bench, customer)
    await again.get_by_role("radio", name="Mastercard ending in 4444").wait_for()


async def test_another_card_may_be_typed_all_the_same(bench):
    form = await form_of(bench, await customer_with(bench, "4242424242424242"))
    await form.get_by_label("New payment method").check()
    for name, value in {"number": "5555555555554444", "expiry": "12/33", "cvc": "123"}.items():
        await form.locator(f"[name={name}]").fill(value)
    await form.locator("[name=postalCode]").fill("94107")
    paid = (await bench.run(PAY))["paymentIntent"]
    used = await bench.stripe.v1.payment_methods.retrieve_async(paid["payment_method"])
    assert (used.card.last4, used.customer) == ("4444", None)


async def test_a_saved_card_can_be_removed(bench):
    customer = await customer_with(bench, "4242424242424242", "5555555555554444")
    form = await form_of(bench, customer)
    await form.get_by_role("button", name="Remove Visa").click()
    assert (await bench.run("heard('savedpaymentmethodremove')"))["success"]
    left = await bench.stripe.v1.customers.payment_methods.list_async(customer.id)
    assert [method.card.last4 for method in left.data] == ["4444"]
    assert await form.get_by_role("radio", name="Visa ending").count() == 0


async def test_a_customer_session_that_is_not_there_fails_to_load(bench):
    await bench.open()
    intent = await bench.intent()
    await bench.run(
        "const payment = stripe.elements(given).create('payment');"
        "payment.on('loaderror', (event) => events.push({ name: 'loaderror', ...event })).mount('#one'); return 1",
        {"clientSecret": intent.client_secret, "customerSessionClientSecret": "cuss_secret_unknown"},
    )
    assert (await bench.run("heard('loaderror')"))["error"]["code"] == "resource_missing"
