"""Prepaid cards are refused above a limit, before they are charged."""

from typing import Any

import pytest

from shop.checks import ConfigurationError
from shop.settings import Settings
from tests.conftest import STAFF_PASSWORD_HASH, ShopUnderTest
from tests.shopper import Shopper, text
from tests.test_payments import intents
from tests.test_webhooks import deliver, event

DATABASE = "sqlite"
DREAM, CODE = "the-dream-machine", "the-code-book"  # $35.00 and $17.99
PREPAID = "pm_card_mastercard_prepaid"
REFUSED = "we cannot take prepaid cards"


def settings_with(shop: ShopUnderTest, **given: str) -> Settings:
    """As the shop would read them from its environment."""
    environment = {
        "INSTANCE_PATH": str(shop.settings.instance),
        "DATABASE_URL": shop.settings.database_url,
        "SECRET_KEY": shop.settings.secret_key,
        "STRIPE_API_BASE": shop.sandbox,
        "STAFF_PASSWORD_HASH": STAFF_PASSWORD_HASH,
    }
    return Settings.from_env(environment | given)


@pytest.fixture
def limited(shopper: Shopper, shop: ShopUnderTest) -> Shopper:
    """A shopper of a shop that takes prepaid cards up to $35.00."""
    shop.app.extensions["settings"] = settings_with(shop, PREPAID_LIMIT="35.00")
    return shopper


async def charged(shopper: Shopper) -> int:
    """By Stripe's word, in cents; what is only authorised counts as well."""
    found = await intents(shopper.stripe)
    return sum(intent.amount_received + intent.amount_capturable for intent in found)


async def test_a_prepaid_card_is_refused_uncharged_and_another_card_pays(limited: Shopper) -> None:
    await limited.check_out(DREAM, CODE)
    page = text(await limited.pay(PREPAID))
    assert await charged(limited) == 0, "the prepaid card was charged"
    assert REFUSED in page
    assert "Nothing was charged" in page
    assert "Thank you" in text(await limited.pay())
    assert await charged(limited) == 5299


async def test_up_to_the_limit_a_prepaid_card_is_as_good_as_any(limited: Shopper) -> None:
    await limited.check_out(DREAM)
    assert "Thank you" in text(await limited.pay(PREPAID))
    await limited.check_out(CODE, DREAM)
    await limited.pay(PREPAID)
    assert await charged(limited) == 3500, "the limit makes no difference"


async def test_what_counts_is_what_the_order_comes_to_when_it_is_paid(limited: Shopper) -> None:
    await limited.check_out(DREAM)
    await limited.check_out(CODE)
    await limited.pay(PREPAID)
    assert await charged(limited) == 0, "a book that was added afterwards does not count"
    await limited.post(f"{limited.order}/cart")
    for quantity in (1, 0):
        await limited.check_out()
        await limited.post(f"/cart/items/{DREAM}", quantity=quantity)
    await limited.check_out()
    assert "Thank you" in text(await limited.pay(PREPAID))
    assert await charged(limited) == 1799


async def test_it_is_refused_though_the_browser_never_comes_back(limited: Shopper) -> None:
    await limited.check_out(DREAM, CODE)
    await limited.press()
    intent = await limited.confirm(PREPAID)
    kind = "succeeded" if intent.status == "succeeded" else "amount_capturable_updated"
    body = event(f"payment_intent.{kind}", {"id": intent.id, "object": "payment_intent"})
    assert (await deliver(limited, body)).status_code == 204
    assert await charged(limited) == 0, "the prepaid card was charged"


async def test_it_is_refused_on_stripes_page_too(limited: Shopper) -> None:
    await limited.check_out(DREAM, CODE)
    await limited.pay_session(await limited.open_session(), PREPAID)
    page = text(await limited.look())
    assert await charged(limited) == 0, "the prepaid card was charged"
    assert REFUSED in page
    await limited.pay_session(await limited.open_session())
    assert "Thank you" in text(await limited.look())


async def test_where_charging_waits_for_shipping_it_is_not_even_authorised(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    given: dict[str, Any] = {"CAPTURE_METHOD": "manual", "PREPAID_LIMIT": "35"}
    shop.app.extensions["settings"] = settings_with(shop, **given)
    await shopper.check_out(DREAM, CODE)
    assert REFUSED in text(await shopper.pay(PREPAID)), "the order is placed with a prepaid card"
    assert "Your order is placed" in text(await shopper.pay())
    assert (await shopper.intent_now()).status == "requires_capture"
    with pytest.raises(ConfigurationError, match="PREPAID_LIMIT"):
        settings_with(shop, PREPAID_LIMIT="little")
