"""The back office in a browser: by keyboard, and on a telephone."""

from playwright.async_api import Page, expect

from tests.browsing import axe_finds_nothing, sees_heading
from tests.conftest import STAFF_PASSWORD
from tests.shopper import Shopper, text

DATABASE = "sqlite"
DREAM, CODE = "the-dream-machine", "the-code-book"


async def test_an_order_is_found_and_a_line_of_it_refunded_by_keyboard(page: Page, shopper: Shopper) -> None:
    await shopper.check_out(DREAM, CODE)
    assert "Thank you" in text(await shopper.pay())
    await page.goto("/staff")
    await sees_heading(page, "Back office")
    await axe_finds_nothing(page)
    await page.get_by_label("Password").focus()
    await page.keyboard.type(STAFF_PASSWORD)
    await page.keyboard.press("Enter")
    await sees_heading(page, "Orders")
    await page.get_by_label("Code, email").focus()
    await page.keyboard.type("ada@exam")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url("/staff/orders?q=ada%40exam&status=&since=&until=")
    await expect(page.get_by_role("status")).to_have_text("1 order found.")
    await axe_finds_nothing(page)
    await page.get_by_role("link", name="C-").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Order C-")
    await axe_finds_nothing(page)
    await page.get_by_role("link", name="Refund", exact=True).focus()
    await page.keyboard.press("Enter")
    await page.get_by_label("of The Code Book").focus()
    await page.keyboard.type("1")
    await axe_finds_nothing(page)
    await page.keyboard.press("Enter")
    await sees_heading(page, "Refund $17.99?")
    await axe_finds_nothing(page)
    await page.get_by_role("button", name="Refund $17.99").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("row", name="1 × The Code Book")).to_contain_text("succeeded")
    await expect(page.locator(".facts").first).to_contain_text("Left to refund$35.00")


async def test_its_pages_fit_a_telephone_in_the_dark(page: Page, shopper: Shopper) -> None:
    await shopper.check_out(DREAM)
    await shopper.pay()
    await page.emulate_media(color_scheme="dark")
    await page.set_viewport_size({"width": 360, "height": 740})
    await page.goto("/staff")
    await page.get_by_label("Password").fill(STAFF_PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await sees_heading(page, "Orders")
    order = f"/staff{shopper.order}"
    for path in (
        "orders",
        "books",
        f"books/{DREAM}",
        "imports",
        "webhooks",
        "audit",
        order,
        f"{order}/refunds/new",
    ):
        await page.goto(path if path.startswith("/") else f"/staff/{path}")
        assert await page.evaluate("document.documentElement.scrollWidth") <= 360, path
        await axe_finds_nothing(page)
