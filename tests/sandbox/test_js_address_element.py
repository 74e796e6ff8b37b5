"""The Link Authentication and the Address Element, and what the Payment Element makes of them."""

from .js_bench import bench_fixture, bench_origin

bench, _ = bench_fixture, bench_origin

EMAIL, ADDRESS = "Secure email input frame", "Secure address input frame"
PAYMENT = "Secure payment input frame"
PAID = "stripe.confirmPayment({ elements, redirect: 'if_required' })"


async def payment_with(bench, other, options, **intent):
    """A Payment Element on #two, and another Element above it on #one."""
    secret = (await bench.intent(**intent)).client_secret
    await bench.run(
        "window.elements = stripe.elements({ clientSecret: given[0] });"
        "await Promise.all(["
        "  mounted(elements.create(given[1], given[2]), '#one'), mounted(elements.create('payment'), '#two')"
        "]); return 'ready'",
        [secret, other, options],
    )


async def fill_card(bench, **more):
    frame = bench.frame(PAYMENT)
    for name, value in {"number": "4242424242424242", "expiry": "12/33", "cvc": "123", **more}.items():
        await frame.locator(f"[name={name}]").fill(value)


async def fill_address(bench):
    frame = bench.frame(ADDRESS)
    await frame.locator("[name=name]").fill("Jenny Rosen")
    await frame.locator("[name=country]").select_option(label="United States")
    await frame.locator("[name=addressLine1]").press_sequentially("123 Main St")
    await frame.locator("[name=addressLine1]").press("Escape")
    await frame.locator("[name=addressLine1]").press("Tab")
    await frame.locator("[name=locality]").fill("San Francisco")
    await frame.locator("[name=administrativeArea]").select_option(label="California")
    await frame.locator("[name=postalCode]").fill("94111")


async def payment_method_of(bench, answer):
    return await bench.stripe.v1.payment_methods.retrieve_async(answer["paymentIntent"]["payment_method"])


async def test_the_email_goes_into_the_billing_details(bench):
    await bench.open("v3")
    await payment_with(bench, "linkAuthentication", {})
    await bench.frame(EMAIL).locator("[name=email]").fill("jenny@example.com")
    await fill_card(bench, postalCode="94107")
    method = await payment_method_of(bench, await bench.run(PAID))
    assert method.billing_details.email == "jenny@example.com"
    assert method.billing_details.address.postal_code == "94107"


async def test_a_change_of_the_email_says_what_it_is_now(bench):
    await bench.open()
    await payment_with(bench, "linkAuthentication", {})
    await bench.frame(EMAIL).locator("[name=email]").fill("jenny@example.com")
    said = await bench.run("heard('change', (event) => event.complete)")
    assert (said["elementType"], said["empty"]) == ("linkAuthentication", False)
    assert said["value"] == {"email": "jenny@example.com"}


async def test_a_missing_email_stops_the_payment_before_any_request(bench):
    await bench.open()
    await payment_with(bench, "linkAuthentication", {})
    await fill_card(bench, postalCode="94107")
    asked = []
    bench.page.on("request", lambda sent: asked.append(sent.url))
    answer = await bench.run(PAID)
    assert (answer["error"]["type"], answer["error"]["code"]) == ("validation_error", "incomplete_email")
    await bench.frame(EMAIL).get_by_text("Your email is incomplete.").wait_for()
    assert asked == []


async def test_a_billing_address_takes_the_place_of_the_payment_elements_own(bench):
    await bench.open()
    await payment_with(bench, "address", {"mode": "billing"})
    assert not await bench.frame(PAYMENT).locator("[name=country]").is_visible()
    await fill_address(bench)
    await fill_card(bench)
    billing = (await payment_method_of(bench, await bench.run(PAID))).billing_details
    assert (billing.name, billing.address.city, billing.address.state) == (
        "Jenny Rosen",
        "San Francisco",
        "CA",
    )
    assert (billing.address.line1, billing.address.postal_code) == ("123 Main St", "94111")


async def test_a_shipping_address_goes_to_the_intent(bench):
    await bench.open()
    await payment_with(bench, "address", {"mode": "shipping"})
    await fill_address(bench)
    await fill_card(bench, postalCode="94107")
    answer = await bench.run(PAID)
    assert answer["paymentIntent"]["shipping"]["name"] == "Jenny Rosen"
    assert answer["paymentIntent"]["shipping"]["address"]["state"] == "CA"


async def test_the_value_of_an_address_can_be_asked_for(bench):
    await bench.open()
    await payment_with(bench, "address", {"mode": "shipping", "fields": {"phone": "always"}})
    before = await bench.run("elements.getElement('address').getValue()")
    await fill_address(bench)
    await bench.frame(ADDRESS).locator("[name=phone]").fill("2015550123")
    value = await bench.run("elements.getElement('address').getValue()")
    assert (before["complete"], value["complete"], value["isNewAddress"]) == (False, True, True)
    assert value["value"]["phone"] == "2015550123"


async def test_only_the_allowed_countries_are_offered_each_with_its_own_fields(bench):
    await bench.open()
    await payment_with(bench, "address", {"mode": "shipping", "allowedCountries": ["CA", "IE"]})
    frame = bench.frame(ADDRESS)
    assert await frame.locator("[name=country] option").all_inner_texts() == ["Canada", "Ireland"]
    await frame.locator("[name=addressLine1]").fill("1 Main St")
    await frame.get_by_label("Province").wait_for()
    await frame.locator("[name=country]").select_option("IE")
    assert not await frame.locator("[name=administrativeArea]").is_visible()
    assert not await frame.locator("[name=postalCode]").is_visible()


async def test_default_values_fill_the_address(bench):
    await bench.open()
    address = {"line1": "1 Main St", "city": "Albany", "state": "NY", "postal_code": "12207", "country": "US"}
    defaults = {"name": "Jenny", "address": address}
    await payment_with(bench, "address", {"mode": "billing", "defaultValues": defaults})
    value = await bench.run("elements.getElement('address').getValue()")
    assert value["complete"]
    assert value["value"]["address"] == {**address, "line2": None}


async def test_an_incomplete_address_shows_what_is_missing(bench):
    await bench.open()
    await payment_with(bench, "address", {"mode": "shipping"})
    answer = await bench.run("elements.submit()")
    assert answer["error"]["code"] == "incomplete_name"
    assert await bench.frame(ADDRESS).get_by_text("This field is incomplete.").count() == 4


async def test_an_address_needs_to_know_what_it_is_for(bench):
    await bench.open()
    said = await bench.run(
        "try { stripe.elements().create('address') } catch (error) { return String(error) }"
    )
    assert said.startswith("IntegrationError: ")


async def test_nothing_moves_while_these_elements_load(bench):
    await bench.open()
    for kind, options in (("linkAuthentication", {}), ("address", {"mode": "shipping"})):
        heights = await bench.run(
            "const element = stripe.elements().create(...given); const ready = mounted(element, '#one');"
            "const frame = document.querySelector('#one iframe'); const before = frame.offsetHeight;"
            "await ready; return [before, frame.offsetHeight]",
            [kind, options],
        )
        assert heights[0] == heights[1], kind
