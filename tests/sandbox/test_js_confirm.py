"""stripe.confirmPayment(), from the shopper's side of the form."""

from urllib.parse import parse_qs, urlsplit

import httpx

from .js_support import NO_FUNDS, VISA, WRONG_CVC, checkout_fixture, origins_fixture

checkout, origins = checkout_fixture, origins_fixture

STAY = {"redirect": "if_required"}


async def test_a_paid_card_brings_the_shopper_to_the_return_url(checkout):
    await checkout.open()
    await checkout.pay()
    await checkout.page.wait_for_url("**/return?**")
    assert parse_qs(urlsplit(checkout.page.url).query) == {
        "order": ["7"],
        "payment_intent": [checkout.intent.id],
        "payment_intent_client_secret": [checkout.intent.client_secret],
        "redirect_status": ["succeeded"],
    }
    assert (await checkout.answer())["paymentIntent"]["status"] == "succeeded"


async def test_without_a_redirect_the_promise_resolves_with_the_intent(checkout):
    await checkout.open(confirm=STAY)
    await checkout.pay()
    paid = (await checkout.answer())["paymentIntent"]
    assert (paid["id"], paid["status"]) == (checkout.intent.id, "succeeded")
    assert "/pay" in checkout.page.url


async def test_the_browser_is_not_shown_what_only_the_shop_may_see(checkout):
    await checkout.open(confirm=STAY, intent={"metadata": {"order": "7"}})
    await checkout.pay()
    paid = (await checkout.answer())["paymentIntent"]
    assert not {"metadata", "customer", "latest_charge", "amount_received"} & set(paid)


async def test_an_empty_form_is_refused_without_a_request(checkout):
    await checkout.open()
    before = await requests_seen(checkout.sandbox)
    await checkout.press_pay()
    error = (await checkout.answer())["error"]
    assert (error["type"], error["code"]) == ("validation_error", "incomplete_number")
    assert await requests_seen(checkout.sandbox) == before


async def requests_seen(sandbox):
    async with httpx.AsyncClient() as observer:
        return (await observer.get(f"{sandbox}/_sandbox/requests")).json()


async def test_a_decline_is_returned_and_shown_and_another_card_pays(checkout):
    await checkout.open(confirm=STAY)
    await checkout.pay(NO_FUNDS)
    error = (await checkout.answer())["error"]
    assert (error["code"], error["decline_code"]) == ("card_declined", "insufficient_funds")
    await checkout.frame.get_by_text("Your card has insufficient funds.").wait_for()
    await checkout.clear_answer()
    await checkout.pay()
    assert (await checkout.answer())["paymentIntent"]["status"] == "succeeded"


async def test_a_card_that_fails_its_security_code_says_so_at_that_field(checkout):
    await checkout.open(confirm=STAY)
    await checkout.pay(WRONG_CVC)
    assert (await checkout.answer())["error"]["code"] == "incorrect_cvc"
    await checkout.frame.locator("#Field-cvcError:not(:empty)").wait_for()


async def test_pressing_twice_charges_once(checkout):
    await checkout.open(confirm=STAY)
    await checkout.fill()
    answers = await checkout.page.evaluate("Promise.all([pay(), pay()])")
    assert [sorted(answer) for answer in answers] == [["paymentIntent"], ["error"]]
    assert "already" in answers[1]["error"]["message"]
    assert [url.endswith("/confirm") for url in checkout.api_calls].count(True) == 1
    assert (await checkout.retrieve()).amount_received == 1999


async def test_the_payment_method_carries_the_billing_details(checkout):
    extra = {
        "payment_method_data": {"billing_details": {"name": "Ada Lovelace", "address": {"city": "Bath"}}}
    }
    await checkout.open(confirm={**STAY, "confirmParams": extra})
    await checkout.pay()
    await checkout.answer()
    intent = await checkout.retrieve()
    details = (await checkout.stripe.v1.payment_methods.retrieve_async(intent.payment_method)).billing_details
    assert (details.name, details.address.city) == ("Ada Lovelace", "Bath")
    assert (details.address.country, details.address.postal_code) == ("US", "94107")


async def test_an_unreachable_api_is_an_error_that_one_can_try_again(checkout):
    await checkout.open(confirm=STAY)
    await checkout.page.route("**/v1/**", lambda route: route.abort())
    await checkout.pay()
    assert (await checkout.answer())["error"]["type"] == "api_connection_error"
    await checkout.page.unroute("**/v1/**")
    await checkout.clear_answer()
    await checkout.press_pay()
    assert (await checkout.answer())["paymentIntent"]["status"] == "succeeded"


async def test_an_answer_that_is_no_json_is_an_api_error(checkout):
    await checkout.open(confirm=STAY)
    await checkout.page.route(
        "**/v1/**", lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>")
    )
    await checkout.pay()
    assert (await checkout.answer())["error"]["type"] == "api_error"


async def test_a_capture_by_hand_returns_as_succeeded(checkout):
    await checkout.open(intent={"capture_method": "manual"})
    await checkout.pay()
    await checkout.page.wait_for_url("**/return?**redirect_status=succeeded")
    assert (await checkout.retrieve()).status == "requires_capture"


async def test_an_intent_that_was_paid_elsewhere_is_an_error_and_not_paid_twice(checkout):
    await checkout.open(confirm=STAY)
    params = {"payment_method": "pm_card_visa", "return_url": "https://shop.example/"}
    await checkout.stripe.v1.payment_intents.confirm_async(checkout.intent.id, params)
    await checkout.pay()
    error = (await checkout.answer())["error"]
    assert error["code"] == "payment_intent_unexpected_state"
    assert error["payment_intent"]["status"] == "succeeded"


async def test_the_deferred_form_confirms_with_a_secret_that_comes_later(checkout):
    await checkout.open(elements={"clientSecret": None, "mode": "payment", "amount": 1999, "currency": "usd"})
    await checkout.fill()
    answer = await checkout.page.evaluate(
        """async (clientSecret) => {
          const early = await stripe.confirmPayment({ elements, clientSecret, redirect: "if_required" })
            .catch((error) => error.message);
          await elements.submit();
          return [early, await stripe.confirmPayment({ elements, clientSecret, redirect: "if_required" })];
        }""",
        checkout.intent.client_secret,
    )
    assert "elements.submit()" in answer[0]
    assert answer[1]["paymentIntent"]["status"] == "succeeded"


async def test_the_deferred_form_keeps_to_the_amount_that_it_showed(checkout):
    await checkout.open(
        elements={"clientSecret": None, "mode": "payment", "amount": 1500, "currency": "usd"},
        confirm={"redirect": "if_required"},
    )
    await checkout.fill()
    answer = await checkout.page.evaluate(
        """async (clientSecret) => {
          await elements.submit();
          return stripe.confirmPayment({ elements, clientSecret, redirect: "if_required" });
        }""",
        checkout.intent.client_secret,
    )
    assert "1500" in answer["error"]["message"]
    assert (await checkout.retrieve()).status == "requires_payment_method"


async def test_only_the_frame_sends_the_card_and_the_page_never_hears_of_it(checkout):
    sent = []
    checkout.page.on("request", lambda request: sent.append((request.frame.url, request.post_data or "")))
    await checkout.open(confirm=STAY)
    await checkout.page.evaluate("window.addEventListener('message', ({ data }) => events.push({ data }))")
    await checkout.pay()
    await checkout.answer()
    assert all("elements-inner-payment" in frame for frame, body in sent if VISA in body)
    assert any(VISA in body for _, body in sent)
    assert "4242 4242" not in str(
        await checkout.page.evaluate("[events, document.documentElement.outerHTML]")
    )
