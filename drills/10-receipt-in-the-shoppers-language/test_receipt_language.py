"""The receipt is in the language that the shopper's browser asked for when ordering."""

import re
from email.message import EmailMessage
from typing import Any

import httpx
import pytest_asyncio

from shop.mailing import send_due
from tests.conftest import NewShopper, ShopUnderTest
from tests.post_office import PostOffice, by, post, text_of
from tests.shopper import TAGS, Shopper, text
from tests.test_payments import send_no_webhooks
from tests.test_webhooks import deliver, event

__all__ = ["post"]
DATABASE = "sqlite"
DREAM, EBOOK = "the-dream-machine", "the-last-page"
GERMAN, ENGLISH = "Ihre Quittung von Colophon: 35,00 $", "Your receipt from Colophon: $35.00"
SAID_IN_ENGLISH = (
    "Thank you|your order|total|shipping|free|tax|included|order C-|charged|ending in|download|until|times|any device"
    "|is something|write to|goes back|banks"
)


class Letters:
    """Those that the shop has written, when it sends all that are due."""

    def __init__(self, shop: ShopUnderTest, post: PostOffice, settings: Any) -> None:
        self.shop, self.post, self.settings = shop, post, settings

    async def sent(self) -> list[EmailMessage]:
        self.post.letters.clear()
        await send_due(self.shop.db, self.settings)
        return self.post.letters

    async def subjects(self) -> list[str]:
        return [str(letter["Subject"]).replace("\xa0", " ") for letter in await self.sent()]


@pytest_asyncio.fixture
async def letters(shop: ShopUnderTest, post: PostOffice) -> Letters:
    return Letters(shop, post, by(await post.start(), shop))


async def buy(shopper: Shopper, language: str, *slugs: str) -> None:
    """Checked out by a browser that asks for a language, paid with nothing said of one."""
    await send_no_webhooks(shopper)
    shopper.http.headers["Accept-Language"] = language
    await shopper.check_out(*slugs or (DREAM,))
    shopper.http.headers["Accept-Language"] = "en-US"
    assert "Thank you" in text(await shopper.pay())


async def test_who_ordered_in_german_gets_a_german_receipt(shopper: Shopper, letters: Letters) -> None:
    await buy(shopper, "de-AT,de;q=0.9,en;q=0.5")
    [letter] = await letters.sent()
    assert str(letter["Subject"]).replace("\xa0", " ") == GERMAN, "the subject is not German"
    for kind in ("plain", "html"):
        said = text_of(letter, kind).replace("\xa0", " ")
        for told in ("Danke: Ihre Bestellung ist bezahlt", "Summe", "35,00 $", "The Dream Machine"):
            assert told in said, told
    assert '<html lang="de">' in text_of(letter, "html")


async def test_no_english_is_left_in_it(shopper: Shopper, letters: Letters) -> None:
    await buy(shopper, "de", DREAM, EBOOK)
    intent = await shopper.intent_now()
    await shopper.stripe.v1.refunds.create_async({"payment_intent": intent.id, "amount": 100})
    await shopper.stripe.v1.refunds.create_async({"payment_intent": intent.id, "amount": 200})
    await news_of(shopper)
    [letter] = await letters.sent()
    for kind in ("plain", "html"):
        said = re.sub(r"https?://\S+|books@\S+", "", TAGS.sub(" ", text_of(letter, kind)))
        english = re.findall(rf"\b(?:{SAID_IN_ENGLISH})\b", said, re.I)
        assert english == [], f"the {kind} part says {english}"


async def news_of(shopper: Shopper) -> None:
    """Of what was done at Stripe."""
    body = event("charge.refunded", {"object": "charge", "payment_intent": shopper.intent_id})
    assert (await deliver(shopper, body)).status_code == 204


async def test_the_browsers_first_wish_counts_that_the_shop_can_fulfil(
    new_shopper: NewShopper, letters: Letters
) -> None:
    asked = {
        "de": GERMAN,
        "fr, de-CH;q=0.8, en;q=0.5": GERMAN,
        "en;q=0.4, DE;q=0.6": GERMAN,
        "en-GB, de;q=0.9": ENGLISH,
        "de;q=0, fr": ENGLISH,
        "*": ENGLISH,
        "x" * 500 + ";q=;,,;-": ENGLISH,
    }
    found = {}
    for language in asked:
        await buy(new_shopper(), language)
        [found[language]] = await letters.subjects()
    assert {said for said in asked if found[said] != asked[said]} == set(), "these got the other language"


async def test_each_of_several_letters_has_its_own_and_a_second_copy_too(
    new_shopper: NewShopper, staff: httpx.AsyncClient, letters: Letters
) -> None:
    shoppers = [new_shopper() for _ in range(3)]
    for shopper, language in zip(shoppers, ("de", "en", "de"), strict=True):
        await buy(shopper, language)
    assert await letters.subjects() == [GERMAN, ENGLISH, GERMAN], "not each in its own language"
    await staff.post(f"/staff{shoppers[0].order}/receipts", data={"number": "2"})
    assert await letters.subjects() == [GERMAN]
    assert "Thank you: your order is paid" in text(await shoppers[0].look())


async def test_the_last_check_out_counts_and_buy_now_is_one(shopper: Shopper, letters: Letters) -> None:
    await send_no_webhooks(shopper)
    await shopper.add(DREAM)
    for language in ("de", "en"):
        shopper.http.headers["Accept-Language"] = language
        await shopper.check_out()
    await shopper.pay()
    for language in ("en", "de"):
        shopper.http.headers["Accept-Language"] = language
        await shopper.buy_now(DREAM)
    await shopper.pay()
    assert await letters.subjects() == [ENGLISH, GERMAN], "not the language of the last check-out"
