"""Every page and state: axe finds nothing, it fits a phone, and it asks no other host."""

from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, expect

from tests.browsing import (
    INSUFFICIENT,
    add,
    axe_finds_nothing,
    check_out_from_the_shelf,
    press_pay,
    sees_heading,
)
from tests.conftest import ShopUnderTest

DATABASE = "sqlite"

PLAIN = [
    "/",
    "/?q=zzz",
    "/?page=2",
    "/books/the-dream-machine",
    "/books/the-pragmatic-programmer",
    "/help",
    "/find-order",
    "/find-order/asked",
    "/cart",
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", [*PLAIN, "/nothing/here"])
async def test_plain_pages(page: Page, path: str, scheme: str) -> None:
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await page.goto(path)  # axe looks at it as the test leaves it, see the `page` fixture
    await has_one_heading_and_a_title(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_way_of_a_purchase(page: Page, scheme: str) -> None:
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await page.goto("/")
    await add(page, "The Dream Machine")
    await axe_finds_nothing(page)
    await page.goto("/cart")
    await page.get_by_label("Quantity of The Dream Machine").fill("99")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text(
        "There are only 9 copies of The Dream Machine left."
    )
    await axe_finds_nothing(page)
    await page.get_by_role("button", name="Check out").click()
    await press_pay(page, INSUFFICIENT)
    await expect(page.get_by_role("alert")).to_contain_text("insufficient funds")
    await axe_finds_nothing(page)
    await press_pay(page)
    await sees_heading(page, "Thank you: your order is paid")
    await axe_finds_nothing(page)
    await has_one_heading_and_a_title(page)
    assert await page.evaluate("document.activeElement.id") == "order-title"


async def has_one_heading_and_a_title(page: Page) -> None:
    await expect(page.get_by_role("heading", level=1)).to_have_count(1)
    assert (await page.title()).endswith("· Colophon")


async def test_the_first_tab_skips_to_the_content(page: Page) -> None:
    await page.goto("/")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to content")).to_be_in_viewport()
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.id") == "content"


async def test_no_page_asks_another_host(page: Page, shop: ShopUnderTest) -> None:
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    await check_out_from_the_shelf(page, "The Dream Machine")
    await press_pay(page)
    await sees_heading(page, "Thank you: your order is paid")
    assert hosts == {urlsplit(url).netloc for url in (shop.url, shop.sandbox)}


async def test_nothing_breaks_the_content_security_policy(page: Page) -> None:
    await page.add_init_script(
        "document.addEventListener('securitypolicyviolation', e => console.error('policy', e.blockedURI))"
    )
    await check_out_from_the_shelf(page, "The Dream Machine")
    await press_pay(page)
    await sees_heading(page, "Thank you: your order is paid")  # the page fixture fails on console errors


async def test_the_layout_does_not_shift_while_covers_load(page: Page) -> None:
    await page.add_init_script(
        "window.shift = 0; new PerformanceObserver(list => list.getEntries().forEach(e => { window.shift += e.value }))"
        ".observe({type: 'layout-shift', buffered: true})"
    )
    await page.goto("/")
    await page.wait_for_load_state("networkidle")
    assert await page.evaluate("window.shift") < 0.01
