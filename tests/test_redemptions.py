"""A promotion code is redeemed as often as it may be, whoever presses Pay at the same moment."""

import asyncio
from collections import Counter

import stripe
from sqlalchemy import func, select

from shop.models import Redemption
from tests.conftest import NewShopper, ShopUnderTest
from tests.shopper import DECLINED, Shopper, text
from tests.test_promotion_codes import make_code, with_code
from tests.test_stock import leave

DREAM, FLATLAND = "the-dream-machine", "flatland"
USED_UP = "The code SPRING has been used as often as it may be."


async def to_the_pay_page(shopper: Shopper, slug: str = FLATLAND, code: str = "SPRING") -> Shopper:
    await (await with_code(shopper, slug, code=code)).check_out()
    return shopper


async def redemptions(shop: ShopUnderTest) -> Counter[str]:
    async with shop.db.read() as session:
        rows = select(Redemption.state, func.count()).group_by(Redemption.state)
        return Counter({str(state): count for state, count in await session.execute(rows)})


async def test_of_many_who_press_pay_at_once_as_many_get_the_code_as_it_allows(
    shop: ShopUnderTest, new_shopper: NewShopper, stripe_client: stripe.StripeClient
) -> None:
    await make_code(stripe_client, max_redemptions=2)
    crowd = [await to_the_pay_page(new_shopper()) for _ in range(6)]
    presses = await asyncio.gather(*(each.press() for each in crowd))
    won = [each for each, reply in zip(crowd, presses, strict=True) if reply.status_code == 204]
    lost = [each for each, reply in zip(crowd, presses, strict=True) if USED_UP in text(reply)]
    assert (len(won), len(lost)) == (2, 4)
    assert await redemptions(shop) == {"held": 2}
    await won[0].confirm()
    assert "Thank you" in text(await won[0].look())
    await won[1].post(f"{won[1].order}/cancellation")
    assert await redemptions(shop) == {"redeemed": 1}
    assert (await lost[0].press()).status_code == 204  # what was let go is there for somebody else
    assert USED_UP in text(await lost[1].press())


async def test_of_many_free_orders_at_once_as_many_are_complete_as_the_code_allows(
    shop: ShopUnderTest, new_shopper: NewShopper, stripe_client: stripe.StripeClient
) -> None:
    await make_code(stripe_client, coupon={"percent_off": 100, "max_redemptions": 2})
    crowd = [await with_code(new_shopper(), FLATLAND) for _ in range(5)]
    replies = await asyncio.gather(*(each.post("/checkout") for each in crowd))
    assert sorted(reply.status_code for reply in replies) == [303, 303, 409, 409, 409]
    assert await redemptions(shop) == {"redeemed": 2}


async def test_a_declined_card_lets_the_code_go_and_the_next_press_takes_it_again(
    shop: ShopUnderTest, shopper: Shopper, stripe_client: stripe.StripeClient
) -> None:
    await make_code(stripe_client, max_redemptions=1)
    await to_the_pay_page(shopper)
    await shopper.press()
    for _ in range(2):
        assert await redemptions(shop) == {"held": 1}
        try:
            await shopper.confirm(DECLINED)
        except stripe.CardError:
            await shopper.look()
        assert await redemptions(shop) == {}
        assert (await shopper.press()).status_code == 204
    await shopper.confirm()
    await shopper.look()
    assert await redemptions(shop) == {"redeemed": 1}


async def test_a_code_that_is_used_up_is_told_at_the_cart_and_at_check_out(
    shopper: Shopper, new_shopper: NewShopper, stripe_client: stripe.StripeClient
) -> None:
    await make_code(stripe_client, max_redemptions=1)
    await with_code(late := new_shopper(), FLATLAND)
    await (await to_the_pay_page(shopper)).pay()
    assert f"{USED_UP} Remove it to check out at the full price." in text(await late.post("/checkout"))
    await (other := new_shopper()).add(DREAM)
    assert USED_UP in text(await other.post("/cart/discount", code="SPRING"))


async def test_the_codes_of_a_coupon_share_what_it_allows(
    shopper: Shopper, new_shopper: NewShopper, stripe_client: stripe.StripeClient
) -> None:
    first = await make_code(stripe_client, "ONE", {"percent_off": 10, "max_redemptions": 1})
    coupon = {"type": "coupon", "coupon": str(first.promotion.coupon)}
    await stripe_client.v1.promotion_codes.create_async({"promotion": coupon, "code": "TWO"})  # type: ignore[typeddict-item]
    await to_the_pay_page(other := new_shopper(), code="TWO")
    await (await to_the_pay_page(shopper, code="ONE")).pay()
    assert "The code TWO has been used as often" in text(await other.press())


async def test_a_code_that_ended_meanwhile_is_told_at_check_out_and_at_the_press(
    shop: ShopUnderTest, shopper: Shopper, new_shopper: NewShopper, stripe_client: stripe.StripeClient
) -> None:
    made = await make_code(stripe_client)
    await to_the_pay_page(paying := new_shopper())
    await with_code(shopper, FLATLAND)
    await stripe_client.v1.promotion_codes.update_async(made.id, {"active": False})
    reply = await shopper.post("/checkout", total=1)
    assert "The code SPRING is not valid any more. Remove it to check out" in text(reply)
    reply = await paying.press()
    assert (reply.status_code, "The code SPRING is not valid any more." in text(reply)) == (409, True)


async def test_a_code_for_first_orders_is_held_against_the_email_address(
    shopper: Shopper, new_shopper: NewShopper, stripe_client: stripe.StripeClient
) -> None:
    await make_code(stripe_client, restrictions={"first_time_transaction": True})
    await (await to_the_pay_page(shopper)).pay(email="ada@example.com")
    await to_the_pay_page(again := new_shopper())
    assert "The code SPRING is for a first order only." in text(await again.press("Ada@Example.com"))
    assert (await again.press("bob@example.com")).status_code == 204


async def test_a_payment_behind_the_shops_back_is_given_back_where_the_code_is_used_up(
    shop: ShopUnderTest, shopper: Shopper, new_shopper: NewShopper, stripe_client: stripe.StripeClient
) -> None:
    await make_code(stripe_client, max_redemptions=1)
    await to_the_pay_page(sly := new_shopper())
    await (await to_the_pay_page(shopper)).pay()
    await sly.confirm()
    page = text(await sly.look())
    assert "Your payment was given back" in page
    assert "the code SPRING could not be used any more" in page
    assert await redemptions(shop) == {"redeemed": 1}


async def test_a_payment_that_is_given_back_for_want_of_a_copy_redeems_no_code(
    shop: ShopUnderTest, shopper: Shopper, new_shopper: NewShopper, stripe_client: stripe.StripeClient
) -> None:
    await make_code(stripe_client)
    await leave(shop, 1, FLATLAND)
    await to_the_pay_page(sly := new_shopper())
    await shopper.check_out(FLATLAND)
    await shopper.pay()
    await sly.confirm()
    assert "Your payment was given back" in text(await sly.look())
    assert await redemptions(shop) == {}


async def test_stripes_page_holds_the_code_and_lets_it_go(
    shop: ShopUnderTest, shopper: Shopper, stripe_client: stripe.StripeClient
) -> None:
    await make_code(stripe_client, max_redemptions=1)
    await to_the_pay_page(shopper)
    await shopper.open_session()
    assert await redemptions(shop) == {"held": 1}
    await shopper.post(f"{shopper.order}/intent")
    assert await redemptions(shop) == {}
