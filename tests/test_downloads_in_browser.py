"""An e-book is fetched in a browser, with scripts and without."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browsing import axe_finds_nothing
from tests.conftest import ShopUnderTest
from tests.shopper import Shopper
from tests.test_downloads import EPUB, LAST, link_on

DATABASE = "sqlite"


@pytest.mark.parametrize("scripts", [True, False])
async def test_the_button_of_the_order_page_saves_the_file(
    shopper: Shopper, browser: Browser, shop: ShopUnderTest, scripts: bool
) -> None:
    await shopper.check_out(LAST)
    await shopper.pay()
    context = await browser.new_context(base_url=shop.url, java_script_enabled=scripts)
    page = await context.new_page()
    await page.goto(shopper.order)
    async with page.expect_download() as started:
        await page.get_by_role("button", name="Download The Last Page").click()
    file = await started.value
    assert (file.suggested_filename, (await file.path()).read_bytes()) == ("the-last-page.epub", EPUB)
    await page.reload()
    await expect(page.get_by_text("4 of 5 downloads left")).to_be_visible()
    await context.close()


async def test_the_pages_of_a_download_fit_a_phone_and_axe_finds_nothing(
    shopper: Shopper, page: Page, shop: ShopUnderTest
) -> None:
    await shopper.check_out(LAST)
    link = link_on(await shopper.pay())
    await page.set_viewport_size({"width": 320, "height": 640})
    for path in (shopper.order, link, f"{link}x"):
        await page.goto(path)
        await axe_finds_nothing(page)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320
    await expect(page.get_by_role("heading", level=1)).to_have_text("This page is not in the catalogue")
    assert (await page.title()).endswith("· Colophon")


async def test_what_was_asked_wrongly_takes_the_focus_and_keeps_what_was_typed(page: Page) -> None:
    await page.goto("/find-order")
    await page.get_by_label("Order code").fill("C-7K3M")
    await page.get_by_label("Email you gave when you paid").fill("ada@example.com")
    await page.get_by_role("button", name="Send me the link").click()
    await expect(page.get_by_role("alert")).to_be_focused()
    await axe_finds_nothing(page)
    await page.get_by_role("link", name="Enter your order code").click()
    await expect(page.get_by_label("Order code")).to_be_focused()
    await page.get_by_label("Order code").fill("c 7k3m 9qxd")
    await expect(page.get_by_label("Email you gave when you paid")).to_have_value("ada@example.com")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Check your email")
    await axe_finds_nothing(page)
