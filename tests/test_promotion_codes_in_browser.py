"""The discount box: closed until it is wanted, wrong codes told beside it, right ones announced."""

import stripe
from playwright.async_api import Page, expect

from tests.browsing import add, sees_heading
from tests.test_promotion_codes import make_code

DATABASE = "sqlite"


async def test_a_wrong_code_is_told_at_its_field_and_a_right_one_is_announced(
    page: Page, stripe_client: stripe.StripeClient
) -> None:
    await make_code(stripe_client)
    await page.goto("/")
    await add(page, "The Code Book")
    await page.goto("/cart")
    box, field = page.locator("details.discount"), page.get_by_label("Discount code", exact=True)
    await expect(field).not_to_be_visible()
    await box.locator("summary").press("Enter")
    await field.fill("WINTER")
    await field.press("Enter")
    await expect(box.locator(".problem")).to_have_text(
        "We do not know the code WINTER. Check how it is written."
    )
    await expect(field).to_have_attribute("aria-describedby", "code-problem")
    await expect(field).to_be_focused()
    await expect(field).to_have_value("WINTER")
    await expect(page.get_by_role("status")).to_contain_text("We do not know the code WINTER.")
    await field.fill("spring")
    await field.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("The code SPRING takes $")
    remove = page.get_by_role("button", name="Remove the code SPRING")
    await expect(remove).to_be_focused()
    await expect(page).to_have_title("Cart (1 book) · Colophon")
    await remove.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("The cart has no discount code any more.")
    await expect(page.locator("summary", has_text="I have a discount code")).to_be_focused()
    await page.get_by_role("button", name="Check out").click()
    await sees_heading(page, "Pay")
    await page.goto("/cart")
