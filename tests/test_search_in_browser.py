"""Typing, filtering and Back, as a shopper sees and hears them."""

from playwright.async_api import Page, expect

from tests.browsing import axe_finds_nothing, sees_heading

DATABASE = "sqlite"
HEARD = """() => {
  window.heard = [];
  const say = (node) => node.textContent.trim() && heard.push(node.textContent);
  const message = document.querySelector("#message");
  new MutationObserver((all) => all.forEach((one) => one.addedNodes.forEach(say))).observe(message, {childList: true});
}"""


async def test_titles_are_suggested_while_typing(page: Page) -> None:
    await page.goto("/cart")
    await page.evaluate(HEARD)
    box, links = page.get_by_role("searchbox"), page.locator("#suggestions a")
    await box.press_sequentially("godel e", delay=20)
    await expect(links.first).to_have_text("Gödel, Escher, Bach Douglas R. Hofstadter")
    assert await page.evaluate("heard") == ["1 suggestion below the search box."]
    await axe_finds_nothing(page)
    await box.press("Escape")
    await expect(links).to_have_count(0)
    await expect(box).to_have_value("godel e")
    await expect(box).to_be_focused()
    await box.press("Backspace")
    await expect(links).to_have_count(2)
    await box.press("ArrowUp")  # from the box to the last, and round
    await expect(links.last).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Tab")
    await expect(links.first).to_be_focused()
    await page.keyboard.press("Enter")
    await sees_heading(page, "Gödel, Escher, Bach")


async def test_filtering_changes_the_address_and_is_told_once(page: Page) -> None:
    await page.goto("/?q=the")
    await page.evaluate(HEARD)
    found, shelf_format = page.locator(".found"), page.get_by_label("Format")
    all_of_them = await found.inner_text()
    await shelf_format.focus()
    await shelf_format.select_option("Paperback")
    await page.wait_for_url("**/?q=the&format=paperback")
    await expect(shelf_format).to_be_focused()
    paperbacks = (await found.inner_text()).split(" · ")[0]
    assert await page.evaluate("heard") == [f"{paperbacks} found."]
    await page.get_by_label("Price from").fill("20")
    await page.get_by_label("Price from").press("Enter")
    await page.wait_for_url("**/?q=the&format=paperback&price_from=20")
    await page.get_by_role("link", name="Price, low to high").click()
    await page.wait_for_url("**&sort=price")
    await expect(page.get_by_role("link", name="Price, low to high")).to_be_focused()
    assert len(await page.evaluate("heard")) == 3
    await axe_finds_nothing(page)
    titles = await page.locator(".book-title").all_inner_texts()
    await page.reload()
    assert await page.locator(".book-title").all_inner_texts() == titles
    for _ in range(2):
        await page.go_back()
    await expect(found).to_contain_text(f"{paperbacks} ")
    await expect(shelf_format).to_have_value("paperback")
    await expect(page.get_by_label("Price from")).to_have_value("")
    await page.go_back()
    await expect(found).to_have_text(all_of_them)
    await expect(shelf_format).to_have_value("")
    await page.get_by_role("searchbox").press("End")
    await page.keyboard.type(" dr")  # what listens to it is still there
    await expect(page.locator("#suggestions a")).to_have_count(2)
    await page.keyboard.press("Escape")
    await expect(page.locator("#suggestions a")).to_have_count(0)
    await expect(page.get_by_role("searchbox")).to_have_value("the dr")


async def test_on_a_phone_the_filters_are_folded_and_say_what_is_in_force(page: Page) -> None:
    await page.set_viewport_size({"width": 360, "height": 740})
    await page.goto("/?category=Fiction&format=paperback&in_stock=1")
    await expect(page.get_by_label("Format")).to_be_hidden()
    await page.get_by_text("Filters: paperbacks, in stock", exact=True).click()
    await page.get_by_label("Format").focus()
    await page.get_by_label("Format").select_option("All formats")
    await expect(page.get_by_text("Filters: in stock", exact=True)).to_be_visible()
    await expect(page.get_by_label("Format")).to_be_focused()
    await page.set_viewport_size({"width": 1280, "height": 740})
    await page.reload()
    await expect(page.get_by_label("Format")).to_be_visible()
    await expect(page.locator("summary", has_text="Filters")).to_be_hidden()
