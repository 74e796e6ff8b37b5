"""Sales tax: of books and shipping, by the country, told before payment, and given back with what it was for."""

import re
from dataclasses import replace

import pytest

from shop.charges import Charges
from shop.refunding import Wish, refund_order
from shop.shipping import read_rates
from shop.tax import read_tax_rates
from tests.conftest import ShopUnderTest
from tests.shopper import Shopper, text

DATABASE = "sqlite"
DREAM, CODE, EBOOK = "the-dream-machine", "the-code-book", "the-last-page"


def configure(shop: ShopUnderTest, rates: str, behavior: str = "exclusive", shipping: str = "") -> None:
    charges = Charges(read_rates(shipping, "usd") if shipping else None, read_tax_rates(rates, behavior))
    shop.app.extensions["settings"] = replace(shop.settings, charges=charges)


async def test_a_tax_on_top_is_in_every_total_and_the_intent(shop: ShopUnderTest, shopper: Shopper) -> None:
    configure(shop, "US=8.25, CA=5")
    await shopper.add(DREAM)
    assert "Your country" in text(await shopper.get("/cart"))
    await shopper.check_out()
    rows = "Shipping free Tax (8.25% in United States) $2.89 Total $37.89"
    for path in ("/cart", f"{shopper.order}/pay"):
        assert rows in text(await shopper.get(path))
    assert rows in text(await shopper.pay())
    assert (await shopper.stripe.v1.payment_intents.retrieve_async(shopper.intent_id)).amount_received == 3789


async def test_a_tax_in_the_prices_is_told_and_changes_no_total(
    shop: ShopUnderTest, shopper: Shopper
) -> None:
    configure(shop, "DE=7", "inclusive")
    await shopper.check_out(DREAM)
    assert "Tax (7% in Germany) $2.29 included Total $35.00" in text(
        await shopper.get(f"{shopper.order}/pay")
    )
    await shopper.pay_session(await shopper.open_session())
    assert "Tax (7% in Germany) $2.29 included Total $35.00" in text(await shopper.look())


async def test_shipping_is_taxed_too_and_stripes_page_agrees_to_the_cent(
    shop: ShopUnderTest, shopper: Shopper
) -> None:
    configure(shop, "US=8.25, CA=5", shipping="US=4.99, CA=9.99")
    await shopper.add(DREAM)
    await shopper.post("/cart/country", country="CA")
    await shopper.check_out()
    session_id = await shopper.open_session()
    session = await shopper.stripe.v1.checkout.sessions.retrieve_async(session_id)
    assert session.amount_total == 3500 + 999 + 225
    assert "Tax (5% in Canada) $2.25 Total $47.24" in text(await shopper.get(shopper.order))


async def test_elsewhere_none_is_due_and_that_is_said(shop: ShopUnderTest, shopper: Shopper) -> None:
    configure(shop, "US=8.25")
    await shopper.add(EBOOK)
    await shopper.post("/cart/country", country="NZ")
    assert "Tax (0% in New Zealand) $0.00 Total $6.00" in text(await shopper.get("/cart"))


async def test_a_refund_by_line_gives_its_tax_back_and_the_whole_all_of_it(
    shop: ShopUnderTest, shopper: Shopper
) -> None:
    configure(shop, "US=8.25")
    await shopper.check_out(DREAM, CODE, CODE)
    await shopper.pay()
    gateway, order_id = shop.app.extensions["gateway"], shopper.order.removeprefix("/orders/")
    total = 7098 + 586
    first = await refund_order(shop.db, gateway, order_id, Wish({CODE: 1}))
    second = await refund_order(shop.db, gateway, order_id, Wish({CODE: None}))
    assert first.amount + second.amount == 3598 + 297
    assert (await refund_order(shop.db, gateway, order_id, Wish())).amount == total - 3598 - 297


@pytest.mark.parametrize(
    ("table", "behavior", "says"),
    [
        ("", "exclusive", "a country must be named"),
        ("US=NaN", "exclusive", "NaN is not a percentage"),
        ("US=101", "exclusive", "101 is not a percentage"),
        ("US=7 US=8", "exclusive", "US stands there twice"),
        ("XX=7", "exclusive", "XX=7 names no country"),
        ("US=7", "both", "TAX_BEHAVIOR=both is unknown"),
    ],
)
def test_a_table_that_is_none_is_told(table: str, behavior: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        read_tax_rates(table, behavior)
