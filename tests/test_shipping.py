"""Shipping: its country is chosen at the cart, and its price is known before payment."""

import re
from dataclasses import replace
from typing import get_args, get_type_hints

import pytest
from stripe.params.checkout import SessionCreateParamsShippingAddressCollection

from shop.charges import Charges
from shop.countries import COUNTRIES
from shop.shipping import read_rates
from tests.conftest import NewShopper, ShopUnderTest
from tests.shopper import Shopper, text

DATABASE = "sqlite"
DREAM, CODE, EBOOK = "the-dream-machine", "the-code-book", "the-last-page"


@pytest.fixture(autouse=True)
def rates(shop: ShopUnderTest) -> None:
    table = read_rates("US=4.99, CA=9.99, *=19.00", "usd", "70.00")
    shop.app.extensions["settings"] = replace(shop.settings, charges=Charges(table))


async def test_the_total_with_shipping_is_known_from_the_cart_on(shopper: Shopper) -> None:
    await shopper.add(DREAM)
    assert "Shipping to United States $4.99 Tax included Total $39.99" in text(await shopper.get("/cart"))
    await shopper.post("/cart/country", country="CA")
    await shopper.check_out()
    rows = "Shipping to Canada $9.99 Tax included Total $44.99"
    for path in ("/cart", f"{shopper.order}/pay"):
        assert rows in text(await shopper.get(path))
    assert (await shopper.intent()).amount == 4499


async def test_a_country_is_chosen_by_a_labelled_field_and_told_in_place(shopper: Shopper) -> None:
    await shopper.add(DREAM)
    page = (await shopper.get("/cart")).text
    assert re.search(
        r'<label for="country">.*<select id="country"[^>]* autocomplete="shipping country"', page, re.S
    )
    assert '<option value="AX">Åland Islands</option>' in page
    swapped = text(await shopper.post("/cart/country", htmx=True, country="DE"))
    assert "Shipping to Germany: $19.00." in swapped
    wrong = await shopper.post("/cart/country", country="Atlantis")
    assert (wrong.status_code, "Choose a country from the list." in text(wrong)) == (422, True)


async def test_from_an_amount_on_it_is_free(shopper: Shopper) -> None:
    await shopper.check_out(DREAM, DREAM)
    page = text(await shopper.get(f"{shopper.order}/pay"))
    assert "Shipping to United States free Tax included Total $70.00" in page


async def test_e_books_alone_are_not_shipped(shopper: Shopper) -> None:
    await shopper.check_out(EBOOK)
    assert "Shipping free Tax included Total $6.00" in text(await shopper.get(f"{shopper.order}/pay"))
    await shopper.add(EBOOK)
    assert 'name="country"' not in (await shopper.get("/cart")).text


async def test_another_country_is_another_revision_and_no_older_page_pays_it(shopper: Shopper) -> None:
    await shopper.check_out(DREAM)
    old = await shopper.intent()
    await shopper.post("/cart/country", country="CA")
    assert "The total was $39.99 and is now $44.99" in text(await shopper.post("/checkout", total="3999"))
    await shopper.check_out()
    assert (await shopper.intent()).id == old.id
    assert "The total was $39.99 and is now $44.99" in text(await shopper.press(total=3999))


async def test_what_is_bought_now_asks_on_the_pay_page(shopper: Shopper) -> None:
    await shopper.buy_now(DREAM)
    page = await shopper.get(f"{shopper.order}/pay")
    assert "Shipping to United States $4.99" in text(page)
    assert f'<form class="country" action="/books/{DREAM}/checkout"' in page.text
    again = await shopper.post(f"/books/{DREAM}/checkout", country="CA")
    assert again.headers["Location"] == f"{shopper.order}/pay"
    assert "Shipping to Canada $9.99" in text(await shopper.get(f"{shopper.order}/pay"))


async def test_so_it_does_where_all_pay_on_stripes_page(shop: ShopUnderTest, shopper: Shopper) -> None:
    hosted = replace(shop.app.extensions["settings"], ui_mode="hosted_page")
    shop.app.extensions["settings"] = hosted
    order = await shopper.buy_now(DREAM)
    page = await shopper.get(f"{order}/pay")
    assert "Pay on Stripe’s page" in text(page)
    assert 'name="country"' in page.text
    assert "/c/pay/cs_" in (await shopper.post(f"/books/{EBOOK}/checkout")).headers["Location"]


async def test_books_in_another_currency_are_not_sent_for_nothing(
    shop: ShopUnderTest, shopper: Shopper
) -> None:
    table = read_rates("DE=4.99", "eur")
    shop.app.extensions["settings"] = replace(shop.settings, charges=Charges(table))
    await shopper.add(DREAM)
    said = "We send books that are priced in EUR only, and these are in USD."
    for page in (await shopper.get("/cart"), await shopper.post("/checkout")):
        assert said in text(page)
        assert "Total" not in text(page).partition("Your cart")[2]


async def test_the_choice_is_the_visitors_own(shopper: Shopper, new_shopper: NewShopper) -> None:
    other = new_shopper()
    for each in (shopper, other):
        await each.add(DREAM)
    await shopper.post("/cart/country", country="CA")
    assert "Shipping to United States" in text(await other.get("/cart"))


async def test_the_help_page_tells_the_rates_and_no_page_says_that_shipping_is_free(shopper: Shopper) -> None:
    told = text(await shopper.get("/help"))
    assert "United States $4.99 Canada $9.99 Everywhere else $19.00 From $70.00 on it is free." in told
    assert "Shipping is free" not in told + (await shopper.get("/")).text


async def test_the_countries_are_those_that_stripe_takes() -> None:
    hints = get_type_hints(SessionCreateParamsShippingAddressCollection)
    [allowed, _] = get_args(get_args(hints["allowed_countries"])[0])
    assert set(get_args(allowed)) - {"ZZ"} == set(COUNTRIES)


@pytest.mark.parametrize(
    ("table", "currency", "says"),
    [
        ("US", "usd", "nothing is not an amount in USD"),
        ("US=4.999", "usd", "4.999 is not an amount in USD"),
        ("US=-1", "usd", "-1 is not an amount in USD"),
        ("usa=1", "usd", "usa=1 names no country"),
        ("US=1 US=2", "usd", "US stands there twice"),
        ("*=1", "usd", "beside * a country must be named"),
        ("US=1", "dollars", "its currency dollars is none"),
    ],
)
async def test_a_table_that_is_none_is_told(table: str, currency: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        read_rates(table, currency)
