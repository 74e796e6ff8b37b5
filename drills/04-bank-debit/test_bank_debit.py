"""A debit that takes days: what the shopper reads meanwhile, and when it fails."""

from collections.abc import Sequence
from email.message import EmailMessage

import pytest
import pytest_asyncio

from shop.mailing import send_due
from shop.settings import Settings
from tests.conftest import ShopUnderTest
from tests.post_office import PostOffice, by, post, text_of
from tests.shopper import DECLINED, Shopper, text
from tests.test_payments import send_no_webhooks
from tests.test_webhooks import deliver, event

__all__ = ["post"]
DATABASE = "sqlite"
DREAM = "the-dream-machine"
PAYS, FAILS = "pm_usBankAccount_success", "pm_usBankAccount_insufficientFunds"
UNDERWAY, FAILED = "Your payment is under way: $35.00", "Your payment did not go through: $35.00"
RECEIPT = "Your receipt from Colophon: $35.00"
NO_LETTER = "a letter is missing"


@pytest_asyncio.fixture
async def settings(shop: ShopUnderTest, post: PostOffice, shopper: Shopper) -> Settings:
    """The post office takes the letters; the bank waits until it is told to settle."""
    await shopper.http.post(f"{shop.sandbox}/_sandbox/clock", json={"freeze": True})
    found: Settings = by(await post.start(), shop)
    return found


async def days_later(shopper: Shopper, shop: ShopUnderTest) -> str:
    await shopper.http.post(f"{shop.sandbox}/_sandbox/settle")
    return text(await shopper.look())


async def sent(shop: ShopUnderTest, post: PostOffice, settings: Settings) -> list[str]:
    """The subjects of all letters so far."""
    await send_due(shop.db, settings)
    return subjects(post.letters)


def subjects(letters: Sequence[EmailMessage]) -> list[str]:
    return [letter["Subject"] for letter in letters]


async def test_the_page_says_how_long_it_takes_and_from_which_account(
    shopper: Shopper, shop: ShopUnderTest, settings: Settings
) -> None:
    await shopper.check_out(DREAM)
    page = text(await shopper.pay(PAYS))
    assert "Your payment is being processed" in page
    assert "business days" in page, "the page does not say that it takes days"
    assert "We write to ada@example.com" in page
    assert "Bank account Stripe test bank ending in 6789" in page
    assert "Bank account Stripe test bank ending in 6789" in await days_later(shopper, shop)


async def test_a_letter_says_that_it_is_under_way_and_the_receipt_that_it_is_through(
    shopper: Shopper, shop: ShopUnderTest, post: PostOffice, settings: Settings
) -> None:
    await shopper.check_out(DREAM)
    await shopper.pay(PAYS)
    assert await sent(shop, post, settings) == [UNDERWAY], NO_LETTER
    for kind in ("plain", "html"):
        assert f"https://shop.example{shopper.order}" in text_of(post.letters[0], kind)
        assert "paid" not in text_of(post.letters[0], kind)
    await days_later(shopper, shop)
    assert await sent(shop, post, settings) == [UNDERWAY, RECEIPT]


async def test_a_letter_says_that_it_has_failed_and_leads_back_to_the_books(
    shopper: Shopper, shop: ShopUnderTest, post: PostOffice, settings: Settings
) -> None:
    await shopper.check_out(DREAM)
    await shopper.pay(FAILS)
    page = await days_later(shopper, shop)
    assert "Your payment did not go through" in page
    assert "another card" not in page, "no card was used"
    assert await sent(shop, post, settings) == [UNDERWAY, FAILED], NO_LETTER
    for kind in ("plain", "html"):
        assert f"https://shop.example{shopper.order}" in text_of(post.letters[1], kind)
        assert "Nothing was charged" in " ".join(text_of(post.letters[1], kind).split())
    await shopper.pay()
    assert await sent(shop, post, settings) == [UNDERWAY, FAILED, RECEIPT]


async def test_each_attempt_has_its_letters_once_whoever_brings_the_news(
    shopper: Shopper, shop: ShopUnderTest, post: PostOffice, settings: Settings
) -> None:
    await send_no_webhooks(shopper)
    await shopper.check_out(DREAM)
    for attempt in (1, 2):
        await shopper.pay(FAILS)
        await days_later(shopper, shop)
        thing = {"id": shopper.intent_id, "object": "payment_intent"}
        for kind in ("processing", "payment_failed", "payment_failed"):
            body = event(f"payment_intent.{kind}", thing, f"evt_{kind}_{attempt}")
            assert (await deliver(shopper, body)).status_code == 204
        assert sorted(await sent(shop, post, settings)) == sorted([UNDERWAY, FAILED] * attempt), NO_LETTER


async def test_the_same_of_stripes_page(
    shopper: Shopper, shop: ShopUnderTest, post: PostOffice, settings: Settings
) -> None:
    await shopper.check_out(DREAM)
    await shopper.press()
    await shopper.pay_session(await shopper.open_session(), FAILS)
    await shopper.look()
    await days_later(shopper, shop)
    assert await sent(shop, post, settings) == [UNDERWAY, FAILED], NO_LETTER


async def test_who_is_declined_while_paying_gets_no_letter(
    shopper: Shopper, shop: ShopUnderTest, post: PostOffice, settings: Settings
) -> None:
    await shopper.check_out(DREAM)
    await shopper.press()
    with pytest.raises(Exception, match="declined"):
        await shopper.confirm(DECLINED)
    await shopper.look()
    assert await sent(shop, post, settings) == []
    await shopper.pay(PAYS)
    assert await sent(shop, post, settings) == [UNDERWAY], NO_LETTER
