"""The main job, as a shopper does it: in a browser, from the shelf to the PaymentIntent's id."""

import asyncio
import re
from dataclasses import replace

import pytest
import stripe
from playwright.async_api import Browser, Page, expect

from tests.browsing import (
    CHALLENGE,
    INSUFFICIENT,
    VISA,
    check_out,
    check_out_from_the_shelf,
    fill_card,
    press_pay,
    sees_heading,
)
from tests.conftest import ShopUnderTest

DATABASE = "sqlite"

THANKS = "Thank you: your order is paid"


async def charges(client: stripe.StripeClient) -> list[stripe.Charge]:
    """What was really charged, by the merchant's key."""
    return [c for c in (await client.v1.charges.list_async({"limit": 100})).data if c.paid]


@pytest.mark.both_databases
async def test_three_books_from_the_shelf_to_the_intents_id(
    page: Page, stripe_client: stripe.StripeClient
) -> None:
    await check_out_from_the_shelf(
        page, "The Dream Machine", "High Growth Handbook", "Poor Charlie's Almanack"
    )
    assert "pi_" not in await page.inner_text("body")
    await press_pay(page)
    await sees_heading(page, THANKS)
    shown = await page.inner_text("main")
    found = re.search(r"pi_3\w+", shown)
    assert found
    intent = await stripe_client.v1.payment_intents.retrieve_async(found[0])
    assert (intent.status, intent.amount_received) == ("succeeded", 9100)
    assert "$91.00" in shown
    await expect(page.get_by_role("link", name="Cart")).to_contain_text("0")


async def test_a_declined_card_then_another_on_the_same_intent(
    page: Page, stripe_client: stripe.StripeClient
) -> None:
    await check_out(page, "The Dream Machine")
    await press_pay(page, INSUFFICIENT)
    await expect(page.get_by_role("alert")).to_have_text("Your card has insufficient funds.")
    await expect(page.get_by_label("Email")).to_have_value("ada@example.com")
    await press_pay(page, VISA)
    await sees_heading(page, THANKS)
    assert len((await stripe_client.v1.payment_intents.list_async()).data) == 1


async def challenge(page: Page, button: str) -> None:
    await check_out(page, "The Dream Machine")
    await press_pay(page, CHALLENGE)
    bank = page.frame_locator('iframe[src*="three-ds"]').frame_locator("#challengeFrame")
    await bank.locator(button).click()


async def test_a_bank_that_asks_and_is_told_yes(page: Page) -> None:
    await challenge(page, "#test-source-authorize-3ds")
    await sees_heading(page, THANKS)


async def test_a_bank_that_asks_and_is_told_no(page: Page) -> None:
    await challenge(page, "#test-source-fail-3ds")
    await expect(page.get_by_role("alert")).to_contain_text("Your bank did not confirm the payment")
    await press_pay(page, VISA)
    await sees_heading(page, THANKS)


async def test_a_bank_that_asks_while_the_window_is_closed(page: Page) -> None:
    await check_out(page, "The Dream Machine")
    order = page.url.removesuffix("/pay")
    await press_pay(page, CHALLENGE)
    await page.frame_locator('iframe[src*="three-ds"]').locator("#challengeFrame").wait_for()
    device = await page.context.new_page()
    await page.close()
    await device.goto(order)
    await sees_heading(device, "Your bank is waiting for you")
    await device.get_by_role("link", name="Go on to payment").click()
    await press_pay(device, VISA)
    await sees_heading(device, THANKS)


async def test_a_bank_account_is_debited_later(
    page: Page, shop: ShopUnderTest, stripe_client: stripe.StripeClient
) -> None:
    await check_out(page, "The Dream Machine")
    await page.get_by_label("Email").fill("ada@example.com")
    ways = page.frame_locator('iframe[title="Secure payment input frame"]')
    await ways.get_by_role("radio", name="US bank account").check()
    stays_processing = {"routingNumber": "110000000", "accountNumber": "000000000009"}
    for name, value in {"name": "Ada", **stays_processing}.items():
        await ways.locator(f"[name={name}]").fill(value)
    await page.get_by_role("button", name="Pay $").click()
    await sees_heading(page, "Your payment is being processed")
    assert await charges(stripe_client) == []
    await page.request.post(f"{shop.sandbox}/_sandbox/settle")
    await sees_heading(page, THANKS)
    assert [charge.amount for charge in await charges(stripe_client)] == [3500]


async def test_a_double_click_pays_once(page: Page, stripe_client: stripe.StripeClient) -> None:
    await check_out(page, "The Dream Machine")
    await page.get_by_label("Email").fill("ada@example.com")
    await fill_card(page)
    await page.locator("#pay-button").dblclick()
    await sees_heading(page, THANKS)
    assert len(await charges(stripe_client)) == 1


async def test_two_tabs_press_pay_at_once(page: Page, stripe_client: stripe.StripeClient) -> None:
    await check_out(page, "The Dream Machine")
    other = await page.context.new_page()
    await other.goto(page.url)
    for tab in (page, other):
        await tab.get_by_label("Email").fill("ada@example.com")
        await fill_card(tab)
    await asyncio.gather(*(tab.locator("#pay-button").click() for tab in (page, other)))
    for tab in (page, other):
        await sees_heading(tab, THANKS)
    assert page.url.split("?")[0] == other.url.split("?")[0]
    assert len(await charges(stripe_client)) == 1


async def test_back_after_payment_shows_the_payment(page: Page, stripe_client: stripe.StripeClient) -> None:
    await check_out(page, "The Dream Machine")
    await press_pay(page)
    await sees_heading(page, THANKS)
    order = page.url
    await page.go_back()
    await sees_heading(page, THANKS)
    await page.reload()
    assert page.url == order
    assert len(await charges(stripe_client)) == 1


async def test_another_device_and_a_forged_address_change_nothing(
    page: Page, browser: Browser, shop: ShopUnderTest
) -> None:
    await check_out(page, "The Dream Machine")
    await press_pay(page)
    await sees_heading(page, THANKS)
    shown = await page.inner_text("#order")
    device = await browser.new_page()
    for query in ("", "?payment_intent=pi_forged&redirect_status=failed", "?payment_intent_client_secret=x"):
        await device.goto(page.url + query)
        assert await device.inner_text("#order") == shown
        assert "forged" not in await device.content()
    await device.close()


async def test_a_second_tab_that_changed_the_order_stops_the_old_total(page: Page) -> None:
    await check_out(page, "The Dream Machine")
    other = await page.context.new_page()
    await check_out(other, "High Growth Handbook")
    await press_pay(page)
    await expect(page.get_by_role("alert")).to_contain_text("The total was $35.00 and is now $61.00.")
    await page.get_by_role("link", name="Show the new total").click()
    await expect(page.get_by_role("button", name="Pay $61.00")).to_be_visible()


async def test_two_shoppers_at_once_are_each_charged_their_own(
    page: Page, browser: Browser, shop: ShopUnderTest, stripe_client: stripe.StripeClient
) -> None:
    context = await browser.new_context(base_url=shop.url)
    other = await context.new_page()
    await asyncio.gather(check_out(page, "The Dream Machine"), check_out(other, "High Growth Handbook"))
    await asyncio.gather(press_pay(page), press_pay(other, email="bob@example.com"))
    for tab, total in ((page, "$35.00"), (other, "$26.00")):
        await sees_heading(tab, THANKS)
        await expect(tab.locator(".charged")).to_have_text(total)
    assert sorted(charge.amount for charge in await charges(stripe_client)) == [2600, 3500]
    await context.close()


async def test_a_cancelled_intent_is_checked_out_again_with_one_button(
    page: Page, stripe_client: stripe.StripeClient
) -> None:
    await check_out(page, "The Dream Machine")
    [intent] = (await stripe_client.v1.payment_intents.list_async()).data
    await stripe_client.v1.payment_intents.cancel_async(intent.id)
    await page.reload()
    await sees_heading(page, "This payment was cancelled")
    await page.get_by_role("button", name="Check out again").click()
    await press_pay(page)
    await sees_heading(page, THANKS)


@pytest.mark.parametrize(
    ("email", "says"), [("", "Enter your email address"), ("ada", "not complete"), ("a@b", "not complete")]
)
async def test_a_bad_email_is_told_before_anything_is_charged(page: Page, email: str, says: str) -> None:
    await check_out(page, "The Dream Machine")
    await press_pay(page, email=email)
    await expect(page.get_by_role("alert")).to_contain_text(says)
    await expect(page.get_by_label("Email")).to_have_attribute("aria-invalid", "true")
    await press_pay(page)
    await sees_heading(page, THANKS)


@pytest.mark.parametrize("width", [1280, 320])  # 320 is 1280 at 400 %
async def test_the_whole_purchase_by_keyboard_alone(page: Page, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 640})
    await page.goto("/")
    await tab_to(page, "Add to cart")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("1 book in your cart.")
    await tab_to(page, "Go to your cart", key="Shift+Tab")
    await page.keyboard.press("Enter")
    await sees_heading(page, "Your cart")
    await tab_to(page, "One more of The Art of Doing Science and Engineering")
    await page.keyboard.press("Space")
    await expect(page.get_by_role("status")).to_contain_text("2 books in your cart.")
    await tab_to(page, "Check out")
    await page.keyboard.press("Enter")
    await sees_heading(page, "Pay")
    await expect(page.locator("#payment-element iframe")).to_be_visible()
    typed = {"Email": "ada@example.com", "Card": " ", "Card number": VISA, "Expiration date": "1234"}
    for field, words in {**typed, "Security code": "123", "ZIP code": "94107"}.items():
        await tab_to(page, field)
        await page.keyboard.type(words)
    await tab_to(page, "Pay $46.00")
    await page.keyboard.press("Enter")
    await sees_heading(page, THANKS)
    assert await focused(page) == THANKS


async def tab_to(page: Page, name: str, key: str = "Tab") -> None:
    """Press the key until what has the focus, in the page or in a frame of Stripe's, is called so."""
    passed = []
    for _ in range(60):
        await page.keyboard.press(key)
        if (here := await focused(page)) == name:
            return
        passed.append(here)
    raise AssertionError(f"{name!r} is not reached: {passed}")


async def focused(page: Page) -> str:
    names = [await frame.evaluate(FOCUSED) for frame in page.frames]
    return next((name for name in reversed(names) if name), "")


FOCUSED = """() => {
  const at = document.hasFocus() && document.activeElement;
  if (!at || at === document.body || at.tagName === "IFRAME") return "";
  return (at.ariaLabel || at.labels?.[0]?.textContent || at.textContent).trim();
}"""


async def test_the_card_form_that_does_not_load_says_what_to_do(page: Page) -> None:
    await page.route("**/stripe.js*", lambda route: route.abort())
    await check_out(page, "The Dream Machine")
    await expect(page.get_by_role("alert")).to_contain_text(
        "The payment form did not load. Your order and your cart are safe."
    )
    await expect(page.get_by_role("button", name="Pay on Stripe’s page")).to_be_visible()
    await expect(page.locator("#cart-link")).to_contain_text("1")
    await page.unroute("**/stripe.js*")
    await page.get_by_role("link", name="Load it again").click()
    await press_pay(page)
    await sees_heading(page, THANKS)


async def test_a_connection_that_is_cut_right_after_pay(page: Page) -> None:
    await check_out(page, "The Dream Machine")
    await page.route("**/confirm", lambda route: route.abort())
    await press_pay(page)
    await page.wait_for_url(re.compile(r"/orders/[^/]+$"))
    await sees_heading(page, "We are checking your payment")
    await page.get_by_role("link", name="The payment was interrupted").click()
    await page.unroute("**/confirm")
    await press_pay(page)
    await sees_heading(page, THANKS)


async def test_a_corrected_email_is_not_red_any_more(page: Page) -> None:
    await check_out(page, "The Dream Machine")
    await press_pay(page, INSUFFICIENT, email="ada")
    await expect(page.get_by_label("Email")).to_have_attribute("aria-invalid", "true")
    await page.get_by_label("Email").fill("ada@example.com")
    await page.locator("#pay-button").click()
    await expect(page.get_by_role("alert")).to_have_text("Your card has insufficient funds.")
    assert await page.get_by_label("Email").get_attribute("aria-invalid") is None


async def test_after_too_many_failures_the_form_says_when_to_try_again(
    page: Page, shop: ShopUnderTest
) -> None:
    shop.app.extensions["settings"] = replace(shop.settings, failed_payments_per_cart=1)
    await check_out(page, "The Dream Machine")
    await press_pay(page, INSUFFICIENT)
    await expect(page.get_by_role("alert")).to_have_text("Your card has insufficient funds.")
    await press_pay(page, VISA)
    await expect(page.get_by_role("alert")).to_contain_text("the next can be made in 60 minutes")
    await expect(page.get_by_label("Email")).to_have_value("ada@example.com")
    await page.reload()
    await sees_heading(page, "Please wait a little")
    await page.get_by_role("link", name="Go to your cart").click()
    await expect(page.get_by_role("main")).to_contain_text("The Dream Machine")
