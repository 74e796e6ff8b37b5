"""The Payment Element: its frame, its events and its verbs."""

import re

import pytest
from playwright.async_api import expect

from .js_support import VISA, checkout_fixture, origins_fixture

checkout, origins = checkout_fixture, origins_fixture


async def test_the_frame_has_the_name_title_and_address_that_test_suites_look_for(checkout):
    await checkout.open()
    frame = checkout.page.locator('form iframe[title*="payment input"][src*="elements-inner-payment"]')
    assert re.fullmatch(r"__privateStripeFrame\d+", await frame.get_attribute("name"))
    assert await frame.get_attribute("allow") == "payment *; publickey-credentials-get *"
    assert await checkout.page.locator("iframe").count() == 1


HEIGHT = "(body) => Math.ceil(body.getBoundingClientRect().height)"
ITEM, TAB = 'div[data-value="card"]', 'button[role="tab"][data-testid="card"]'


@pytest.mark.parametrize(
    ("layout", "card"), [(None, ITEM), ("accordion", ITEM), ("tabs", TAB), ({"type": "tabs"}, TAB)]
)
async def test_the_card_is_open_at_first_and_choosing_it_again_keeps_it_open(checkout, layout, card):
    await checkout.open(payment={"layout": layout} if layout else {})
    assert await checkout.frame.locator('[data-testid="card"], [data-value="card"]').count() == 1
    await checkout.frame.locator(card).click()
    assert await checkout.field("number").is_visible()


async def test_a_collapsed_element_opens_when_its_card_is_chosen(checkout):
    await checkout.open(payment={"layout": {"type": "accordion", "defaultCollapsed": True}})
    assert not await checkout.field("number").is_visible()
    await checkout.frame.get_by_role("radio", name="Card").check()
    assert await checkout.field("number").is_visible()
    assert (await checkout.event("change"))["collapsed"] is False


async def test_confirming_a_collapsed_element_opens_it_and_shows_what_is_missing(checkout):
    await checkout.open()
    await checkout.page.evaluate("payment.collapse()")
    await checkout.field("number").wait_for(state="hidden")
    await checkout.press_pay()
    assert (await checkout.answer())["error"]["code"] == "incomplete_number"
    assert await checkout.field("number").is_visible()


async def test_events_tell_the_life_of_the_element(checkout):
    await checkout.open()
    await checkout.fill()
    await checkout.page.locator(".StripeElement--complete").wait_for()
    names = [event["name"] for event in await checkout.page.evaluate("events")]
    assert names[:2] == ["loaderstart", "ready"]
    first, last = (await checkout.events("change"))[0], (await checkout.events("change"))[-1]
    assert (first["empty"], first["complete"], first["value"]) == (False, False, {"type": "card"})
    assert (last["empty"], last["complete"], last["collapsed"]) == (False, True, False)
    assert {event["elementType"] for event in await checkout.page.evaluate("events")} == {"payment"}


async def test_the_brand_is_told_before_the_number_is_complete(checkout):
    await checkout.open()
    await checkout.field("number").press_sequentially("5555")
    await checkout.frame.get_by_text("Mastercard").wait_for(state="attached")
    assert (await checkout.event("carddetailschange"))["details"] == {"brands": ["mastercard"]}


async def test_focus_blur_and_escape_reach_the_page(checkout):
    await checkout.open()
    await checkout.page.evaluate("payment.focus()")
    await checkout.frame.locator("[name=number]:focus").wait_for()
    await checkout.page.keyboard.press("Escape")
    await checkout.page.evaluate("payment.blur()")
    await checkout.page.locator(".StripeElement:not(.StripeElement--focus)").wait_for()
    names = [event["name"] for event in await checkout.page.evaluate("events")]
    assert names[-3:] == ["focus", "escape", "blur"]


async def test_clear_empties_the_fields(checkout):
    await checkout.open()
    await checkout.fill()
    await checkout.page.locator(".StripeElement--complete").wait_for()
    await checkout.page.evaluate("payment.clear()")
    await checkout.page.locator(".StripeElement:not(.StripeElement--complete)").wait_for()
    assert (await checkout.events("change"))[-1]["empty"] is True
    assert [await checkout.field(name).input_value() for name in ("number", "cvc")] == ["", ""]


async def test_enter_presses_the_button_of_the_form(checkout):
    await checkout.open(confirm={"redirect": "if_required"})
    await checkout.fill()
    await checkout.field("postalCode").press("Enter")
    assert (await checkout.answer())["paymentIntent"]["status"] == "succeeded"


async def test_the_whole_form_can_be_filled_and_sent_from_the_keyboard(checkout):
    await checkout.open(confirm={"redirect": "if_required"})
    for typed in ("", VISA, "1233", "123", "", "94107", ""):
        await checkout.page.keyboard.press("Tab")
        await checkout.page.keyboard.type(typed)
    await checkout.page.keyboard.press("Enter")
    assert (await checkout.answer())["paymentIntent"]["status"] == "succeeded"


async def test_hidden_billing_fields_must_be_handed_in(checkout):
    await checkout.open(
        payment={"fields": {"billingDetails": {"address": {"postalCode": "never", "country": "never"}}}}
    )
    assert not await checkout.field("country").is_visible()
    assert not await checkout.field("postalCode").is_visible()
    await checkout.press_pay()
    answer = await checkout.answer()
    assert answer["thrown"] == "IntegrationError"
    assert "billing_details.address.country" in answer["message"]


async def test_hidden_billing_fields_that_are_handed_in_are_used(checkout):
    given = {"billing_details": {"address": {"country": "GB", "postal_code": "BA1 1AA"}}}
    confirm = {"redirect": "if_required", "confirmParams": {"payment_method_data": given}}
    fields = {"billingDetails": {"address": {"postalCode": "never", "country": "never"}}}
    await checkout.open(payment={"fields": fields}, confirm=confirm)
    for name, value in {"number": VISA, "expiry": "12/33", "cvc": "123"}.items():
        await checkout.field(name).fill(value)
    await checkout.press_pay()
    assert (await checkout.answer())["paymentIntent"]["status"] == "succeeded"


async def test_default_values_fill_country_and_postal_code(checkout):
    address = {"country": "US", "postal_code": "10001"}
    await checkout.open(payment={"defaultValues": {"billingDetails": {"address": address}}})
    assert await checkout.field("postalCode").input_value() == "10001"


async def test_a_card_that_will_be_kept_comes_with_its_terms(checkout):
    await checkout.open(
        payment={"business": {"name": "Colophon"}}, intent={"setup_future_usage": "off_session"}
    )
    await checkout.frame.get_by_text("you allow Colophon to charge your card for future payments").wait_for()


async def test_a_read_only_element_takes_no_typing(checkout):
    await checkout.open(payment={"readOnly": True})
    assert await checkout.field("number").is_disabled()
    await checkout.page.evaluate("payment.update({ readOnly: false })")
    await checkout.field("number").fill("4242")


async def test_an_intent_that_cannot_be_paid_fails_to_load(checkout):
    await checkout.open(ready=False, elements={"clientSecret": "pi_unknown_secret_unknown"})
    await checkout.page.locator("form.failed").wait_for()
    assert (await checkout.event("loaderror"))["error"]["code"] == "resource_missing"
    assert await checkout.events("ready") == []


async def test_a_frame_that_cannot_be_loaded_is_a_loaderror_and_can_be_tried_again(checkout):
    await checkout.page.route("**/elements-inner-payment-*.html", lambda route: route.abort())
    await checkout.open(ready=False)
    await checkout.page.locator("form.failed").wait_for()
    assert (await checkout.event("loaderror"))["error"]["type"] == "api_connection_error"
    assert not await checkout.page.locator("iframe").is_visible()
    await checkout.page.unroute("**/elements-inner-payment-*.html")
    await checkout.page.evaluate("payment.unmount().mount('#payment-element')")
    await checkout.page.locator("form.ready").wait_for()


async def test_an_update_does_not_undo_what_the_shopper_chose(checkout):
    address = {"country": "US", "postal_code": "10001"}
    await checkout.open(payment={"defaultValues": {"billingDetails": {"address": address}}})
    await checkout.field("postalCode").fill("94107")
    await checkout.page.evaluate("elements.update({ appearance: {} })")
    assert await checkout.field("postalCode").input_value() == "94107"


async def test_an_unmounted_element_can_be_mounted_again(checkout):
    await checkout.open(confirm={"redirect": "if_required"})
    await checkout.page.evaluate("payment.unmount()")
    assert await checkout.page.locator("iframe").count() == 0
    await checkout.page.evaluate("payment.mount(document.querySelector('#payment-element'))")
    await checkout.pay()
    assert (await checkout.answer())["paymentIntent"]["status"] == "succeeded"


async def test_the_frame_is_as_high_as_its_content(checkout):
    await checkout.open()
    iframe, body = checkout.page.locator("iframe"), checkout.frame.locator("body")
    before = await body.evaluate(HEIGHT)
    await expect(iframe).to_have_css("height", f"{before}px")
    await checkout.press_pay()
    await checkout.answer()
    after = await body.evaluate(HEIGHT)
    assert after > before
    await expect(iframe).to_have_css("height", f"{after}px")


@pytest.mark.parametrize("layout", ["accordion", "tabs"])
@pytest.mark.parametrize("width", [320, 720])
async def test_nothing_below_the_element_moves_while_it_loads(checkout, layout, width):
    await checkout.page.set_viewport_size({"width": width, "height": 800})
    await checkout.open(payment={"layout": layout})
    reserved = await checkout.page.evaluate("reservedHeight")
    assert reserved == (await checkout.page.locator("iframe").bounding_box())["height"]
