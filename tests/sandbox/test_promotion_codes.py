"""Coupons and promotion codes, by themselves and on Checkout Sessions."""

import time

import httpx
import pytest
import pytest_asyncio
import stripe
from playwright.async_api import expect

from shop.welcome import DEMO_CODES

from .conftest import sandbox_at
from .test_checkout_sessions import BOOK, HOSTED
from .test_hosted_checkout import open_hosted, shop
from .test_payment_pages import CARD, open_page

__all__ = ["open_hosted", "open_page", "shop"]


@pytest.fixture
def api(stripe_client):
    return stripe_client.v1


@pytest_asyncio.fixture
async def spring(api):
    """SPRING10: a tenth off."""

    async def make(**code):
        coupon = await api.coupons.create_async({"percent_off": 10, "duration": "once", "name": "Spring"})
        promotion = {"type": "coupon", "coupon": coupon.id}
        return await api.promotion_codes.create_async({"promotion": promotion, "code": "SPRING10", **code})

    return make


async def test_a_coupon_has_the_values_that_stripes_have(api):
    coupon = await api.coupons.create_async({"id": "TEN", "percent_off": 10.5, "duration": "forever"})
    assert (coupon.id, coupon.percent_off, coupon.duration, coupon.valid) == ("TEN", 10.5, "forever", True)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await api.coupons.create_async({"id": "TEN", "percent_off": 1})
    assert refused.value.code == "resource_already_exists"
    assert (await api.coupons.delete_async("TEN")).deleted


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({}, "percent_off"),
        ({"percent_off": 101}, "percent_off"),
        ({"amount_off": 5}, "amount_off"),
        ({"percent_off": 5, "duration": "repeating"}, "duration_in_months"),
    ],
)
async def test_what_cannot_be_a_coupon_is_refused(api, params, param):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await api.coupons.create_async(params)
    assert refused.value.param == param


async def test_an_active_code_is_there_once_in_any_case_and_found_by_it(api, spring):
    code = await spring()
    with pytest.raises(stripe.InvalidRequestError, match="already exists"):
        await spring(code="spring10")
    listed = await api.promotion_codes.list_async({"code": "Spring10", "expand": ["data.promotion.coupon"]})
    assert [(each.id, each.promotion.coupon.percent_off) for each in listed.data] == [(code.id, 10)]
    await api.promotion_codes.update_async(code.id, {"active": False})
    assert (await spring()).active


async def test_older_versions_name_the_coupon_itself(client_for, sandbox, api):
    coupon = await api.coupons.create_async({"percent_off": 10})
    client = client_for(sandbox.url, stripe_version="2024-06-20")
    made = await client.raw_request_async("post", "/v1/promotion_codes", coupon=coupon.id)
    code = client.deserialize(made, api_mode="V1")
    assert (await api.promotion_codes.retrieve_async(code.id)).promotion.coupon == coupon.id


async def test_a_code_lowers_the_total_and_its_uses_are_counted(open_page, spring, api):
    page, code = await open_page(allow_promotion_codes=True), await spring(max_redemptions=1)
    changed = await page.change(promotion_code="spring10")
    assert (changed["amount_total"], changed["discounts"][0]["amount"]) == (1800, 200)
    assert (await page.confirm(**CARD)).json()["payment_intent"]["amount"] == 1800
    session = await page.retrieve("total_details.breakdown", "line_items", "discounts.promotion_code")
    assert (session.amount_total, session.total_details.amount_discount) == (1800, 200)
    assert session.total_details.breakdown.discounts[0].discount.source.coupon == code.promotion.coupon
    assert (session.line_items.data[0].amount_discount, session.discounts[0].promotion_code.code) == (
        200,
        "SPRING10",
    )
    assert (await api.promotion_codes.retrieve_async(code.id)).active is False


async def test_a_code_can_be_taken_away_again(open_page, spring):
    page = await open_page(allow_promotion_codes=True)
    await spring()
    await page.change(promotion_code="SPRING10")
    assert (await page.change(promotion_code=""))["amount_total"] == 2000


@pytest.mark.parametrize(
    "limits",
    [
        {"restrictions": {"minimum_amount": 5000, "minimum_amount_currency": "usd"}},
        {"restrictions": {"minimum_amount": 50, "minimum_amount_currency": "eur"}},
        {"expires_at": int(time.time()) - 1},
        {"active": False},
    ],
)
async def test_a_code_that_does_not_fit_is_refused(open_page, spring, limits):
    page = await open_page(allow_promotion_codes=True)
    await spring(**limits)
    refused = await page.change(promotion_code="SPRING10")
    assert refused["error"]["code"] == "promotion_code_invalid"
    assert (await page.read())["amount_total"] == 2000


async def test_the_shops_own_discount_is_spread_over_the_lines(api):
    coupon = await api.coupons.create_async({"amount_off": 1000, "currency": "usd"})
    items = [BOOK, {**BOOK, "quantity": 2}]
    session = await api.checkout.sessions.create_async(
        {**HOSTED, "line_items": items, "discounts": [{"coupon": coupon.id}], "expand": ["line_items"]}
    )
    assert session.amount_total == 5000
    assert [line.amount_discount for line in session.line_items.data] == [333, 667]


async def test_a_coupon_for_one_product_leaves_the_others_alone(api):
    product = await api.products.create_async({"name": "A map"})
    coupon = await api.coupons.create_async({"percent_off": 50, "applies_to": {"products": [product.id]}})
    map_ = {"price_data": {"currency": "usd", "unit_amount": 1000, "product": product.id}, "quantity": 1}
    session = await api.checkout.sessions.create_async(
        {**HOSTED, "line_items": [BOOK, map_], "discounts": [{"coupon": coupon.id}]}
    )
    assert session.amount_total == 2500


async def test_all_off_needs_no_card(open_page, api):
    coupon = await api.coupons.create_async({"percent_off": 100})
    page = await open_page(discounts=[{"coupon": coupon.id}])
    answer = (await page.confirm()).json()
    assert (answer["status"], answer["payment_status"]) == ("complete", "no_payment_required")


async def test_the_hosted_page_takes_a_code_and_keeps_what_was_typed(open_hosted, spring):
    page = (await open_hosted(scripts=False, allow_promotion_codes=True)).page
    await spring()
    await page.locator("#email").fill("ada@example.com")
    await page.get_by_label("Promotion code").fill("WINTER")
    await page.get_by_role("button", name="Apply").click()
    await expect(page.locator("#promotionCode-error")).to_have_text("This promotion code is invalid.")
    await page.get_by_label("Promotion code").fill("spring10")
    await page.get_by_role("button", name="Apply").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("$18.00")
    await expect(page.locator("#email")).to_have_value("ada@example.com")


async def test_codes_of_the_settings_are_there_from_the_start_and_after_a_reset(tmp_path, client_for):
    async with sandbox_at(tmp_path / "sandbox.db", promotion_codes=DEMO_CODES) as sandbox:
        async with httpx.AsyncClient(base_url=sandbox.url) as http:
            assert (await http.post("/_sandbox/reset")).is_success
            cards = (await http.get("/_sandbox/cards")).text
        page = await client_for(sandbox.url).v1.promotion_codes.list_async(
            {"code": "fiveoff", "active": True}
        )
    assert '<code class="number">WELCOME10</code> <span>10% off</span>' in cards
    assert '<code class="number">FIVEOFF</code> <span>$5.00 off</span>' in cards
    assert [code.code for code in page.data] == ["FIVEOFF"]
