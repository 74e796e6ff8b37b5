"""A gift card pays a part, or the whole; what it has paid comes back with a refund."""

from dataclasses import replace

import httpx
import pytest
import stripe
from sqlalchemy import func, select

from shop.charges import Charges
from shop.models import OrderEvent
from shop.refunding import Wish, refund_order
from shop.shipping import read_rates
from tests.conftest import NewShopper, ShopUnderTest
from tests.shopper import DECLINED, Shopper, text
from tests.terminal import Run, run
from tests.test_webhooks import deliver, event, until

__all__ = ["run"]
DATABASE = "sqlite"
DREAM, CODE = "the-dream-machine", "the-code-book"


async def issued(run: Run, amount: str) -> str:
    """The code of a new card."""
    try:
        status, said = await run("gift-card", amount)
    except SystemExit:
        pytest.fail("there is no command `shop gift-card`")
    assert status == 0, said
    return said.strip()


async def type_card(shopper: Shopper, code: str) -> httpx.Response:
    return await shopper.post("/cart/gift-card", code=code)


def paid_by(code: str, amount: str) -> str:
    """The row above a total."""
    return f"Gift card ending in {code[-4:]} -{amount}"


async def cart_of(shopper: Shopper, code: str, *slugs: str) -> str:
    """What the cart says that holds the books and the card."""
    for slug in slugs:
        await shopper.add(slug)
    reply = await type_card(shopper, code)
    assert (reply.status_code, reply.headers.get("Location")) == (303, "/cart"), text(reply)
    return text(await shopper.get("/cart"))


async def test_the_card_pays_its_part_and_the_intent_the_rest(shopper: Shopper, run: Run) -> None:
    code = await issued(run, "50.00")
    cart = await cart_of(shopper, code.lower(), DREAM, CODE)
    assert paid_by(code, "$50.00") in cart
    assert "Total $2.99" in cart
    await shopper.check_out()
    page = await shopper.get(f"{shopper.order}/pay")
    assert paid_by(code, "$50.00") in text(page)
    assert code not in page.text
    assert (await shopper.intent()).amount == 299
    assert "Charged $2.99" in text(await shopper.pay())
    assert "Gift card" not in text(await shopper.get("/cart"))
    await shopper.add(DREAM)
    spent = await type_card(shopper, code)
    assert (spent.status_code, "There is nothing left on this gift card." in text(spent)) == (422, True)


async def test_a_card_that_covers_all_needs_no_intent_and_keeps_the_rest(shopper: Shopper, run: Run) -> None:
    code = await issued(run, "50.00")
    assert "Total $0.00" in await cart_of(shopper, code, DREAM)
    await shopper.check_out()
    assert "There was nothing to pay." in text(await shopper.look())
    assert (await shopper.stripe.v1.payment_intents.list_async()).data == []
    assert paid_by(code, "$15.00") in await cart_of(shopper, code, CODE)


async def test_stripe_is_left_nothing_that_it_does_not_take(shopper: Shopper, run: Run) -> None:
    code = await issued(run, "34.80")
    cart = await cart_of(shopper, code, DREAM)
    assert paid_by(code, "$34.50") in cart
    assert "Total $0.50" in cart
    await shopper.check_out()
    assert (await shopper.intent()).amount == 50


async def test_who_presses_second_waits_until_the_first_has_failed(new_shopper: NewShopper, run: Run) -> None:
    code, first, second = await issued(run, "30.00"), new_shopper(), new_shopper()
    for shopper in (first, second):
        await cart_of(shopper, code, DREAM)
        await shopper.check_out()
        assert (await shopper.intent()).amount == 500
    assert (await first.press()).status_code == 204
    assert (await second.press()).status_code == 409
    with pytest.raises(stripe.CardError):
        await first.confirm(DECLINED)
    await first.look()
    assert "Thank you: your order is paid" in text(await second.pay())
    assert (await first.press()).status_code == 409
    await first.post("/checkout")  # there is nothing left on the card by now
    assert (await first.intent()).amount == 3500


async def test_stripes_page_charges_the_rest(shop: ShopUnderTest, shopper: Shopper, run: Run) -> None:
    rates = Charges(read_rates("US=4.99", "usd"))
    shop.app.extensions["settings"] = replace(shop.settings, charges=rates)
    for amount, rest in (("20.00", 1999), ("37.00", 299)):
        code = await issued(run, amount)
        await cart_of(shopper, code, DREAM)
        await shopper.check_out()
        session_id = await shopper.open_session()
        session = await shopper.stripe.v1.checkout.sessions.retrieve_async(session_id)
        assert session.amount_total == rest
        address = {
            "line1": "1 Main St",
            "city": "Boston",
            "state": "MA",
            "postal_code": "02101",
            "country": "US",
        }
        await shopper.pay_session(session_id, shipping_address={"name": "Ada", "address": address})
        assert f"Charged ${rest / 100:.2f}" in text(await shopper.look())


async def test_what_is_refunded_whole_gives_the_card_its_part_once(
    shop: ShopUnderTest, shopper: Shopper, run: Run
) -> None:
    code = await issued(run, "20.00")
    await cart_of(shopper, code, DREAM)
    await shopper.check_out()
    await shopper.pay()
    gateway, order_id = shop.app.extensions["gateway"], shopper.order.removeprefix("/orders/")
    await refund_order(shop.db, gateway, order_id, Wish(amount="5.00"))
    await shopper.add(CODE)
    assert (await type_card(shopper, code)).status_code == 422
    await refund_order(shop.db, gateway, order_id, Wish())
    thing = {"id": "re_1", "object": "refund", "payment_intent": shopper.intent_id}
    assert (await deliver(shopper, event("charge.refunded", thing))).status_code == 204
    kinds = select(func.count(OrderEvent.id)).where(OrderEvent.kind == "refunded")
    await until(shop, kinds, 2)
    await shopper.add(DREAM)
    assert paid_by(code, "$20.00") in await cart_of(shopper, code)
