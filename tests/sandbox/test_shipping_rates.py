"""Shipping rates, and choosing among them on Checkout Sessions."""

import pytest
import stripe
from playwright.async_api import expect

from .test_checkout_sessions import ELEMENTS
from .test_hosted_checkout import open_hosted, shop
from .test_payment_pages import CARD, open_page

__all__ = ["open_hosted", "open_page", "shop"]

GROUND = {
    "display_name": "Ground",
    "fixed_amount": {"amount": 500, "currency": "usd"},
    "type": "fixed_amount",
}
AIR = {
    "shipping_rate_data": {
        **GROUND,
        "display_name": "Air",
        "fixed_amount": {"amount": 1500, "currency": "usd"},
    }
}
DAYS = {"unit": "business_day", "value": 5}


async def test_a_rate_is_made_listed_and_put_out_of_use(stripe_client):
    rates = stripe_client.v1.shipping_rates
    rate = await rates.create_async({**GROUND, "delivery_estimate": {"minimum": DAYS}})
    assert (rate.fixed_amount.amount, rate.delivery_estimate.minimum.value, rate.active) == (500, 5, True)
    await rates.update_async(rate.id, {"active": False})
    assert [each.id for each in (await rates.list_async({"active": False})).data] == [rate.id]


async def test_the_first_way_counts_until_another_is_chosen(open_page, stripe_client):
    rate = await stripe_client.v1.shipping_rates.create_async(GROUND)
    page = await open_page(shipping_options=[{"shipping_rate": rate.id}, AIR])
    assert (page.session.amount_total, page.session.total_details.amount_shipping) == (2500, 500)
    air = (await page.read())["shipping_options"][1]
    assert (await page.change(shipping_rate=air["id"]))["amount_total"] == 3500
    address = {"shipping_address[name]": "Ada L", "shipping_address[address][country]": "US"}
    await page.confirm(**CARD, **address)
    session = await page.retrieve("shipping_cost.shipping_rate", "payment_intent")
    assert (session.shipping_cost.shipping_rate.display_name, session.shipping_cost.amount_total) == (
        "Air",
        1500,
    )
    assert (
        session.collected_information.shipping_details.name == session.payment_intent.shipping.name == "Ada L"
    )


async def test_a_rate_in_another_currency_is_refused(stripe_client):
    euros = {"shipping_rate_data": {**GROUND, "fixed_amount": {"amount": 5, "currency": "eur"}}}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await stripe_client.v1.checkout.sessions.create_async({**ELEMENTS, "shipping_options": [euros]})
    assert refused.value.param == "shipping_options[0]"


@pytest.mark.parametrize("scripts", [True, False])
async def test_the_hosted_page_offers_them(open_hosted, scripts):
    hosted = await open_hosted(scripts, shipping_options=[{"shipping_rate_data": GROUND}, AIR])
    await hosted.page.get_by_label("Air").check()
    await expect(hosted.page.get_by_role("heading", level=1)).to_contain_text(
        "$35.00" if scripts else "$25.00"
    )
    await hosted.pay()
    if not scripts:
        await expect(hosted.page.get_by_role("alert")).to_contain_text("has changed the total")
        await expect(hosted.page.get_by_role("heading", level=1)).to_contain_text("$35.00")
        await hosted.page.get_by_role("button", name="Pay", exact=True).click()
    assert (await hosted.is_paid()).amount_total == 3500
