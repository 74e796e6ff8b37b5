"""Shipping as a shopper sees it: the country, the address, wallets, and no scripts."""

from dataclasses import replace

import pytest
import stripe
from playwright.async_api import Page, expect

from shop.charges import Charges
from shop.shipping import read_rates
from tests.browsing import INSUFFICIENT, VISA, add, axe_finds_nothing, check_out, press_pay, sees_heading
from tests.conftest import ShopUnderTest
from tests.test_express_checkout import open_wallet, pay_by_wallet
from tests.test_purchase_in_browser import THANKS, charges
from tests.test_without_scripts import PAY_PAGE, pay_there, plain

__all__ = ["plain"]
DATABASE = "sqlite"


@pytest.fixture(autouse=True)
def rates(shop: ShopUnderTest) -> None:
    table = Charges(read_rates("US=4.99, CA=9.99", "usd"))
    shop.app.extensions["settings"] = replace(shop.settings, charges=table)


async def test_the_country_changes_the_total_in_place_and_a_declined_card_loses_no_address(
    page: Page, stripe_client: stripe.StripeClient
) -> None:
    await page.goto("/")
    await add(page, "The Dream Machine")
    await page.goto("/cart")
    await page.get_by_label("Send to").select_option("Canada")
    await expect(page.get_by_role("status")).to_have_text("Shipping to Canada: $9.99. Tax: included.")
    await expect(page.locator(".totals .total").last).to_have_text("$44.99")
    await axe_finds_nothing(page)
    await page.get_by_role("button", name="Check out").click()
    address = page.frame_locator('iframe[title="Secure address input frame"]')
    await expect(address.get_by_label("Country or region").locator("option")).to_have_text(["Canada"])
    await press_pay(page)
    await expect(page.get_by_role("alert")).to_have_text("This field is incomplete.")
    typed = {
        "Full name": "Ada Lovelace",
        "Address": "1 Rideau St",
        "City": "Ottawa",
        "Postal code": "K1N 8S7",
    }
    for label, words in typed.items():
        await address.get_by_label(label, exact=True).fill(words)
    await address.get_by_label("Province").select_option("Ontario")
    await press_pay(page, INSUFFICIENT)
    await expect(page.get_by_role("alert")).to_have_text("Your card has insufficient funds.")
    await page.reload()
    await expect(address.get_by_label("City")).to_have_value("Ottawa")
    await axe_finds_nothing(page)
    await press_pay(page, VISA)
    await sees_heading(page, THANKS)
    await expect(page.locator("#order")).to_contain_text(
        "Ada Lovelace, 1 Rideau St, Ottawa ON K1N 8S7, Canada"
    )
    assert [charge.amount for charge in await charges(stripe_client)] == [4499]


async def test_a_wallet_gives_its_own_address_if_it_is_in_the_country_that_was_priced(page: Page) -> None:
    await page.goto("/books/the-dream-machine")
    await page.get_by_role("button", name="Buy now").click()
    await page.get_by_label("Send to").select_option("Canada")
    await page.get_by_role("button", name="Change").click()
    sheet = await open_wallet(page)
    await expect(sheet.get_by_role("button", name="Pay in")).to_be_disabled()
    await sheet.get_by_role("button", name="Cancel").click()
    await page.get_by_label("Send to").select_option("United States")
    await page.get_by_role("button", name="Change").click()
    await pay_by_wallet(page)
    await sees_heading(page, THANKS)
    await expect(page.locator("#order")).to_contain_text(
        "Jenny Rosen, 510 Townsend St, San Francisco CA 94103"
    )


async def test_without_scripts_the_country_is_sent_by_a_button_and_stripes_page_asks_for_the_address(
    plain: Page,
) -> None:
    await check_out(plain, "The Dream Machine")
    await plain.goto("/cart")
    await plain.get_by_label("Send to").select_option("Canada")
    await plain.locator(".country noscript button").click()
    await plain.get_by_role("button", name="Check out").click()
    await plain.locator(PAY_PAGE).click()
    typed = {"Name": "Ada", "AddressLine1": "1 Rideau St", "Locality": "Ottawa", "PostalCode": "K1N 8S7"}
    for field, words in typed.items():
        await plain.locator(f"#shipping{field}").fill(words)
    await pay_there(plain, VISA)
    await sees_heading(plain, THANKS)
    await expect(plain.locator(".charged")).to_have_text("$44.99")
    await expect(plain.locator("#order")).to_contain_text("Ada, 1 Rideau St, Ottawa K1N 8S7, Canada")
