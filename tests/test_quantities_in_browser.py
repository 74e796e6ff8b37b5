"""How many of each book: pressed fast, typed, several at once, refused."""

from playwright.async_api import Page, expect

from tests.browsing import add, cart_of

DATABASE = "sqlite"


async def test_add_buttons_in_a_row_make_one_cart(page: Page) -> None:
    await page.goto("/")
    buttons = page.get_by_role("button", name="Add to cart")
    for number in range(3):
        await buttons.nth(number).click()
    await expect(page.get_by_role("status")).to_contain_text("3 books in your cart.")
    await expect(page.locator("#cart-link")).to_contain_text("3")
    await page.goto("/cart")
    await expect(page.locator(".cart-line")).to_have_count(3)


async def test_ten_fast_presses_on_plus_are_ten_more(page: Page) -> None:
    await page.goto("/")
    await add(page, "Working in Public")
    await page.goto("/cart")
    plus = page.get_by_role("button", name="One more of Working in Public")
    await plus.evaluate(
        "button => { for (let i = 0; i < 10; i++) document.getElementById(button.id).click() }"
    )
    await expect(page.get_by_label("Quantity of Working in Public")).to_have_value("11")
    await expect(page.locator(".totals .total").last).to_have_text("$308.00")
    await page.reload()
    await expect(page.get_by_label("Quantity of Working in Public")).to_have_value("11")


async def test_ten_presses_with_a_mouse_keep_the_focus_and_count(page: Page) -> None:
    await page.goto("/")
    await add(page, "Working in Public")
    await page.goto("/cart")
    for _ in range(10):
        await page.get_by_role("button", name="One more of Working in Public").click()
    await expect(page.get_by_role("status")).to_contain_text("11 × Working in Public. 11 books in your cart.")
    assert await page.evaluate("document.activeElement.id") == "plus-working-in-public"
    await expect(page.get_by_role("link", name="Cart")).to_contain_text("11")


async def test_focus_stays_on_the_add_button(page: Page) -> None:
    await page.goto("/")
    await add(page, "The Dream Machine")
    assert await page.evaluate("document.activeElement.id") == "add-the-dream-machine"


async def test_enter_in_the_quantity_field_sets_what_was_typed(page: Page) -> None:
    await cart_of(page, "Working in Public")
    for number in ("5", "1"):
        await page.get_by_label("Quantity of Working in Public").fill(number)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("status")).to_contain_text(f"{number} × Working in Public.")
        await expect(page.get_by_label("Quantity of Working in Public")).to_have_value(number)


async def test_changes_of_several_lines_at_once_all_show(page: Page) -> None:
    await cart_of(page, "Working in Public", "The Dream Machine", "High Growth Handbook")
    await page.get_by_label("Quantity of Working in Public").fill("3")
    await page.get_by_role("button", name="Remove The Dream Machine").click()
    await page.get_by_role("button", name="One more of High Growth Handbook").click()
    await expect(page.locator(".cart-line")).to_have_count(2)
    await expect(page.locator(".totals .total").last).to_have_text("$136.00")
    await expect(page.locator("#cart-link")).to_contain_text("5")
    await page.reload()
    await expect(page.locator(".totals .total").last).to_have_text("$136.00")


async def test_check_out_waits_for_the_quantity_that_was_just_typed(page: Page) -> None:
    await cart_of(page, "Working in Public")
    await page.get_by_label("Quantity of Working in Public").fill("4")
    await page.get_by_role("button", name="Check out").click()
    await expect(page.get_by_role("button", name="Pay $112.00")).to_be_visible()


async def test_check_out_does_not_go_on_with_a_quantity_that_was_refused(page: Page) -> None:
    await cart_of(page, "The Dream Machine")
    await page.get_by_label("Quantity of The Dream Machine").fill("99")
    await page.get_by_role("button", name="Check out").click()
    await expect(page.locator("#cart .problem")).to_have_text(
        "There are only 9 copies of The Dream Machine left."
    )
    await expect(page.get_by_label("Quantity of The Dream Machine")).to_have_value("1")


async def test_plus_stops_at_the_limit_and_says_so(page: Page) -> None:
    await cart_of(page, "The Dream Machine")
    for _ in range(10):
        await page.get_by_role("button", name="One more of The Dream Machine").click()
    await expect(page.get_by_role("status")).to_contain_text(
        "There are only 9 copies of The Dream Machine left."
    )
    await expect(page.get_by_label("Quantity of The Dream Machine")).to_have_value("9")
