"""Saving a card and paying with it, as a shopper sees it."""

from urllib.parse import urlsplit

from playwright.async_api import Page, expect
from sqlalchemy import select

from shop.mailing import send_due
from shop.models import Payment
from tests.browsing import axe_finds_nothing, check_out, fill_card, sees_heading
from tests.conftest import ShopUnderTest

DATABASE = "sqlite"


async def pay(page: Page) -> None:
    await page.get_by_role("button", name="Pay $").click()
    await sees_heading(page, "Thank you: your order is paid")


async def test_a_shopper_signs_in_while_paying_saves_a_card_pays_with_it_and_removes_it(
    page: Page, shop: ShopUnderTest
) -> None:
    await check_out(page, "Flatland")
    await page.get_by_role("link", name="Sign in").click()
    await axe_finds_nothing(page)
    await page.get_by_label("Your email").fill("ada@example.com")
    await page.get_by_role("button", name="Email me a link").click()
    await sees_heading(page, "Check your email")
    await axe_finds_nothing(page)
    await send_due(shop.db, shop.settings)
    await page.goto("/mailbox")
    await page.get_by_role("link", name="Sign in to Colophon").click()
    link = await page.get_by_role("link", name="/sign-in/").get_attribute("href")
    await page.goto(urlsplit(link or "").path)
    await axe_finds_nothing(page)
    await page.get_by_role("button", name="Sign in").click()
    await sees_heading(page, "Pay")
    await expect(page.get_by_label("Email", exact=True)).to_have_value("ada@example.com")
    form = page.frame_locator('iframe[title="Secure payment input frame"]')
    await fill_card(page)
    await form.get_by_label("Save payment details").check()
    await pay(page)
    await check_out(page, "Invisible Cities")
    await expect(form.get_by_role("radio", name="Visa ending in 4242")).to_be_checked()
    await pay(page)
    async with shop.db.read() as session:
        assert len(set(await session.scalars(select(Payment.customer)))) == 1
    await page.get_by_role("link", name="Saved cards").click()
    await axe_finds_nothing(page)
    await page.get_by_role("button", name="Remove Visa ending in 4242").click()
    await expect(page.get_by_text("You have saved no card.")).to_be_visible()
