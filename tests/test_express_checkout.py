"""Wallets above the form: the same order, press and intent, in a browser."""

import asyncio
import re

import pytest
import stripe
from playwright.async_api import FrameLocator, Page, Route, expect

from tests.browsing import axe_finds_nothing, check_out, press_pay, sees_heading
from tests.conftest import ShopUnderTest
from tests.test_purchase_in_browser import THANKS, charges

DATABASE = "sqlite"
JENNY = "jenny.rosen@example.com"  # who the simulated wallets belong to


async def open_wallet(page: Page, name: str = "Google Pay") -> FrameLocator:
    buttons = page.frame_locator('iframe[title="Secure express checkout frame"]')
    await buttons.get_by_role("button", name=name).click()
    return page.frame_locator(f'iframe[title="{name} (simulated)"]')


async def pay_by_wallet(page: Page, name: str = "Google Pay") -> None:
    await (await open_wallet(page, name)).get_by_role("button", name="Pay in").click()


async def buy_now(page: Page, slug: str = "the-dream-machine") -> None:
    await page.goto(f"/books/{slug}")
    await page.get_by_role("button", name="Buy now").click()
    await sees_heading(page, "Pay")


@pytest.mark.both_databases
async def test_a_wallet_pays_for_one_book_with_nothing_typed_and_the_cart_stays(
    page: Page, stripe_client: stripe.StripeClient
) -> None:
    await check_out(page, "High Growth Handbook")
    await buy_now(page)
    await expect(page.get_by_label("Email (optional)")).to_be_visible()
    await pay_by_wallet(page)
    await sees_heading(page, THANKS)
    await expect(page.locator(".charged")).to_have_text("$35.00")
    [charge] = await charges(stripe_client)
    assert (charge.amount, charge.billing_details.name) == (3500, "Jenny Rosen")
    await expect(page.get_by_role("link", name="Cart")).to_contain_text("1")


async def test_the_wallets_stand_above_the_form_with_an_or_between(page: Page) -> None:
    await check_out(page, "The Dream Machine")
    tops = []
    for part in (page.locator("#express iframe"), page.get_by_text("or", exact=True), page.locator("#pay")):
        await expect(part).to_be_visible()
        box = await part.bounding_box()
        assert box
        tops.append(box["y"])
    assert tops == sorted(tops)
    await axe_finds_nothing(page)


async def test_a_wallets_address_gets_the_receipt_unless_another_was_typed(page: Page) -> None:
    for typed, told in (("", JENNY), ("ada@example.com", "ada@example.com")):
        await check_out(page, "The Dream Machine")
        await page.get_by_label("Email").fill(typed)
        await pay_by_wallet(page, "Link")
        await sees_heading(page, THANKS)
        await expect(page.locator("#order")).to_contain_text(f"A receipt goes to {told}.")


async def without_wallets(route: Route) -> None:
    reply = await route.fetch()
    await route.fulfill(response=reply, body=(await reply.text()).replace("sent.wallets", "[]"))


async def test_where_the_browser_has_no_wallet_nothing_of_it_shows_and_the_form_pays(page: Page) -> None:
    await page.route("**/elements-inner-express-checkout.js*", without_wallets)
    await check_out(page, "The Dream Machine")
    await press_pay(page)
    await sees_heading(page, THANKS)
    await page.route("**/elements-inner-express-checkout.html*", lambda route: route.abort())
    await check_out(page, "The Dream Machine")
    await expect(
        page.frame_locator('iframe[title*="payment input"]').get_by_role("radio").first
    ).to_be_visible()
    await expect(page.get_by_text("or", exact=True)).to_be_hidden()


async def test_a_wallet_that_is_closed_a_declined_one_and_then_the_form_on_the_same_intent(
    page: Page, shop: ShopUnderTest, stripe_client: stripe.StripeClient
) -> None:
    await check_out(page, "The Dream Machine")
    await (await open_wallet(page)).get_by_role("button", name="Cancel").click()
    await expect(page.locator("dialog")).to_have_count(0)
    assert await page.inner_text("#pay-problem") == ""
    [intent] = (await stripe_client.v1.payment_intents.list_async()).data
    declined = {"status": 402, "type": "card_error", "code": "card_declined", "message": "Declined."}
    recipe = {**declined, "path": f"/v1/payment_intents/{intent.id}/confirm"}
    assert (await page.request.post(f"{shop.sandbox}/_sandbox/fail_next", data=recipe)).ok
    await pay_by_wallet(page)
    await expect(page.get_by_role("alert")).to_have_text("Declined.")
    await expect(page.get_by_label("Email")).to_have_value(JENNY)
    await press_pay(page)
    await sees_heading(page, THANKS)
    assert len((await stripe_client.v1.payment_intents.list_async()).data) == 1


async def test_a_wallet_does_not_pay_a_total_that_has_changed(
    page: Page, stripe_client: stripe.StripeClient
) -> None:
    await check_out(page, "The Dream Machine")
    other = await page.context.new_page()
    await check_out(other, "High Growth Handbook")
    await pay_by_wallet(page)
    await expect(page.get_by_role("alert")).to_contain_text("The total was $35.00 and is now $61.00.")
    assert await charges(stripe_client) == []
    await page.get_by_role("link", name="Show the new total").click()
    await pay_by_wallet(page)
    await sees_heading(page, THANKS)
    assert [charge.amount for charge in await charges(stripe_client)] == [6100]


async def test_a_connection_that_is_cut_after_the_wallets_yes(page: Page) -> None:
    await check_out(page, "The Dream Machine")
    await page.route("**/orders/*/pay", lambda route: route.abort())
    await pay_by_wallet(page)
    await expect(page.get_by_role("alert")).to_contain_text("The connection was lost.")
    await page.unroute("**/orders/*/pay")
    await page.route("**/confirm", lambda route: route.abort())
    await pay_by_wallet(page)
    await page.wait_for_url(re.compile(r"/orders/[^/]+$"))
    await sees_heading(page, "We are checking your payment")
    await page.get_by_role("link", name="The payment was interrupted").click()
    await page.unroute("**/confirm")
    await pay_by_wallet(page)
    await sees_heading(page, THANKS)


async def test_while_a_wallet_pays_the_button_says_so_and_does_nothing(
    page: Page, stripe_client: stripe.StripeClient
) -> None:
    await check_out(page, "The Dream Machine")
    pressed: list[Route] = []
    await page.route("**/orders/*/pay", lambda route: pressed.append(route))
    await pay_by_wallet(page)
    button = page.locator("#pay-button")
    await expect(button).to_have_text("Paying…")
    await expect(button).to_have_attribute("aria-busy", "true")
    await button.click()
    await pressed[0].continue_()
    await sees_heading(page, THANKS)
    assert (len(pressed), len(await charges(stripe_client))) == (1, 1)


@pytest.mark.parametrize("width", [360, 768, 1280])
async def test_nothing_moves_under_a_press_when_stripes_frames_come(page: Page, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 800})
    come = asyncio.Event()

    async def late(route: Route) -> None:
        await come.wait()
        await route.continue_()

    await page.route("**/elements-inner-*.html*", late)
    await check_out(page, "The Dream Machine")
    await expect(page.locator("#express-element iframe")).to_be_attached()
    await page.evaluate("document.fonts.ready")
    places = "[...document.querySelectorAll('#pay-button, #pay-elsewhere')].map((e) => e.getBoundingClientRect().y)"
    before = await page.evaluate(places)
    come.set()
    await expect(page.locator("#express")).to_be_visible()
    frame = page.frame_locator("#payment-element iframe")
    await expect(frame.get_by_text("Card", exact=True).first).to_be_visible()
    await page.wait_for_timeout(500)  # the frame's own opening
    assert await page.evaluate(places) == before
