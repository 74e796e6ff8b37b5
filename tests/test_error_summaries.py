"""What was typed wrongly: told at the top, where the focus goes, and again at the field, in the same words."""

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browsing import check_out, fill_card

DATABASE = "sqlite"
BAD_EMAIL = "Enter your email address, like name@example.com."


async def is_told(page: Page, words: str, field: Locator) -> None:
    summary = page.get_by_role("alert")
    await expect(summary).to_be_focused()
    await expect(summary.get_by_role("heading")).to_have_text("There is a problem")
    assert (await page.title()).startswith("Error: ")
    await expect(field).to_have_attribute("aria-invalid", "true")
    assert words in await field.evaluate(DESCRIPTION)
    await summary.get_by_role("link", name=words, exact=True).click()
    await expect(field).to_be_focused()


DESCRIPTION = """field => field.getAttribute("aria-describedby").split(" ")
  .map((id) => document.getElementById(id)).filter((element) => element.checkVisibility())
  .map((element) => element.textContent).join(" ")"""


async def test_on_the_look_up_page(page: Page) -> None:
    await page.goto("/find-order")
    code, email = page.get_by_label("Order code"), page.get_by_label("Email you gave when you paid")
    await page.get_by_role("button", name="Send me the link").click()
    await is_told(page, "Enter your order code, like C-7K3M-9QXD. It is in your receipt.", code)
    await code.fill("C-7K3M-9QXD")
    await page.keyboard.press("Enter")
    await is_told(page, BAD_EMAIL, email)
    await expect(code).to_have_value("C-7K3M-9QXD")


async def test_on_the_pay_page_until_it_is_right(page: Page) -> None:
    await check_out(page, "The Dream Machine")
    await fill_card(page)
    await page.get_by_role("button", name="Pay $").click()
    await is_told(page, BAD_EMAIL, page.get_by_label("Email"))
    await page.keyboard.type("ada@example.com")
    async with page.expect_response("**/email"):
        await page.keyboard.press("Tab")
    await expect(page.locator("#email-hint")).to_contain_text("For your receipt")
    await page.get_by_role("button", name="Pay $").click()
    await expect(page.locator("#order-title")).to_be_focused()
    assert (await page.title()).startswith("Thank you")


async def test_on_the_shelf(page: Page) -> None:
    await page.goto("/?price_to=cheap")
    field = page.get_by_label("to", exact=True)
    await is_told(page, "“cheap” is no price: write it like 12 or 12.50.", field)
    await field.fill("30")
    await field.press("Enter")
    await expect(page.get_by_role("alert")).to_have_count(0)
    await expect(page).to_have_title("Books · Colophon")
    await expect(field).to_be_focused()


@pytest.mark.parametrize("scripts", [True, False])
async def test_in_the_cart(page: Page, scripts: bool) -> None:
    """A change of one field among many: with scripts the focus stays in it, and the sentence is announced."""
    await page.request.post("/cart/items", form={"book": "the-dream-machine"})
    if not scripts:
        await page.route("**/*.js*", lambda route: route.abort())
    await page.goto("/cart")
    field, words = page.get_by_label("Quantity of The Dream Machine"), "There are only 9 copies of "
    await field.fill("99")
    await field.press("Enter")
    message = page.get_by_role("status").locator(".message")
    await expect(message).to_contain_text(words)
    assert words in await field.evaluate(DESCRIPTION)
    await expect(field).to_have_attribute("aria-invalid", "true")
    await expect(page).to_have_title("Error: Cart (1 book) · Colophon")
    if not scripts:
        await expect(message).to_be_focused()
        await message.get_by_role("link").click()
    await expect(field).to_be_focused()
    await field.fill("3")
    await field.press("Enter")
    await expect(page).to_have_title("Cart (3 books) · Colophon")
