"""What a promotion code takes off, to the cent, and the sentence where it takes off nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe

from shop.discounts import amount_off, problem_with
from shop.models import Promotion
from shop.pricing import Line, Quote
from tests.conftest import ShopUnderTest

DATABASE = "sqlite"
NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
BOOKS = Quote((Line(1, "flatland", "Flatland", "Edwin A. Abbott", 1299, 1),), "usd")


def promotion(**said: Any) -> Promotion:
    return Promotion(code="SPRING", coupon="c", **{"active": True, "restricted": False, **said})


@pytest.mark.parametrize(
    ("said", "subtotal", "off"),
    [
        ({"percent_off": "10.0"}, 1295, 130),  # half a cent is the shopper's
        ({"percent_off": "33.33"}, 1000, 333),
        ({"percent_off": "100.0"}, 1299, 1299),
        ({"amount_off": 500, "currency": "usd"}, 1299, 500),
        ({"amount_off": 5000, "currency": "usd"}, 1299, 1299),
    ],
)
def test_a_code_takes_off_what_stripe_would(said: dict[str, Any], subtotal: int, off: int) -> None:
    assert amount_off(promotion(**said), subtotal) == off


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"ends_at": NOW}, "The code SPRING ended on 4 May 2026, 12:00 UTC."),
        ({"allowed": 0}, "The code SPRING has been used as often as it may be."),
        ({"allowed_of_coupon": 0}, "The code SPRING has been used as often as it may be."),
        ({"active": False}, "The code SPRING is not valid any more."),
        ({"restricted": True}, "The code SPRING cannot be used in this shop."),
        ({"currency": "eur"}, "The code SPRING is for orders in EUR, and yours is in USD."),
        (
            {"minimum_amount": 1300, "minimum_currency": "usd"},
            "The code SPRING is for orders of $13.00 or more: yours needs books for $0.01 more.",
        ),
        ({"minimum_amount": 1299, "minimum_currency": "usd"}, None),
        ({"ends_at": NOW + timedelta(seconds=1), "allowed": 1}, None),
    ],
)
def test_each_reason_against_a_code_has_its_sentence(said: dict[str, Any], sentence: str | None) -> None:
    assert problem_with(promotion(**said), BOOKS, NOW) == sentence


async def test_of_codes_with_the_same_letters_the_one_in_force_is_found(
    shop: ShopUnderTest, stripe_client: stripe.StripeClient
) -> None:
    coupon = await stripe_client.v1.coupons.create_async({"percent_off": 10})
    made = []
    for _ in range(2):
        code = await stripe_client.v1.promotion_codes.create_async(
            {"promotion": {"type": "coupon", "coupon": coupon.id}, "code": "SPRING"}
        )
        made.append(code.id)
        await stripe_client.v1.promotion_codes.update_async(code.id, {"active": False})
    gateway = shop.app.extensions["gateway"]
    assert (await gateway.find_promotion("spring")).id == made[1]
    await stripe_client.v1.promotion_codes.update_async(made[0], {"active": True})
    found = await gateway.find_promotion("spring")
    assert (found.id, found.promotion.coupon.percent_off) == (made[0], 10)
    assert await gateway.find_promotion("AUTUMN") is None
