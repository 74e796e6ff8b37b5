"""Discounts of customers, which versions before basil could give, and every version shows and takes away."""

import pytest
import pytest_asyncio
import stripe

OLD = {"stripe_version": "2024-06-20"}


@pytest.fixture
def customers(stripe_client):
    return stripe_client.v1.customers


@pytest_asyncio.fixture
async def coupon(stripe_client):
    return await stripe_client.v1.coupons.create_async({"percent_off": 20, "max_redemptions": 1})


async def test_a_coupon_given_in_an_old_version_is_the_customers_discount_in_all(customers, coupon):
    old = await customers.create_async({"coupon": coupon.id}, OLD)
    assert (old.discount.coupon.percent_off, old.discount.customer) == (20, old.id)
    new = await customers.retrieve_async(old.id, {"expand": ["discount.source.coupon"]})
    assert (new.discount.id, new.discount.source.coupon.times_redeemed) == (old.discount.id, 1)


async def test_a_coupon_is_no_parameter_of_customers_since_basil(customers, coupon):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await customers.create_async({"coupon": coupon.id}, {"stripe_version": "2025-03-31.basil"})
    assert (refused.value.code, refused.value.param) == ("parameter_unknown", "coupon")


async def test_a_coupon_that_is_unknown_or_used_up_is_refused(customers, coupon):
    await customers.create_async({"coupon": coupon.id}, OLD)
    for id, code in (("NOTHING", "resource_missing"), (coupon.id, "coupon_expired")):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            await customers.create_async({"coupon": id}, OLD)
        assert (refused.value.http_status, refused.value.code) == (400, code)


async def test_a_discount_of_months_says_when_it_ends(stripe_client, customers, http):
    await http.post("/_sandbox/clock", json={"set": 1_738_281_600})  # 31 January 2025
    params = {"percent_off": 20, "duration": "repeating", "duration_in_months": 13}
    coupon = await stripe_client.v1.coupons.create_async(params)
    customer = await customers.create_async({"coupon": coupon.id}, OLD)
    await http.post("/_sandbox/clock", json={"reset": True})
    assert customer.discount.end == pytest.approx(1_772_236_800, abs=60)  # 28 February 2026


async def test_a_discount_comes_changes_and_goes_with_its_event(stripe_client, customers, coupon):
    other = await stripe_client.v1.coupons.create_async({"percent_off": 30})
    customer = await customers.create_async({"coupon": coupon.id}, OLD)
    for id in (other.id, "", other.id):
        await customers.update_async(customer.id, {"coupon": id}, OLD)
    gone = await customers.delete_discount_async(customer.id)
    assert (gone.object, gone.deleted, gone.source.coupon) == ("discount", True, other.id)
    told = [event.type for event in (await stripe_client.v1.events.list_async({"limit": 20})).data]
    found = [type.removeprefix("customer.discount.") for type in told if "discount" in type]
    assert found[::-1] == ["created", "updated", "deleted", "created", "deleted"]
    with pytest.raises(stripe.InvalidRequestError, match="No active discount"):
        await customers.delete_discount_async(customer.id)
