"""Money that goes back by Stripe’s word: copied down once, however often it is told, and the sums add up."""

from typing import Any

from tests.conftest import ShopUnderTest
from tests.refunding import Paid, bought
from tests.shopper import VISA, Shopper


async def test_refunds_made_in_the_dashboard_become_rows_by_any_event(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    paid = await bought(shopper, shop)
    for kind in ("charge.refunded", "charge.refund.updated", "refund.created", "refund.updated"):
        await paid.in_dashboard(100, reason="duplicate")
        await paid.hear(kind)
        assert await paid.amount_refunded() == sum(amount for amount, _ in await paid.rows())
    page = await paid.page()
    assert "Refunded $4.00" in page
    assert "(charged twice)" in page


async def test_refunds_in_parts_add_up_however_often_they_are_told(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    paid = await bought(shopper, shop)
    for number, amount in enumerate((1000, 2500, 1799)):
        await paid.in_dashboard(amount)
        await paid.hear("refund.created", number)
        await paid.hear("refund.updated", number)
    assert await paid.rows() == [(1000, "succeeded"), (2500, "succeeded"), (1799, "succeeded")]
    assert (await paid.history()).count("refunded") == 3
    page = await paid.page()
    assert "Refunded $52.99" in page
    assert "Your payment was given back" in page


async def test_more_refunds_than_stripe_lists_at_once_are_all_copied_down(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    paid = await bought(shopper, shop)
    for _ in range(12):
        await paid.in_dashboard(100)
    await paid.hear("refund.created")
    assert await paid.rows() == [(100, "succeeded")] * 12
    assert "Refunded $12.00" in await paid.page()


async def test_a_refund_that_fails_later_is_told_and_counts_no_more(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    paid = await bought(shopper, shop, "pm_card_refundFail")
    await paid.in_dashboard(1000)
    await paid.hear("refund.created")
    await paid.settle()
    await paid.hear("refund.failed")
    assert await paid.rows() == [(1000, "failed")]
    page = await paid.page()
    assert "Refunded $10.00" not in page
    assert "Did not go through" in page
    assert "Refund failed" in page


async def test_a_refund_on_its_way_counts_until_it_arrives(shopper: Shopper, shop: ShopUnderTest) -> None:
    paid = await bought(shopper, shop, "pm_card_pendingRefund")
    await paid.in_dashboard(1000)
    await paid.hear("refund.created")
    assert "Refunded $10.00" in (page := await paid.page())
    assert "On its way" in page
    await paid.settle()
    await paid.hear("refund.updated")
    assert await paid.rows() == [(1000, "succeeded")]
    assert "On its way" not in await paid.page()


async def test_a_refund_of_another_application_is_none_of_our_business(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    paid = await bought(shopper, shop)
    params: Any = {"amount": 500, "currency": "usd", "payment_method": VISA, "confirm": True}
    params |= {"automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}}
    other = await shopper.stripe.v1.payment_intents.create_async(params)
    await Paid(shopper, shop, other.id).in_dashboard(500)
    await Paid(shopper, shop, other.id).hear("refund.created")
    assert await paid.rows() == []
