"""Elements with Checkout Sessions."""

from urllib.parse import parse_qs, urlsplit

from .js_bench import bench_fixture, bench_origin

bench, _ = bench_fixture, bench_origin

PAYMENT, ADDRESS, CURRENCY = (
    "Secure payment input frame",
    "Secure address input frame",
    "Secure currency selector",
)
NO_FUNDS, CHALLENGED = "4000000000009995", "4000002760003184"


async def checkout(bench, *elements, train="dahlia", **session):
    """A session of $20.00 on the bench, with a Payment Element on #one and the named Elements below it."""
    await bench.open(train)
    price = {"currency": "usd", "unit_amount": 2000, "product_data": {"name": "Walden"}}
    made = await bench.stripe.v1.checkout.sessions.create_async(
        {
            "mode": "payment",
            "ui_mode": "elements",
            "line_items": [{"price_data": price, "quantity": 1}],
            "return_url": f"{bench.shop}/done?session_id={{CHECKOUT_SESSION_ID}}",
            **session,
        }
    )
    await bench.run(
        "window.sdk = stripe.initCheckoutElementsSdk({ clientSecret: Promise.resolve(given[0]) });"
        "window.told = []; sdk.on('change', (session) => told.push(session));"
        "window.actions = (await sdk.loadActions()).actions;"
        "const places = ['#two', '#three'];"
        "await Promise.all([mounted(sdk.createPaymentElement(), '#one'),"
        "  ...given[1].map((name, index) => mounted(sdk[`create${name}Element`](), places[index]))]); return 1",
        [made.client_secret, elements],
    )
    return made


async def type_card(bench, number="4242424242424242", **more):
    for name, value in {"number": number, "expiry": "12/33", "cvc": "123", **more}.items():
        await bench.frame(PAYMENT).locator(f"[name={name}]").fill(value)


async def can_confirm(bench, wanted=True):
    await bench.page.wait_for_function(f"() => actions.getSession().canConfirm === {str(wanted).lower()}")


async def test_the_session_says_what_is_to_be_paid(bench):
    await checkout(bench, customer_email="jenny@example.com")
    session = await bench.run("actions.getSession()")
    assert session["total"]["total"] == {"minorUnitsAmount": 2000, "amount": "$20.00"}
    assert (session["email"], session["canConfirm"], session["status"]) == (
        "jenny@example.com",
        False,
        {"type": "open"},
    )
    assert session["lineItems"][0]["name"] == "Walden"


async def test_a_paid_session_leads_to_its_return_url(bench):
    made = await checkout(bench, customer_email="jenny@example.com")
    await type_card(bench, postalCode="94107")
    await can_confirm(bench)
    assert (await bench.run("told"))[-1]["canConfirm"]
    await bench.run("actions.confirm(); return 1")
    await bench.page.wait_for_url("**/done?**")
    assert parse_qs(urlsplit(bench.page.url).query)["session_id"] == [made.id]
    paid = await bench.stripe.v1.checkout.sessions.retrieve_async(made.id)
    assert (paid.status, paid.payment_status) == ("complete", "paid")


async def test_a_session_waits_for_an_email(bench):
    await checkout(bench)
    await type_card(bench, postalCode="94107")
    assert (await bench.run("actions.confirm()"))["error"]["code"] == "incompleteEmail"
    assert (await bench.run("actions.updateEmail('')"))["error"]["code"] == "incompleteEmail"
    assert (await bench.run("actions.updateEmail('jenny')"))["error"]["code"] == "invalidEmail"
    known = await bench.run("actions.updateEmail('jenny@example.com')")
    assert (known["type"], known["session"]["canConfirm"]) == ("success", True)


async def test_a_decline_is_an_answer_and_the_session_stays_open(bench):
    await checkout(bench, customer_email="jenny@example.com")
    await type_card(bench, NO_FUNDS, postalCode="94107")
    error = (await bench.run("actions.confirm()"))["error"]
    assert (error["code"], error["paymentFailed"]) == (
        "paymentFailed",
        {"declineCode": "insufficient_funds"},
    )
    await type_card(bench)
    paid = await bench.run("actions.confirm({ redirect: 'if_required' })")
    assert paid["session"]["status"] == {"type": "complete", "paymentStatus": "paid"}


async def test_a_challenge_is_passed_before_the_session_is_complete(bench):
    await checkout(bench, customer_email="jenny@example.com")
    await type_card(bench, CHALLENGED, postalCode="94107")
    await bench.run("window.answer = actions.confirm({ redirect: 'if_required' }); return 1")
    overlay = bench.page.frame_locator('iframe[src*="three-ds"]').frame_locator("#challengeFrame")
    await overlay.get_by_role("button", name="Complete").click()
    assert (await bench.run("window.answer"))["session"]["status"]["type"] == "complete"


async def test_a_session_is_complete_and_unpaid_while_a_bank_account_is_debited(bench):
    made = await checkout(bench, customer_email="jenny@example.com")
    await bench.frame(PAYMENT).get_by_role("radio", name="US bank account").check()
    assert not await bench.frame(PAYMENT).locator("[name=email]").is_visible()
    account = {"name": "Jenny Rosen", "routingNumber": "110000000", "accountNumber": "000000000009"}
    for name, text in account.items():
        await bench.frame(PAYMENT).locator(f"[name={name}]").fill(text)
    await can_confirm(bench)
    answer = await bench.run("actions.confirm({ redirect: 'if_required' })")
    assert answer["session"]["status"] == {"type": "complete", "paymentStatus": "unpaid"}
    await bench.page.request.post(f"{bench.sandbox}/_sandbox/settle")
    assert (await bench.stripe.v1.checkout.sessions.retrieve_async(made.id)).payment_status == "paid"


async def test_a_session_is_paid_at_the_page_of_a_redirect_method(bench):
    price = {"currency": "eur", "unit_amount": 2000, "product_data": {"name": "Walden"}}
    items = [{"price_data": price, "quantity": 1}]
    made = await checkout(bench, customer_email="jenny@example.com", line_items=items)
    await bench.frame(PAYMENT).get_by_role("radio", name="iDEAL").check()
    await bench.frame(PAYMENT).locator("[name=name]").fill("Jenny Rosen")
    await can_confirm(bench)
    await bench.run("actions.confirm(); return 1")
    await bench.page.get_by_role("button", name="Authorize Test Payment").click()
    await bench.page.wait_for_url("**/done?**")
    assert parse_qs(urlsplit(bench.page.url).query)["session_id"] == [made.id]
    paid = await bench.stripe.v1.checkout.sessions.retrieve_async(made.id)
    assert (paid.status, paid.payment_status) == ("complete", "paid")


async def test_a_billing_address_is_asked_for_once(bench):
    made = await checkout(bench, "BillingAddress", customer_email="jenny@example.com")
    await type_card(bench)
    assert not await bench.frame(PAYMENT).locator("[name=country]").is_visible()
    await can_confirm(bench, False)
    frame = bench.frame(ADDRESS)
    typed = {"name": "Jenny Rosen", "addressLine1": "123 Main St", "locality": "San Francisco"}
    for name, text in {**typed, "postalCode": "94111"}.items():
        await frame.locator(f"[name={name}]").fill(text)
    await frame.locator("[name=administrativeArea]").select_option(label="California")
    await can_confirm(bench)
    await bench.run("actions.confirm({ redirect: 'if_required' })")
    details = (await bench.stripe.v1.checkout.sessions.retrieve_async(made.id)).customer_details
    assert (details.name, details.address.state) == ("Jenny Rosen", "CA")


async def test_a_shopper_elsewhere_may_choose_the_currency(bench):
    await checkout(
        bench,
        "CurrencySelector",
        customer_email="jenny+location_FR@example.com",
        adaptive_pricing={"enabled": True},
    )
    assert (await bench.page.locator(f'iframe[title="{CURRENCY}"]').bounding_box())["height"] > 40
    options = [each["currency"] for each in await bench.run("actions.getSession().currencyOptions")]
    await bench.frame(CURRENCY).get_by_role("button", name="EUR").click()
    await bench.page.wait_for_function("() => actions.getSession().currency === 'eur'")
    assert options == ["usd", "eur"]
    assert (await bench.run("actions.getSession().total.total.amount")).startswith("€")


async def test_copies_of_sdk_and_actions_work_as_reacts_wrapper_makes_them(bench):
    await checkout(bench, customer_email="jenny@example.com")
    await type_card(bench, postalCode="94107")
    await bench.run("window.copy = { ...sdk, ...actions }; return 1")
    assert await bench.run("copy.getPaymentElement() === sdk.getPaymentElement()")
    paid = await bench.run("copy.confirm({ redirect: 'if_required' })")
    assert paid["session"]["status"]["type"] == "complete"


async def test_a_session_that_is_not_there_cannot_be_loaded(bench):
    await bench.open("dahlia")
    sdk = "stripe.initCheckoutElementsSdk({ clientSecret: 'cs_test_1_secret_2' })"
    assert (await bench.run(f"{sdk}.loadActions()"))["type"] == "error"


async def test_clover_calls_it_by_its_former_name(bench):
    await bench.open("clover")
    sdk = "stripe.initCheckout({ clientSecret: 'cs_test_1_secret_2' })"
    assert (await bench.run(f"{sdk}.loadActions()"))["type"] == "error"
    assert await bench.run("typeof stripe.initCheckoutElementsSdk") == "undefined"
