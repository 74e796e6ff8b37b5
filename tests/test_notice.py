"""The sandbox's banner, and the panel of calls and events that it opens beside the shop."""

import dataclasses

import pytest
from playwright.async_api import Browser, FrameLocator, Page, expect

from shop.factory import create_app
from shop.settings import STRIPE_JS
from tests.browsing import INSUFFICIENT, axe_finds_nothing, check_out, press_pay, sees_heading
from tests.conftest import ShopUnderTest

DATABASE = "sqlite"

DREAM = "The Dream Machine"
THANKS = "Thank you: your order is paid"


def panel(page: Page) -> FrameLocator:
    return page.frame_locator('iframe[title="Calls and events"]')


async def open_panel(page: Page) -> None:
    await page.goto("/")
    await page.get_by_role("button", name="Calls and events").press("Enter")
    await expect(panel(page).get_by_role("main")).to_be_visible()


async def test_it_is_off_until_asked_for(page: Page) -> None:
    await page.goto("/")
    await expect(page.get_by_role("button", name="Calls and events")).to_have_attribute(
        "aria-expanded", "false"
    )
    await expect(page.locator("iframe")).to_have_count(0)


async def test_the_keyboard_opens_and_closes_it_and_the_browser_remembers(page: Page) -> None:
    toggle = page.get_by_role("button", name="Calls and events")
    for key, frames in (("Enter", 1), ("Space", 0)):
        await page.goto("/")
        await toggle.press(key)
        for path in ("/", "/cart", "/nothing/here"):
            await page.goto(path)
            await expect(page.locator("iframe")).to_have_count(frames)
        await expect(toggle).to_have_attribute("aria-expanded", "true" if frames else "false")


async def test_it_tells_a_purchase_in_order(page: Page) -> None:
    await open_panel(page)
    await check_out(page, DREAM)
    await press_pay(page, INSUFFICIENT)
    await expect(page.get_by_role("alert")).to_contain_text("insufficient funds")
    await press_pay(page)
    await sees_heading(page, THANKS)
    id = await page.locator("dd code", has_text="pi_").inner_text()
    steps = panel(page).locator(".step")
    await expect(steps.filter(has_text="payment_intent.succeeded")).to_contain_text(
        "204 delivered, 1 attempt"
    )
    paths = await steps.locator(".path").all_text_contents()
    told = [path for path in paths if path not in (f"/v1/payment_intents/{id}", "charge.updated")]
    confirmed = f"/v1/payment_intents/{id}/confirm"
    assert told == [
        "/v1/payment_intents",
        "payment_intent.created",
        confirmed,
        "charge.failed",
        "payment_intent.payment_failed",
        confirmed,
        "charge.succeeded",
        "payment_intent.succeeded",
    ]


async def test_an_orders_page_tells_of_that_order_and_others_of_the_newest_payment(page: Page) -> None:
    await open_panel(page)
    await check_out(page, DREAM)
    await press_pay(page)
    await sees_heading(page, THANKS)
    order, amount = page.url, panel(page).get_by_role("heading")
    await check_out(page, "High Growth Handbook")
    for url, told in ((page.url, "26.00 USD"), (order, "35.00 USD"), ("/help", "26.00 USD")):
        await page.goto(url)
        await expect(amount).to_contain_text(told)


@pytest.mark.parametrize(
    ("width", "scheme"), [(320, "light"), (390, "dark"), (1280, "light"), (1280, "dark")]
)
async def test_it_covers_nothing_sticks_out_nowhere_and_axe_finds_nothing(
    page: Page, width: int, scheme: str
) -> None:
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await page.set_viewport_size({"width": width, "height": 800})
    await open_panel(page)
    await check_out(page, DREAM)
    await expect(panel(page).locator(".step").first).to_be_visible()
    await axe_finds_nothing(page)
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    await press_pay(page)  # Playwright refuses to click what is covered
    await sees_heading(page, THANKS)


async def test_back_finds_it_as_it_was_left(page: Page) -> None:
    await page.goto("/")
    await page.get_by_role("link", name="Help").click()
    await page.get_by_role("button", name="Calls and events").click()
    await page.go_back()
    await expect(panel(page).get_by_role("main")).to_be_visible()


async def test_without_scripts_there_is_the_link_alone(browser: Browser, shop: ShopUnderTest) -> None:
    context = await browser.new_context(base_url=shop.url, java_script_enabled=False)
    page = await context.new_page()
    await page.goto("/")
    await expect(page.get_by_role("link", name="Workbench")).to_be_visible()
    await expect(page.get_by_role("button", name="Calls and events")).to_have_count(0)
    await context.close()


async def test_a_browser_that_keeps_nothing_shows_it_for_one_page(page: Page) -> None:
    await page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('', 'SecurityError') } })"
    )
    await open_panel(page)
    await page.goto("/cart")
    await expect(page.locator("iframe")).to_have_count(0)


async def test_with_real_keys_there_is_neither_banner_nor_panel(shop: ShopUnderTest) -> None:
    settings = dataclasses.replace(
        shop.settings, stripe_api_base=None, stripe_js_url=STRIPE_JS, sandbox_url=None
    )
    async with create_app(settings).test_app() as app:
        html = await (await app.test_client().get("/")).get_data(as_text=True)
    for trace in ("notice", "panel", "_sandbox"):
        assert trace not in html
