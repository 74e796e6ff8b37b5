"""What the pay page asks and keeps, and that every refusal is a sentence of its own."""

import re

import pytest
import stripe
from playwright.async_api import Page, Route, expect

from tests.browsing import INSUFFICIENT, VISA, check_out, press_pay, sees_heading
from tests.shopper import Shopper, text
from tests.test_purchase_in_browser import THANKS, charges

DATABASE = "sqlite"
DREAM = "the-dream-machine"


async def test_no_page_before_the_confirmation_asks_for_an_account(shopper: Shopper) -> None:
    await shopper.add(DREAM)
    order = await shopper.check_out()
    for path in ("/", f"/books/{DREAM}", "/cart", f"{order}/pay", order):
        page = (await shopper.get(path)).text
        offered = r'<a href="/(account|sign-in)">[^<]*</a>'  # a link for who wants saved cards; no field asks
        asked = 'type="password"|password|sign (in|up)|log ?in|register|account'
        assert not re.search(asked, re.sub(offered, "", page), re.I)


async def test_the_form_asks_for_the_email_and_for_nothing_else(shopper: Shopper) -> None:
    await shopper.check_out(DREAM)
    page = (await shopper.get(f"{shopper.order}/pay")).text
    form = page[page.index('id="pay"') : page.index("</form>", page.index('id="pay"'))]
    asked = [
        field for field in re.findall(r"<(?:input|select|textarea)[^>]*>", form) if "hidden" not in field
    ]
    assert len(asked) == 1
    for attribute in (
        'name="email"',
        'type="email"',
        'autocomplete="email"',
        'inputmode="email"',
        " required ",
    ):
        assert attribute in asked[0]


SENTENCES = {
    "visa_chargeDeclined": "Your card was declined.",
    "visa_chargeDeclinedLostCard": "Your card was declined.",  # whoever has it need not know why
    "visa_chargeDeclinedInsufficientFunds": "Your card has insufficient funds.",
    "chargeDeclinedExpiredCard": "Your card has expired.",
    "chargeDeclinedIncorrectCvc": "Your card's security code is incorrect.",
    "chargeDeclinedProcessingError": "An error occurred while processing your card.",
    "visa_chargeDeclinedVelocityLimitExceeded": "for making repeated attempts too frequently",
}


async def test_every_decline_has_its_sentence_and_no_code_of_stripes(shopper: Shopper) -> None:
    await shopper.check_out(DREAM)
    for card, sentence in SENTENCES.items():
        with pytest.raises(stripe.CardError):
            await shopper.confirm(f"pm_card_{card}")
        for page in (await shopper.look(), await shopper.get(f"{shopper.order}/pay")):
            assert sentence in text(page)
            assert not re.search("card_declined|_card|_cvc|_error|_funds|_exceeded|generic", text(page))


async def test_an_address_is_kept_when_its_field_is_left_and_a_wrong_one_is_told(shopper: Shopper) -> None:
    order = await shopper.check_out(DREAM)
    assert (await shopper.post(f"{order}/email", htmx=True, email="ada@example.com")).status_code == 200
    wrong = await shopper.post(f"{order}/email", htmx=True, email="ada@")
    assert (wrong.status_code, "is not complete" in wrong.text) == (422, True)
    assert 'value="ada@example.com"' in (await shopper.get(f"{order}/pay")).text
    await shopper.pay(email="bob@example.com")
    await shopper.post(f"{order}/email", email="eve@example.com")
    assert "bob@example.com" in text(await shopper.look())


async def test_what_is_typed_is_checked_when_the_field_is_left_and_is_there_after_back_and_reload(
    page: Page,
) -> None:
    await check_out(page, "The Dream Machine", "High Growth Handbook")
    email = page.get_by_label("Email")
    await email.press_sequentially("ada@")
    await expect(page.locator("#email-hint")).to_contain_text("For your receipt")
    await email.press("Tab")
    await expect(page.locator("#email-hint")).to_contain_text("This email address is not complete.")
    await expect(email).to_have_attribute("aria-invalid", "true")
    await expect(email).to_have_accessible_description(re.compile("not complete"))
    await email.press_sequentially("example.com")
    assert await email.get_attribute("aria-invalid") is None
    async with page.expect_response("**/email"):
        await email.press("Tab")
    await expect(page.locator("#email-hint")).to_contain_text("For your receipt")
    await page.reload()
    await expect(email).to_have_value("ada@example.com")
    await page.go_back()
    await expect(page.locator(".cart-line")).to_have_count(2)
    await page.go_forward()
    await expect(email).to_have_value("ada@example.com")


async def test_while_paying_the_order_is_in_view_and_the_button_says_the_amount_and_then_that_it_pays(
    page: Page, stripe_client: stripe.StripeClient
) -> None:
    await check_out(page, "The Dream Machine", "High Growth Handbook")
    label = await page.locator("label[for=email]").bounding_box()
    field = await page.locator("#email").bounding_box()
    assert label
    assert field
    assert label["y"] + label["height"] <= field["y"]
    button, summary = page.locator("#pay-button"), page.get_by_role("complementary", name="Your order")
    await expect(button).to_have_text("Pay $61.00")
    pressed: list[Route] = []
    await page.route("**/orders/*/pay", lambda route: pressed.append(route))
    await press_pay(page, INSUFFICIENT)
    await expect(button).to_have_text("Paying…")
    await expect(button).to_have_attribute("aria-busy", "true")
    await button.click()
    for words in ("The Dream Machine × 1", "High Growth Handbook × 1", "$35.00", "$26.00", "$61.00"):
        await expect(summary).to_contain_text(words)
    await pressed[0].continue_()
    await expect(page.get_by_role("alert")).to_be_focused()
    await expect(button).to_have_text("Pay $61.00")
    await page.unroute("**/orders/*/pay")
    await press_pay(page, VISA)
    await sees_heading(page, THANKS)
    assert (len(pressed), len(await charges(stripe_client))) == (1, 1)
