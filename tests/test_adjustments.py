"""What is in the list of adjustments reaches every place that tells or takes a total."""

import pytest

from shop import adjustments
from shop.adjustments import Terms
from shop.pricing import Adjustment, AdjustmentKind, Quote
from shop.refunding import Wish, refund_order
from tests.conftest import ShopUnderTest
from tests.shopper import Shopper, text

DATABASE = "sqlite"
DREAM, CODE = "the-dream-machine", "the-code-book"


def discount(quote: Quote, terms: Terms) -> list[Adjustment]:
    return [Adjustment(AdjustmentKind.DISCOUNT, "A tenth off", -(quote.subtotal // 10))]


def shipping(quote: Quote, terms: Terms) -> list[Adjustment]:
    return [Adjustment(AdjustmentKind.SHIPPING, "By post", 499)]


@pytest.fixture(autouse=True)
def adjusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adjustments, "ADJUSTMENTS", (discount, shipping))


async def test_adjustments_reach_cart_order_intent_and_refund(shop: ShopUnderTest, shopper: Shopper) -> None:
    await shopper.check_out(DREAM, CODE, CODE)
    rows = "A tenth off -$7.09 By post $4.99 Tax included Total $68.88"
    for path in ("/cart", f"{shopper.order}/pay", shopper.order):
        assert rows in text(await shopper.get(path))
    assert (await shopper.intent()).amount == 6888
    await shopper.pay()
    gateway, order_id = shop.app.extensions["gateway"], shopper.order.removeprefix("/orders/")
    first = await refund_order(shop.db, gateway, order_id, Wish({CODE: 1}))
    second = await refund_order(shop.db, gateway, order_id, Wish({CODE: None}))
    assert (
        first.amount + second.amount == 2 * 1799 - 359
    )  # its part of the discount, and none of the shipping
    assert (await refund_order(shop.db, gateway, order_id, Wish())).amount == 3500 - 350 + 499


async def test_stripes_page_has_discounted_lines_and_the_shipping(shopper: Shopper) -> None:
    await shopper.check_out(DREAM, CODE, CODE)
    session_id = await shopper.open_session()
    session = await shopper.stripe.v1.checkout.sessions.retrieve_async(session_id, {"expand": ["line_items"]})
    assert session.line_items
    assert [(i.description, i.amount_total) for i in session.line_items.data] == [
        ("The Dream Machine", 3150),
        ("2 × The Code Book", 3239),
        ("By post", 499),
    ]
