"""Promotion codes, from the cart to the refund."""

import time
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
import stripe

from shop.mailing import send_due
from shop.promotions import GUESSES
from shop.refunding import Wish, refund_order
from tests.conftest import ShopUnderTest
from tests.shopper import Shopper, text

DREAM, CODE, FLATLAND = "the-dream-machine", "the-code-book", "flatland"
TENTH = {"percent_off": 10}


async def make_code(
    client: stripe.StripeClient, code: str = "SPRING", coupon: dict[str, Any] = TENTH, **more: Any
) -> stripe.PromotionCode:
    made = await client.v1.coupons.create_async(coupon)  # type: ignore[arg-type]
    named = {"code": code, "promotion": {"type": "coupon", "coupon": made.id}}
    return await client.v1.promotion_codes.create_async({**named, **more})  # type: ignore[typeddict-item]


async def with_code(shopper: Shopper, *slugs: str, code: str = "SPRING") -> Shopper:
    """Put the books in the cart and type the code."""
    for slug in slugs:
        await shopper.add(slug)
    assert (await shopper.post("/cart/discount", code=code)).status_code == 303
    return shopper


def plain(letter: Path) -> str:
    body = message_from_bytes(letter.read_bytes(), policy=policy.default).get_body(("plain",))
    assert body
    return str(body.get_content())


async def test_a_code_typed_at_the_cart_is_what_is_charged_and_given_back(
    shop: ShopUnderTest, shopper: Shopper, stripe_client: stripe.StripeClient
) -> None:
    made = await make_code(stripe_client)
    for slug in (DREAM, CODE, CODE):
        await shopper.add(slug)
    reply = await shopper.post("/cart/discount", code=" spring ")
    assert reply.headers["Location"] == "/cart?code=applied"
    page = text(await shopper.get(reply.headers["Location"]))
    assert "The code SPRING takes $7.10 off." in page
    rows = "Discount (SPRING) -$7.10 Shipping free Tax included Total $63.88"
    assert rows in page
    await shopper.check_out()
    assert rows in text(await shopper.get(f"{shopper.order}/pay"))
    intent = await shopper.intent()
    assert (intent.amount, intent.metadata["promotion_code"], intent.metadata["discount"]) == (
        6388,
        made.id,
        "710",
    )
    assert rows in text(await shopper.pay())
    assert "SPRING" not in text(await shopper.get("/cart"))
    await send_due(shop.db, shop.settings)
    [letter] = (shop.settings.instance / "mailbox").glob("*.eml")
    assert "-$7.10  Discount (SPRING)" in plain(letter)
    gateway, order_id = shop.app.extensions["gateway"], shopper.order.removeprefix("/orders/")
    line = await refund_order(shop.db, gateway, order_id, Wish({CODE: None}))
    assert line.amount == 3598 - 360
    assert (await refund_order(shop.db, gateway, order_id, Wish())).amount == 3500 - 350


async def test_a_code_can_be_removed_and_the_open_order_follows(
    shopper: Shopper, stripe_client: stripe.StripeClient
) -> None:
    await make_code(stripe_client)
    order = await shopper.check_out(DREAM)
    assert (await shopper.intent()).amount == 3500
    await shopper.post("/cart/discount", code="SPRING")
    assert await shopper.check_out() == order
    assert (await shopper.intent()).amount == 3150
    reply = await shopper.post("/cart/discount/removal")
    assert "The cart has no discount code any more." in text(await shopper.get(reply.headers["Location"]))
    assert await shopper.check_out() == order
    intent = await shopper.intent()
    assert (intent.amount, "promotion_code" in intent.metadata) == (3500, False)


REFUSED = {
    "unknown": ({}, {}, "We do not know the code AUTUMN."),
    "ended": (TENTH, {"expires_at": int(time.time()) - 60}, "The code SPRING ended on "),
    "inactive": (TENTH, {"active": False}, "The code SPRING is not valid any more."),
    "of_another_currency": (
        {"amount_off": 100, "currency": "eur"},
        {},
        "The code SPRING is for orders in EUR, and yours is in USD.",
    ),
    "for_larger_orders": (
        TENTH,
        {"restrictions": {"minimum_amount": 5000, "minimum_amount_currency": "usd"}},
        "The code SPRING is for orders of $50.00 or more: yours needs books for $15.00 more.",
    ),
    "for_certain_products": (
        {**TENTH, "applies_to": {"products": ["prod_1"]}},
        {},
        "The code SPRING cannot be used in this shop.",
    ),
}


@pytest.mark.parametrize("why", REFUSED)
async def test_a_code_that_does_not_hold_says_why_beside_its_field(
    why: str, shopper: Shopper, stripe_client: stripe.StripeClient
) -> None:
    coupon, more, sentence = REFUSED[why]
    if coupon:
        await make_code(stripe_client, coupon=coupon, **more)
    await shopper.add(DREAM)
    reply = await shopper.post("/cart/discount", code="SPRING" if coupon else "AUTUMN")
    page = text(reply)
    assert reply.status_code == 422
    assert page.count(sentence) == 2  # at the top, where the focus goes, and at the field
    assert page.startswith("Error: ")
    assert '<a href="#code">' in reply.text
    assert 'aria-invalid="true" aria-describedby="code-problem"' in reply.text
    assert "Total $35.00" in page


async def test_a_wrong_code_of_htmx_is_told_in_the_open_box(shopper: Shopper) -> None:
    await shopper.add(DREAM)
    closed = await shopper.get("/cart")
    assert '<details class="discount" id="discount">' in closed.text
    reply = await shopper.post("/cart/discount", htmx=True, code="<b>nonsense")
    assert '<details class="discount" id="discount" open>' in reply.text
    assert "We do not know the code <b>nonsense." in text(reply)
    assert "Type your code first." in text(await shopper.post("/cart/discount", htmx=True, code=" "))


async def test_guessing_codes_ends_after_a_while(
    shopper: Shopper, stripe_client: stripe.StripeClient
) -> None:
    await make_code(stripe_client)
    await shopper.add(FLATLAND)
    await shopper.post("/cart/discount", code="SPRING")  # a good one does not count
    for guess in range(GUESSES):
        assert (await shopper.post("/cart/discount", code=f"GUESS-{guess}")).status_code == 422
    reply = await shopper.post("/cart/discount", code="SPRING")
    assert (reply.status_code, "Many wrong codes" in text(reply)) == (429, True)
    assert "Discount (SPRING)" in text(await shopper.get("/cart"))


async def test_a_cart_page_with_a_code_asks_stripe_nothing(
    shop: ShopUnderTest, shopper: Shopper, stripe_client: stripe.StripeClient
) -> None:
    await make_code(stripe_client)
    await with_code(shopper, DREAM)
    calls = (await shopper.http.get(f"{shop.sandbox}/_sandbox/requests")).json()["data"]
    await shopper.get("/cart")
    await shopper.post(f"/cart/items/{DREAM}", quantity=2)
    assert (await shopper.http.get(f"{shop.sandbox}/_sandbox/requests")).json()["data"] == calls


async def test_a_code_that_no_longer_fits_is_told_in_the_cart_and_at_check_out(
    shopper: Shopper, stripe_client: stripe.StripeClient
) -> None:
    least = {"minimum_amount": 5000, "minimum_amount_currency": "usd"}
    await make_code(stripe_client, restrictions=least)
    await shopper.add(DREAM, 2)
    await shopper.post("/cart/discount", code="SPRING")
    await shopper.post(f"/cart/items/{DREAM}", quantity=1)
    page = text(await shopper.get("/cart"))
    assert "orders of $50.00 or more: yours needs books for $15.00 more." in page
    assert "Total $35.00" in page
    reply = await shopper.post("/checkout")
    assert "books for $15.00 more. Remove it to check out at the full price." in text(reply)
    await shopper.post("/cart/discount/removal")
    await shopper.check_out()


async def test_an_order_that_a_code_makes_free_is_complete_without_an_intent(
    shopper: Shopper, stripe_client: stripe.StripeClient
) -> None:
    await make_code(stripe_client, coupon={"amount_off": 9000, "currency": "usd"})
    await with_code(shopper, DREAM)
    assert "Discount (SPRING) -$35.00" in text(await shopper.get("/cart"))
    await shopper.check_out()
    again = await shopper.post("/checkout")  # a double click
    assert again.headers["Location"].removesuffix("/pay") == shopper.order
    page = text(await shopper.look())
    assert "There was nothing to pay." in page
    assert "Total $0.00" in page
    assert not (await stripe_client.v1.payment_intents.list_async()).data


async def test_less_than_stripe_charges_is_refused_in_words(
    shopper: Shopper, stripe_client: stripe.StripeClient
) -> None:
    await make_code(stripe_client, coupon={"amount_off": 3460, "currency": "usd"})
    await with_code(shopper, DREAM)
    assert "Cards cannot be charged less than $0.50. Add another book." in text(
        await shopper.post("/checkout")
    )


async def test_buy_now_pays_without_the_code_of_the_cart(
    shopper: Shopper, stripe_client: stripe.StripeClient
) -> None:
    await make_code(stripe_client)
    await with_code(shopper, DREAM)
    await shopper.buy_now(FLATLAND)
    assert "SPRING" not in text(await shopper.get(f"{shopper.order}/pay"))
    await shopper.pay()
    assert "Discount (SPRING) -$3.50" in text(await shopper.get("/cart"))


async def test_stripes_page_charges_the_same_cents(
    shopper: Shopper, stripe_client: stripe.StripeClient
) -> None:
    await make_code(stripe_client, coupon={"percent_off": 33.33})
    await with_code(shopper, DREAM, CODE, CODE)
    await shopper.check_out()
    session = await shopper.open_session()
    await shopper.pay_session(session)
    assert "Total $47.32" in text(await shopper.look())
    [paid] = (await stripe_client.v1.checkout.sessions.list_async()).data
    assert (paid.amount_total, paid.payment_status) == (4732, "paid")


async def test_a_cancelled_order_gives_its_code_back_with_the_books(
    shopper: Shopper, stripe_client: stripe.StripeClient
) -> None:
    await make_code(stripe_client)
    await with_code(shopper, DREAM)
    await shopper.check_out()
    await shopper.press()
    await shopper.post(f"{shopper.order}/cancellation")
    await shopper.post(f"{shopper.order}/checkout")
    assert "Discount (SPRING) -$3.50" in text(await shopper.get("/cart"))
