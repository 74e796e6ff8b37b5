"""The main job, as a shopper does it: in a browser, from the shelf to the PaymentIntent's id."""

import re

from playwright.async_api import Page, expect

from tests.conftest import ShopUnderTest


async def test_a_book_from_the_shelf_to_a_confirmed_payment_intent(page: Page, shop: ShopUnderTest) -> None:
    await page.goto("/")
    book = page.get_by_role("article").filter(has_text="The Dream Machine")
    await book.get_by_role("button", name="Add to cart").click()
    await expect(page.get_by_role("status")).to_contain_text("Added The Dream Machine. 1 book in your cart.")
    await page.get_by_role("link", name="Cart").click()
    await page.get_by_role("button", name="Check out").click()
    await page.get_by_label("Email").fill("ada@example.com")
    await fill_card(page, "4242424242424242")
    await page.get_by_role("button", name="Pay $35.00").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Thank you: your order is paid")
    await expect(page.locator("main")).to_contain_text("$35.00")
    await expect(page.locator("main")).to_contain_text(re.compile(r"pi_3\w+"))


async def fill_card(page: Page, number: str) -> None:
    card = page.frame_locator('iframe[title="Secure payment input frame"]')
    await card.locator('[data-value="card"]').click()
    await card.locator("[name=number]").fill(number)
    await card.locator("[name=expiry]").fill("12 / 34")
    await card.locator("[name=cvc]").fill("123")
    await card.locator("[name=country]").select_option("US")
    await card.locator("[name=postalCode]").fill("94107")
