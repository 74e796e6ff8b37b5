"""The whole purchase in a browser that runs no scripts: the card is entered on Stripe's page."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import stripe
from playwright.async_api import Browser, Page, expect

from tests.browsing import CHALLENGE, INSUFFICIENT, VISA, sees_heading
from tests.conftest import ShopUnderTest
from tests.test_purchase_in_browser import THANKS, charges

DATABASE = "sqlite"
TITLES = ("The Dream Machine", "High Growth Handbook", "Poor Charlie's Almanack")
PAY_PAGE = "noscript button"  # Playwright passes over noscript when it looks for words and roles


@pytest_asyncio.fixture
async def plain(browser: Browser, shop: ShopUnderTest) -> AsyncIterator[Page]:
    context = await browser.new_context(base_url=shop.url, java_script_enabled=False)
    yield await context.new_page()
    await context.close()


PAGES = [
    "/",
    "/?q=the&format=paperback&sort=price",
    "/?q=gutenberg+bible",
    "/?price_from=cheap",
    "/books/the-dream-machine",
    "/books/the-pragmatic-programmer",
    "/books/the-last-page",
    "/help",
    "/find-order",
    "/find-order/asked",
    "/mailbox",
    "/cart",
    "/nothing/here",
]
DEAD = """() => [...document.querySelectorAll("button, input, select, a")]
  .filter((control) => control.checkVisibility({ visibilityProperty: true }))
  .filter((control) => !control.href && !control.form?.hasAttribute("action") && !control.popoverTargetElement)
  .map((control) => control.outerHTML)"""


@pytest.mark.parametrize("path", PAGES)
async def test_each_page_stands_and_nothing_on_it_is_dead(plain: Page, path: str) -> None:
    await plain.goto(path)
    await expect(plain.get_by_role("heading", level=1)).to_be_visible()
    assert await plain.evaluate(DEAD) == []
    await plain.get_by_role("searchbox").fill("flatland")
    await plain.get_by_role("searchbox").press("Enter")  # wherever the page has put the focus meanwhile
    await expect(plain.locator(".book-title")).to_have_text("Flatland")


async def test_on_a_phone_the_cart_has_room_for_the_button_that_scripts_would_spare(plain: Page) -> None:
    await plain.set_viewport_size({"width": 360, "height": 740})
    await plain.request.post("/cart/items", form={"book": "the-dream-machine"})
    await plain.goto("/cart")
    update = await plain.locator(".cart-line .update").bounding_box()
    amount = await plain.locator(".cart-amount").bounding_box()
    assert update
    assert amount
    beside = update["x"] + update["width"] <= amount["x"]
    assert beside or update["y"] >= amount["y"] + amount["height"]


async def test_the_header_without_scripts_leads_to_the_cart_and_filters_have_their_button(
    plain: Page,
) -> None:
    await plain.goto("/")
    await plain.get_by_label("In stock").check()
    await plain.locator("noscript button").click()
    await expect(plain.get_by_label("In stock")).to_be_checked()
    await plain.get_by_role("button", name="What is in your cart").click()
    await plain.get_by_role("link", name="Open the cart").click()
    await sees_heading(plain, "Your cart")


async def pay_there(page: Page, card: str, email: str = "ada@example.com") -> None:
    typed = {"email": email, "cardNumber": card, "cardExpiry": "12 / 33", "cardCvc": "123"}
    for name, words in {**typed, "billingName": "Ada Lovelace", "billingPostalCode": "12345"}.items():
        await page.locator(f"#{name}").fill(words)
    await page.get_by_role("button", name="Pay", exact=True).click()


async def test_three_books_from_the_shelf_to_the_intents_id_3d_secure_included(
    plain: Page, stripe_client: stripe.StripeClient
) -> None:
    for title in TITLES:
        await plain.goto("/")
        book = plain.get_by_role("article").filter(has_text=title)
        await book.get_by_role("button", name="Add to cart").click()
        await expect(plain.get_by_role("status")).to_contain_text(f"Added {title}.")
    await plain.get_by_role("button", name="One more of The Dream Machine").click()
    await expect(plain.locator(".totals .total").last).to_have_text("$126.00")
    await plain.get_by_label("Quantity of The Dream Machine").fill("1")
    await plain.get_by_role("button", name="Update").first.click()
    await plain.get_by_role("button", name="Check out").click()
    await sees_heading(plain, "Pay")
    assert "so you pay on Stripe’s page" in await plain.locator("noscript p").inner_text()
    await expect(plain.get_by_label("Email")).to_be_hidden()
    await plain.locator(PAY_PAGE).click()
    await pay_there(plain, INSUFFICIENT)
    await expect(plain.get_by_role("alert")).to_have_text("Your card has insufficient funds.")
    for answer in ("Fail authentication", "Complete authentication"):
        await pay_there(plain, CHALLENGE)
        await plain.get_by_role("button", name=answer).click()
    await sees_heading(plain, THANKS)
    await expect(plain.locator(".charged")).to_have_text("$91.00")
    await expect(plain.get_by_text("ada@example.com", exact=True)).to_be_visible()
    found = re.search(r"pi_3\w+", await plain.inner_text("main"))
    assert found
    assert [(c.amount, c.payment_intent) for c in await charges(stripe_client)] == [(9100, found[0])]
    await expect(plain.get_by_role("link", name="Cart")).to_contain_text("0")


async def test_a_book_that_is_bought_now_and_the_way_back_from_stripes_page(plain: Page) -> None:
    await plain.goto("/books/the-dream-machine")
    await plain.get_by_role("button", name="Buy now").click()
    await plain.locator(PAY_PAGE).click()
    await plain.locator("a.Back").click()
    await sees_heading(plain, "You are paying on Stripe’s page")
    await plain.get_by_role("button", name="Go on to Stripe’s page").click()
    await pay_there(plain, VISA)
    await sees_heading(plain, THANKS)
    await expect(plain.locator(".charged")).to_have_text("$35.00")
