"""A customer is at Stripe once, or the audit says so."""

from typing import Any

from sqlalchemy import update

from shop.models import Customer
from tests.conftest import ShopUnderTest
from tests.shopper import Shopper
from tests.signing_in import ADA, customer_of, sign_in
from tests.test_audit import found, left_after_mending
from tests.test_payment_races import change
from tests.test_saved_cards import DREAM, cards_secret, save


async def test_after_a_card_was_saved_and_used_there_is_nothing(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await sign_in(shopper, shop)
    await save(shopper)
    await sign_in(shopper, shop, "eve@example.com")  # who has not paid: Stripe knows nothing of her
    assert await found(shop) == []


async def test_one_that_stripe_does_not_know_is_forgotten_and_made_again(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await sign_in(shopper, shop)
    await change(shop, update(Customer).values(stripe_id="cus_of_another_account"))
    assert await found(shop) == ["a customer that Stripe does not know"]
    assert await left_after_mending(shop) == []
    await shopper.check_out(DREAM)
    assert await cards_secret(shopper)
    assert await found(shop) == []


async def test_a_second_at_stripe_is_left_to_a_person(shopper: Shopper, shop: ShopUnderTest) -> None:
    await sign_in(shopper, shop)
    await save(shopper)
    metadata = {"customer": (await customer_of(shop)).public_id}
    twin: Any = {"email": ADA, "metadata": metadata}
    await shopper.stripe.v1.customers.create_async(twin)
    assert await left_after_mending(shop) == ["more than one customer at Stripe"]
