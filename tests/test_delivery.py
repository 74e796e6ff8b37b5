"""The address that books go to: given at Stripe, in the country that was priced, and kept with the order."""

from dataclasses import replace
from datetime import timedelta

import pytest
import structlog

from shop.audit import audit
from shop.charges import Charges
from shop.mailing import send_due
from shop.models import Order
from shop.orders import find_order
from shop.refunding import Wish, refund_order
from shop.shipping import read_rates
from tests.conftest import ShopUnderTest
from tests.shopper import VISA, Shopper, text
from tests.test_payments import send_no_webhooks

DREAM, CODE, EBOOK = "the-dream-machine", "the-code-book", "the-last-page"
US = {
    "line1": "510 Townsend St",
    "city": "San Francisco",
    "state": "CA",
    "postal_code": "94103",
    "country": "US",
}
CANADA = {"line1": "1 Rideau St", "city": "Ottawa", "state": "ON", "postal_code": "K1N 8S7", "country": "CA"}


@pytest.fixture(autouse=True)
def rates(shop: ShopUnderTest) -> None:
    charges = Charges(read_rates("US=4.99, CA=9.99", "usd", "70.00"))
    shop.app.extensions["settings"] = replace(shop.settings, charges=charges)


async def confirm(shopper: Shopper, address: dict[str, str] | None) -> None:
    sent = {"shipping": {"name": "Ada Lovelace", "address": address}} if address else {}
    params = {"payment_method": VISA, "return_url": "https://example.com/", **sent}
    await shopper.stripe.v1.payment_intents.confirm_async(shopper.intent_id, params)


async def pay(shopper: Shopper, address: dict[str, str] | None) -> str:
    await shopper.press()
    await confirm(shopper, address)
    return text(await shopper.look())


async def order_of(shop: ShopUnderTest, shopper: Shopper) -> Order:
    return await find_order(shop.db, shopper.order.removeprefix("/orders/"))


async def disagreements(shop: ShopUnderTest) -> set[str]:
    found = await audit(shop.db, shop.app.extensions["gateway"], older_than=timedelta(seconds=-5))
    return {disagreement.what for disagreement in found} - {"a receipt is owed"}


async def test_the_address_is_kept_once_it_is_paid_and_told_on_page_and_receipt(
    shop: ShopUnderTest, shopper: Shopper
) -> None:
    await shopper.add(DREAM)
    await shopper.post("/cart/country", country="CA")
    await shopper.check_out()
    page = (await shopper.get(f"{shopper.order}/pay")).text
    assert 'id="address-element" class="address-element" data-country="CA"' in page
    paid = await pay(shopper, CANADA)
    assert "Shipping to Canada $9.99 Tax included Total $44.99" in paid
    assert "Delivery address Ada Lovelace, 1 Rideau St, Ottawa ON K1N 8S7, Canada" in paid
    await send_due(shop.db, shop.settings)
    [letter] = (shop.settings.instance / "mailbox").glob("*.eml")
    assert "Goes to Ada Lovelace, 1 Rideau St" in letter.read_text()
    assert await disagreements(shop) == set()


async def test_books_that_go_for_free_need_an_address_and_files_need_none(shopper: Shopper) -> None:
    await shopper.check_out(DREAM, DREAM)
    assert 'id="address-element"' in (await shopper.get(f"{shopper.order}/pay")).text
    await shopper.buy_now(EBOOK)
    assert 'id="address-element"' not in (await shopper.get(f"{shopper.order}/pay")).text


async def test_stripes_page_asks_for_an_address_in_that_country_and_agrees_to_the_cent(
    shop: ShopUnderTest, shopper: Shopper
) -> None:
    await shopper.check_out(DREAM)
    session_id = await shopper.open_session()
    session = await shopper.stripe.v1.checkout.sessions.retrieve_async(session_id)
    assert session.shipping_address_collection
    assert session.shipping_address_collection.allowed_countries == ["US"]
    assert (session.amount_total, session.total_details and session.total_details.amount_shipping) == (
        3999,
        499,
    )
    await shopper.pay_session(session_id, shipping_address={"name": "Ada Lovelace", "address": US})
    assert "510 Townsend St, San Francisco CA 94103, United States" in text(await shopper.look())
    assert await disagreements(shop) == set()


async def test_an_address_in_another_country_is_told_to_a_person(
    shop: ShopUnderTest, shopper: Shopper
) -> None:
    await send_no_webhooks(shopper)
    await shopper.check_out(DREAM)
    with structlog.testing.capture_logs() as logs:
        assert "Address in another country than was priced" in await pay(shopper, CANADA)
    assert "delivery.elsewhere" in str(logs)
    assert "Rideau" not in str(logs)
    assert (await order_of(shop, shopper)).events[-1].detail
    assert await disagreements(shop) == {"an address elsewhere"}


async def test_so_is_one_that_is_missing(shop: ShopUnderTest, shopper: Shopper) -> None:
    await shopper.check_out(DREAM)
    await pay(shopper, None)
    assert await disagreements(shop) == {"nobody knows where to send it"}


async def test_a_refund_by_line_keeps_the_shipping_and_the_whole_gives_it_back(
    shop: ShopUnderTest, shopper: Shopper
) -> None:
    await shopper.check_out(DREAM, CODE)
    await pay(shopper, US)
    gateway, order_id = shop.app.extensions["gateway"], shopper.order.removeprefix("/orders/")
    assert (await refund_order(shop.db, gateway, order_id, Wish({CODE: None}))).amount == 1799
    assert (await refund_order(shop.db, gateway, order_id, Wish())).amount == 3500 + 499
    assert await disagreements(shop) == set()
