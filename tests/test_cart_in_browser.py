"""The cart in a browser: undo, the cart in brief, several tabs, slow and broken answers."""

import asyncio

from playwright.async_api import Browser, Page, Route, expect

from tests.browsing import add, axe_finds_nothing, cart_of
from tests.conftest import ShopUnderTest

DATABASE = "sqlite"

BOOKS = ("Working in Public", "The Dream Machine", "High Growth Handbook")


async def titles(page: Page) -> list[str]:
    return await page.locator(".cart-line h2").all_inner_texts()


async def test_a_removed_line_offers_undo_and_the_focus_follows(page: Page) -> None:
    await cart_of(page, *BOOKS)
    await page.get_by_label("Quantity of The Dream Machine").fill("3")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("3 × The Dream Machine.")
    await page.get_by_label("Quantity of The Dream Machine").fill("0")
    await page.keyboard.press("Enter")
    undo = page.get_by_role("button", name="Undo: bring back The Dream Machine")
    await expect(undo).to_be_focused()
    await expect(page.get_by_role("status")).to_contain_text(
        "Removed The Dream Machine. 2 books in your cart."
    )
    await axe_finds_nothing(page)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("link", name="The Dream Machine")).to_be_focused()
    await expect(page.get_by_label("Quantity of The Dream Machine")).to_have_value("3")
    await expect(page.get_by_role("status")).to_contain_text("Undone. 3 × The Dream Machine.")
    assert await titles(page) == list(BOOKS)
    await page.get_by_role("button", name="Remove The Dream Machine").click()
    await expect(undo).to_be_focused()
    await page.evaluate(
        "field => { field.value = 2; field.dispatchEvent(new Event('change', {bubbles: true})) }",
        await page.get_by_label("Quantity of Working in Public").element_handle(),
    )
    await expect(undo).to_have_count(0)
    await expect(page.get_by_role("link", name="High Growth Handbook")).to_be_focused()
    await page.get_by_text("Latest changes").click()
    await page.get_by_role("button", name="Undo: Removed The Dream Machine").first.click()
    await expect(page.get_by_role("link", name="The Dream Machine")).to_be_focused()
    assert await titles(page) == list(BOOKS)
    await page.get_by_text("Latest changes").click()
    await axe_finds_nothing(page)


async def test_check_out_goes_on_after_a_line_was_removed(page: Page) -> None:
    await cart_of(page, *BOOKS)
    await page.get_by_role("button", name="Remove The Dream Machine").click()
    await page.get_by_role("button", name="Remove Working in Public").click()
    await expect(page.locator(".cart-line")).to_have_count(1)
    await expect(page.locator("[aria-busy]")).to_have_count(0)
    await page.get_by_role("button", name="Check out").click()
    await expect(page.get_by_role("button", name="Pay $26.00")).to_be_visible()


async def test_undo_beside_the_add_button_takes_the_book_out_again(page: Page) -> None:
    await page.goto("/")
    await add(page, "The Dream Machine")
    await page.get_by_role("button", name="Undo: Added The Dream Machine.").click()
    await expect(page.get_by_role("status")).to_contain_text("Removed The Dream Machine. Your cart is empty.")
    await expect(page.locator("#cart-link")).to_contain_text("0")


async def test_undo_without_scripts(browser: Browser, shop: ShopUnderTest) -> None:
    context = await browser.new_context(base_url=shop.url, java_script_enabled=False)
    page = await context.new_page()
    for title in BOOKS:
        await page.goto("/")
        await page.get_by_role("article").filter(has_text=title).get_by_role("button", name="Add").click()
    await page.get_by_role("button", name="One more of The Dream Machine").click()
    await page.get_by_role("button", name="Remove The Dream Machine").click()
    await expect(page.get_by_role("button", name="Undo: bring back The Dream Machine")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("link", name="The Dream Machine")).to_be_focused()
    await expect(page.get_by_label("Quantity of The Dream Machine")).to_have_value("2")
    assert await titles(page) == list(BOOKS)
    await context.close()


async def test_an_older_tab_is_told_and_then_goes_on(page: Page) -> None:
    await cart_of(page, "Working in Public")
    other = await page.context.new_page()
    await other.goto("/cart")
    await other.get_by_label("Quantity of Working in Public").fill("5")
    await other.keyboard.press("Enter")
    await expect(other.get_by_role("status")).to_contain_text("5 × Working in Public.")
    plus = page.get_by_role("button", name="One more of Working in Public")
    await plus.click()
    await expect(page.get_by_role("status")).to_contain_text("Your cart was changed in another tab")
    await expect(page.get_by_label("Quantity of Working in Public")).to_have_value("5")
    await plus.click()
    await expect(page.get_by_role("status")).to_contain_text("6 × Working in Public.")


async def test_the_header_opens_the_cart_in_brief_and_asks_for_it_only_then(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/cart/brief" in request.url else None)
    await page.goto("/")
    await add(page, "The Dream Machine")
    await add(page, "Working in Public")
    assert asked == []
    await page.get_by_role("button", name="What is in your cart").press("Enter")
    brief = page.get_by_role("dialog", name="Your cart")
    await expect(brief).to_contain_text("Working in Public × 1 $28.00")
    await expect(brief).to_contain_text("Total $63.00")
    await axe_finds_nothing(page)
    await page.keyboard.press("Escape")
    await expect(brief).to_be_hidden()
    await expect(page.get_by_role("button", name="What is in your cart")).to_be_focused()
    await page.get_by_role("button", name="What is in your cart").click()
    await expect(brief.get_by_role("link", name="Open the cart")).to_be_visible()
    await brief.get_by_role("button", name="Check out").click()
    await expect(page.get_by_role("button", name="Pay $63.00")).to_be_visible()
    assert len(asked) == 2


async def test_the_count_in_the_header_is_right_after_back(page: Page) -> None:
    await page.goto("/")
    await add(page, "The Dream Machine")
    await page.goto("/cart")
    await page.get_by_role("button", name="Remove The Dream Machine").click()
    await expect(page.locator("#cart-link")).to_contain_text("0")
    await page.go_back()
    await expect(page.locator("#cart-link")).to_contain_text("0")
    other = await page.context.new_page()
    await cart_of(other, "Working in Public")
    # A page that was kept as it was left, as browsers do when they can.
    await page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    await expect(page.locator("#cart-link")).to_contain_text("1")


async def test_the_cart_link_never_loses_the_focus_while_its_count_changes(page: Page) -> None:
    await page.goto("/")
    link = page.locator("#cart-link")
    await link.focus()
    await link.evaluate("link => link.addEventListener('blur', () => (window.lost = true))")
    await page.locator("#add-the-dream-machine").evaluate("button => button.click()")
    await expect(link).to_contain_text("1")
    await expect(link).to_be_focused()
    assert await page.evaluate("window.lost") is None


async def test_a_slow_change_shows_that_it_is_under_way_and_a_quick_one_does_not(page: Page) -> None:
    await cart_of(page, "The Dream Machine")
    answer = asyncio.Event()

    async def hold(route: Route) -> None:
        await answer.wait()
        await route.continue_()

    await page.route("**/cart/items/*", hold)
    await page.get_by_role("button", name="One more of The Dream Machine").click()
    cart = page.locator("#cart")
    await expect(cart).to_have_attribute("aria-busy", "true")
    timing = "getComputedStyle(document.querySelector('#cart')).animation"
    assert "0.2s" in await page.evaluate(timing)
    await expect(cart).not_to_have_css("box-shadow", "none")
    answer.set()
    await expect(page.get_by_role("status")).to_contain_text("2 × The Dream Machine.")
    await expect(cart).to_have_css("box-shadow", "none")
    assert await cart.get_attribute("aria-busy") is None


async def test_a_broken_answer_says_so_beside_the_cart_as_it_was(page: Page) -> None:
    await cart_of(page, "The Dream Machine")
    await page.route("**/cart/items/*", lambda route: route.fulfill(status=500, body="<h1>Oops</h1>"))
    await page.get_by_role("button", name="One more of The Dream Machine").click()
    await expect(page.get_by_role("status")).to_contain_text("Something broke on our side. Your cart is safe")
    await expect(page.locator(".cart-line")).to_have_count(1)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Your cart")
    await page.unroute("**/cart/items/*")
    await page.context.clear_cookies()
    await page.get_by_role("button", name="Remove The Dream Machine").click()
    await expect(page.get_by_role("status")).to_contain_text("is not in your cart any more.")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Your cart")
