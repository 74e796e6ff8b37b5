"""What a browser test does again and again."""

from pathlib import Path

import axe_playwright_python
from playwright.async_api import Page, expect

VISA, INSUFFICIENT, CHALLENGE = "4242424242424242", "4000000000009995", "4000000000003220"
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()

STATE = """() => [innerWidth, matchMedia("(prefers-color-scheme: dark)").matches,
  document.documentElement.outerHTML.replace(/(?<![\\w-]|<\\/?)[\\w-]*\\d[\\w-]*/g, "0")].join()"""
flawless: set[str] = set()


async def add(page: Page, title: str) -> None:
    """Press "Add to cart" on the shelf's card of a book, and wait for the sentence."""
    book = page.get_by_role("article").filter(has=page.get_by_role("heading", name=title, exact=True))
    await book.get_by_role("button", name="Add to cart").click()
    await expect(page.get_by_role("status")).to_contain_text(f"Added {title}.")


async def cart_of(page: Page, *titles: str) -> None:
    """Fill the cart from the shelf, and go to its page."""
    await page.goto("/")
    for title in titles:
        await add(page, title)
    await page.goto("/cart")


async def check_out_from_the_shelf(page: Page, *titles: str) -> None:
    """Put the books in the cart as a shopper does, and go on to the pay page."""
    await cart_of(page, *titles)
    await _go_on_to_pay(page)


async def check_out(page: Page, *titles: str) -> None:
    """The same without a look at the shelf, whose covers take long to draw."""
    for title in titles:
        slug = title.lower().replace(" ", "-").replace("'", "")
        assert (await page.request.post("/cart/items", form={"book": slug})).ok
    await page.goto("/cart")
    await _go_on_to_pay(page)


async def _go_on_to_pay(page: Page) -> None:
    await page.get_by_role("button", name="Check out").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Pay")


async def fill_card(page: Page, number: str = VISA) -> None:
    card = page.frame_locator('iframe[title="Secure payment input frame"]')
    await card.locator('[data-value="card"]').click()
    await card.locator("[name=number]").fill(number)
    await card.locator("[name=expiry]").fill("12 / 34")
    await card.locator("[name=cvc]").fill("123")
    await card.locator("[name=country]").select_option("US")
    await card.locator("[name=postalCode]").fill("94107")


async def press_pay(page: Page, card: str = VISA, email: str = "ada@example.com") -> None:
    await page.get_by_label("Email").fill(email)
    await fill_card(page, card)
    await page.get_by_role("button", name="Pay $").click()


async def sees_heading(page: Page, words: str) -> None:
    await expect(page.get_by_role("heading", level=1)).to_have_text(words)


async def axe_finds_nothing(page: Page) -> None:
    """Every rule of axe-core that can be decided, on the page as it stands (its frames are Stripe's, and have tests of
    their own). What it has looked at in this process before, but for numbers (of orders, of money, of moments), it need
    not see again."""
    state = await page.evaluate(STATE)
    if state in flawless:
        return
    faults = await page.evaluate(
        AXE + ";axe.run().then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html)]))"
    )
    assert faults == []
    flawless.add(state)
