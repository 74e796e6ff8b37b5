"""Two steps: the card is collected, the order is reviewed with it, and the shop confirms."""

import asyncio
import html
import re

import httpx
import pytest
from playwright.async_api import Locator, Page, expect

from shop.settings import Settings
from tests.browsing import CHALLENGE, check_out, fill_card, sees_heading
from tests.conftest import ShopUnderTest
from tests.shopper import DECLINED, VISA, Shopper, text
from tests.test_payments import send_no_webhooks

DATABASE = "sqlite"
DREAM, CODE = "the-dream-machine", "the-code-book"  # $35.00 and $17.99


@pytest.fixture(autouse=True)
def two_steps(shop: ShopUnderTest) -> None:
    """As the shop would read its settings from its environment."""
    environment = {
        "INSTANCE_PATH": str(shop.settings.instance),
        "DATABASE_URL": shop.settings.database_url,
        "SECRET_KEY": shop.settings.secret_key,
        "STRIPE_API_BASE": shop.sandbox,
        "CHECKOUT_REVIEW": "1",
    }
    shop.app.extensions["settings"] = Settings.from_env(environment)


async def token_of(shopper: Shopper, card: str = VISA) -> str:
    """As stripe.createConfirmationToken() makes one of what was typed."""
    tokens = shopper.stripe.v1.test_helpers.confirmation_tokens
    return (await tokens.create_async({"payment_method": card})).id


async def review(shopper: Shopper, token: str, email: str = "ada@example.com") -> httpx.Response:
    """The page to which the pay page's form leads; it opens the form first, as a browser does."""
    shown = await shopper.intent()
    form = {"email": email, "total": shown.amount, "revision": 1, "confirmation_token": token}
    return await shopper.http.post(f"{shopper.order}/review", data=form, follow_redirects=True)


def fields(shopper: Shopper, page: httpx.Response) -> dict[str, str]:
    """What the form for paying sends."""
    form = re.search(rf'<form[^>]*action="{shopper.order}/confirmation".*?</form>', page.text, re.S)
    assert form, f"there is no page to review the order on, but {page.status_code}"
    found = re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', form[0])
    return {name: html.unescape(value) for name, value in found}


async def pay(shopper: Shopper, sent: dict[str, str]) -> httpx.Response:
    """The page to which the press on Pay leads."""
    return await shopper.http.post(f"{shopper.order}/confirmation", data=sent, follow_redirects=True)


async def charged(shopper: Shopper) -> list[int]:
    charges = (await shopper.stripe.v1.charges.list_async({"limit": 100})).data
    return [charge.amount for charge in charges if charge.paid]


async def test_the_review_shows_card_email_and_total_and_charges_nothing(shopper: Shopper) -> None:
    await shopper.check_out(DREAM)
    page = await review(shopper, await token_of(shopper))
    assert fields(shopper, page)["total"] == "3500"
    for told in ("Visa ending in 4242", "ada@example.com", "The Dream Machine", "Pay $35.00"):
        assert told in text(page), told
    assert (await shopper.intent_now()).status == "requires_payment_method"
    wrong = await review(shopper, await token_of(shopper), email="ada")
    assert (wrong.status_code, "/confirmation" in wrong.text) == (422, False)


async def test_pressed_there_several_times_the_order_is_paid_once(shopper: Shopper) -> None:
    await send_no_webhooks(shopper)
    await shopper.check_out(DREAM)
    sent = fields(shopper, await review(shopper, await token_of(shopper)))
    for page in [*await asyncio.gather(*(pay(shopper, sent) for _ in range(3))), await pay(shopper, sent)]:
        assert "Thank you: your order is paid" in text(page)
    assert await charged(shopper) == [3500]
    assert "ada@example.com" in text(await shopper.look())


async def test_after_a_decline_the_form_says_why_and_another_card_pays(shopper: Shopper) -> None:
    await send_no_webhooks(shopper)
    await shopper.check_out(DREAM)
    sent = fields(shopper, await review(shopper, await token_of(shopper, DECLINED)))
    for _ in range(2):
        page = await pay(shopper, sent)
        assert "Your card was declined." in text(page)
        assert 'id="payment-element"' in page.text
    await shopper.check_out(CODE)  # the amount may change again
    sent = fields(shopper, await review(shopper, await token_of(shopper)))
    assert "Thank you" in text(await pay(shopper, sent))
    assert await charged(shopper) == [5299]


async def test_what_was_reviewed_is_what_is_paid(shopper: Shopper) -> None:
    await shopper.check_out(DREAM)
    sent = fields(shopper, await review(shopper, await token_of(shopper)))
    await shopper.check_out(CODE)  # in another tab
    page = await pay(shopper, sent)
    assert (page.status_code, await charged(shopper)) == (409, [])
    assert "The total was $35.00 and is now $52.99." in text(page)
    await pay(shopper, fields(shopper, page))
    assert await charged(shopper) == [5299]


async def test_a_token_of_nothing_or_of_another_order_leads_back_to_the_form(shopper: Shopper) -> None:
    await shopper.check_out(DREAM)
    used = fields(shopper, await review(shopper, await token_of(shopper)))
    await pay(shopper, used)
    await shopper.check_out(CODE)
    for token in (used["confirmation_token"], "ctoken_1unknown", "../../v1/charges", ""):
        sent = {**used, "total": "1799", "confirmation_token": token}
        for page in (await review(shopper, token), await pay(shopper, sent)):
            assert (page.status_code, "enter your card again" in text(page)) == (422, True), token
    assert await charged(shopper) == [3500]
    await shopper.check_out(DREAM)  # nothing holds the amount
    assert (await shopper.intent()).amount == 5299


async def test_in_a_browser_with_a_bank_that_asks(page: Page) -> None:
    await check_out(page, "The Dream Machine")
    await page.get_by_label("Email").fill("ada@example.com")
    await fill_card(page, CHALLENGE)
    label = await page.locator("#pay-button").inner_text()
    assert label == "Review your order", f"the button says {label}"
    await page.locator("#pay-button").click()
    await sees_heading(page, "Review your order")
    await expect(page.get_by_role("main")).to_contain_text("Visa ending in 3220")
    await page.get_by_role("button", name="Pay $35.00").click()
    await (await bank_of(page)).click()
    await sees_heading(page, "Thank you: your order is paid")


async def bank_of(page: Page) -> Locator:
    """The bank's button, in whatever frame or page it asks."""
    for _ in range(100):
        for frame in page.frames:
            button = frame.locator("#test-source-authorize-3ds")
            if await button.count():
                return button
        await asyncio.sleep(0.1)
    raise AssertionError("the bank does not ask")
