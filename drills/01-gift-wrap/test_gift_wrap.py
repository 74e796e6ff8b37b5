"""Gift wrap, from the cart to the refund."""

from dataclasses import replace

import httpx

from shop.charges import Charges
from shop.refunding import Wish, refund_order
from shop.shipping import read_rates
from tests.conftest import ShopUnderTest
from tests.shopper import Shopper, text

DATABASE = "sqlite"
DREAM, CODE, EBOOK = "the-dream-machine", "the-code-book", "the-last-page"
WRAPPED = "Gift wrap $3.50"


async def wrap(shopper: Shopper, **ticked: str) -> httpx.Response:
    reply = await shopper.post("/cart/gift-wrap", **ticked)
    assert (reply.status_code, reply.headers.get("Location")) == (303, "/cart"), (
        f"POST /cart/gift-wrap is not there: {reply.status_code}"
    )
    return reply


async def test_wrapping_is_ticked_at_the_cart_and_told_wherever_a_total_is(shopper: Shopper) -> None:
    await shopper.add(DREAM)
    offered = await shopper.get("/cart")
    assert 'action="/cart/gift-wrap"' in offered.text, "the cart offers no gift wrap"
    assert WRAPPED not in text(offered)
    await wrap(shopper, wrap="1")
    await shopper.check_out()
    for path in ("/cart", f"{shopper.order}/pay"):
        page = text(await shopper.get(path))
        assert WRAPPED in page, path
        assert "Total $38.50" in page, path
    assert (await shopper.intent()).amount == 3850
    assert WRAPPED in text(await shopper.pay())


async def test_without_the_tick_it_is_taken_off_again_with_one_intent(shopper: Shopper) -> None:
    await shopper.add(DREAM)
    await wrap(shopper, wrap="1")
    await shopper.check_out()
    wrapped = await shopper.intent()
    await wrap(shopper)
    reply = await shopper.post("/checkout", total=wrapped.amount)
    assert "The total was $38.50 and is now $35.00" in text(reply)
    await shopper.check_out()
    plain = await shopper.intent()
    assert (plain.id, plain.amount) == (wrapped.id, 3500)


async def test_a_file_is_not_wrapped_and_neither_is_what_is_bought_now(shopper: Shopper) -> None:
    await shopper.add(DREAM)
    await wrap(shopper, wrap="1")
    await shopper.buy_now(CODE)
    assert WRAPPED not in text(await shopper.get(f"{shopper.order}/pay"))
    await shopper.post(f"/cart/items/{DREAM}", quantity=0)
    await shopper.add(EBOOK)
    page = await shopper.get("/cart")
    assert "/cart/gift-wrap" not in page.text
    assert WRAPPED not in text(page)
    await shopper.check_out()
    assert (await shopper.intent()).amount == 600


async def test_stripes_page_has_it_as_a_line(shopper: Shopper) -> None:
    await shopper.add(DREAM)
    await wrap(shopper, wrap="1")
    await shopper.check_out()
    session_id = await shopper.open_session()
    session = await shopper.stripe.v1.checkout.sessions.retrieve_async(session_id, {"expand": ["line_items"]})
    assert session.line_items
    lines = [(line.description, line.amount_total) for line in session.line_items.data]
    assert lines == [("The Dream Machine", 3500), ("Gift wrap", 350)]


async def test_it_does_not_make_shipping_free(shop: ShopUnderTest, shopper: Shopper) -> None:
    rates = read_rates("US=4.99", "usd", "36.00")
    shop.app.extensions["settings"] = replace(shop.settings, charges=Charges(rates))
    await shopper.add(DREAM)
    await wrap(shopper, wrap="1")
    page = text(await shopper.get("/cart"))
    assert "Shipping to United States $4.99" in page
    assert "Total $43.49" in page


async def test_the_next_cart_is_not_wrapped_and_a_whole_refund_gives_it_back(
    shop: ShopUnderTest, shopper: Shopper
) -> None:
    await shopper.add(DREAM)
    await wrap(shopper, wrap="1")
    await shopper.check_out()
    await shopper.pay()
    await shopper.add(CODE)
    assert WRAPPED not in text(await shopper.get("/cart"))
    gateway, order_id = shop.app.extensions["gateway"], shopper.order.removeprefix("/orders/")
    by_line = await refund_order(shop.db, gateway, order_id, Wish({DREAM: None}))
    rest = await refund_order(shop.db, gateway, order_id, Wish())
    assert (by_line.amount, rest.amount) == (3500, 350)
