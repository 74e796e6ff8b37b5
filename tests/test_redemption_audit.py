"""An audit finds codes that were redeemed by nobody, for nothing, or too often."""

import stripe
from sqlalchemy import delete, update

from shop.models import OrderLine, Promotion, Redemption, RedemptionState
from tests.conftest import NewShopper, ShopUnderTest
from tests.shopper import Shopper
from tests.test_audit import found
from tests.test_payment_races import change
from tests.test_promotion_codes import make_code
from tests.test_redemptions import to_the_pay_page


async def test_every_use_of_a_code_is_held_against_its_order(
    shop: ShopUnderTest, shopper: Shopper, new_shopper: NewShopper, stripe_client: stripe.StripeClient
) -> None:
    await make_code(stripe_client, max_redemptions=2)
    await (await to_the_pay_page(shopper)).pay()
    await (await to_the_pay_page(other := new_shopper())).press()
    assert await found(shop) == []
    await change(shop, update(Promotion).values(allowed=1, allowed_of_coupon=1))
    assert await found(shop) == ["redeemed too often", "redeemed too often"]
    await change(shop, update(Promotion).values(allowed=None, allowed_of_coupon=None))
    await change(shop, update(Redemption).values(state=RedemptionState.REDEEMED))
    assert await found(shop) == ["a code redeemed by what is not paid"]
    await other.post(f"{other.order}/cancellation")
    await change(shop, update(Redemption).values(state=RedemptionState.HELD))
    assert await found(shop) == 2 * ["holds a code that nobody pays with"]
    await change(shop, delete(Redemption))
    await change(shop, update(OrderLine).values(discount=0))
    assert sorted(set(await found(shop))) == [
        "redeemed another code than it was sold with",
        "the lines do not share the discount",
    ]
