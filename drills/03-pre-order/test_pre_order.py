"""A book that is not out yet: the card is saved now and charged on release."""

import re

import pytest
import pytest_asyncio
import stripe
from sqlalchemy import select, update

from shop.db import Database
from shop.mailing import send_due
from shop.models import Book
from shop.settings import Settings
from tests.conftest import NewShopper, ShopUnderTest
from tests.post_office import PostOffice, by, post, text_of
from tests.shopper import VISA, Shopper, text
from tests.terminal import Run, run
from tests.test_payment_races import change
from tests.test_payments import send_no_webhooks

__all__ = ["post", "run"]
DATABASE = "sqlite"
DREAM = "the-dream-machine"
REFUSED_LATER = "pm_card_chargeCustomerFail"


@pytest_asyncio.fixture(autouse=True)
async def no_webhooks(shopper: Shopper) -> None:
    """The command runs beside the shop in one process here, where the two would wait for each other's locks."""
    await send_no_webhooks(shopper)


@pytest_asyncio.fixture
async def settings(shop: ShopUnderTest, post: PostOffice) -> Settings:
    """Those of the shop, with the post office as its mail server."""
    found: Settings = by(await post.start(), shop)
    return found


async def tell(run: Run, command: str) -> str:
    """`shop announce` or `shop release`; what it says."""
    try:
        status, said = await run(command, DREAM)
    except SystemExit:
        pytest.fail(f"there is no command `shop {command}`")
    assert status == 0, said
    return said


async def pre_order(shopper: Shopper, card: str = VISA, email: str = "ada@example.com") -> str:
    """Save a card as a browser does; the path of the pre-order's page."""
    page = await shopper.get(f"/books/{DREAM}")
    form = re.search(rf'action="/books/{DREAM}/pre-order".*?name="visit" value="([^"]+)"', page.text, re.S)
    assert form, "the book's page offers no pre-order"
    reply = await shopper.post(f"/books/{DREAM}/pre-order", visit=form[1])
    assert reply.status_code == 303, text(reply)
    again = await shopper.post(f"/books/{DREAM}/pre-order", visit=form[1])  # a double click
    assert again.headers["Location"] == reply.headers["Location"]
    path: str = reply.headers["Location"]
    link = re.search(r'href="https?://[^"]*/(cs_\w+)[^"]*"', (await shopper.get(path)).text)
    assert link, "the page of the pre-order does not lead to Stripe's page"
    typed = {"payment_method": card, "email": email}
    await shopper.stripe.raw_request_async("post", f"/v1/payment_pages/{link[1]}/confirm", **typed)
    return path


async def intents(shopper: Shopper) -> list[stripe.PaymentIntent]:
    return (await shopper.stripe.v1.payment_intents.list_async()).data


async def order_of(shopper: Shopper, path: str) -> str:
    reply = await shopper.get(path)
    assert reply.status_code == 303, f"a pre-order that was released leads to its order: {text(reply)}"
    shopper.order = reply.headers["Location"]
    return text(await shopper.look())


async def test_what_is_announced_can_be_pre_ordered_and_not_be_bought(shopper: Shopper, run: Run) -> None:
    visit = {"visit": "a" * 22}
    assert "Add to cart" in (await shopper.get(f"/books/{DREAM}")).text
    assert (await shopper.post(f"/books/{DREAM}/pre-order", **visit)).status_code in (404, 409)
    await tell(run, "announce")
    page = await shopper.get(f"/books/{DREAM}")
    assert "Pre-order" in text(page)
    assert "Add to cart" not in page.text
    assert (await shopper.add(DREAM)).status_code == 409
    assert (await shopper.post(f"/books/{DREAM}/checkout")).status_code == 409


async def test_the_card_is_saved_and_nothing_is_charged(shopper: Shopper, run: Run) -> None:
    await tell(run, "announce")
    page = text(await shopper.get(await pre_order(shopper)))
    assert "Your card is saved" in page
    assert "$35.00" in page
    assert await intents(shopper) == []
    [session] = (await shopper.stripe.v1.checkout.sessions.list_async()).data
    setup = await shopper.stripe.v1.setup_intents.retrieve_async(str(session.setup_intent))
    assert (session.mode, setup.status, setup.usage) == ("setup", "succeeded", "off_session")


async def test_on_release_it_is_charged_once_at_the_price_of_its_day(
    shopper: Shopper, shop: ShopUnderTest, run: Run, post: PostOffice, settings: Settings
) -> None:
    await tell(run, "announce")
    path = await pre_order(shopper)  # and the browser is closed on Stripe's page
    await change(shop, update(Book).where(Book.slug == DREAM).values(price=4000))
    for _ in range(2):
        await tell(run, "release")
    [intent] = await intents(shopper)
    assert (intent.amount_received, intent.status) == (3500, "succeeded")
    assert "Charged $35.00" in await order_of(shopper, path)
    await send_due(shop.db, settings)
    assert [letter["Subject"] for letter in post.letters] == ["Your receipt from Colophon: $35.00"]
    assert (await shopper.add(DREAM)).status_code == 303
    assert "Add to cart" in (await shopper.get(f"/books/{DREAM}")).text


async def test_whose_card_is_refused_gets_a_letter_and_pays_with_another(
    shopper: Shopper, shop: ShopUnderTest, run: Run, post: PostOffice, settings: Settings
) -> None:
    await tell(run, "announce")
    path = await pre_order(shopper, REFUSED_LATER)
    for _ in range(2):
        await tell(run, "release")
    assert "Your payment did not go through" in await order_of(shopper, path)
    await send_due(shop.db, settings)
    [letter] = post.letters
    assert letter["Subject"] == "The Dream Machine is out, and your card was not charged"
    for kind in ("plain", "html"):
        assert f"https://shop.example{shopper.order}" in text_of(letter, kind)
    assert "Charged $35.00" in text(await shopper.pay())
    assert [intent.status for intent in await intents(shopper)] == ["succeeded"]


async def test_nobody_is_charged_for_a_copy_that_there_is_not(
    new_shopper: NewShopper, shop: ShopUnderTest, run: Run
) -> None:
    await tell(run, "announce")
    first, second = new_shopper(), new_shopper()
    paths = [await pre_order(first), await pre_order(second)]
    await change(shop, update(Book).where(Book.slug == DREAM).values(stock=1))
    await tell(run, "release")
    assert len(await intents(first)) == 1
    assert "Charged $35.00" in await order_of(first, paths[0])
    assert "Your card is saved" in text(await second.get(paths[1]))
    assert await stock_of(shop.db) == 0
    await change(shop, update(Book).where(Book.slug == DREAM).values(stock=1))
    await tell(run, "release")
    assert "Charged $35.00" in await order_of(second, paths[1])


async def test_who_saved_no_card_is_not_charged(shopper: Shopper, shop: ShopUnderTest, run: Run) -> None:
    await tell(run, "announce")
    with pytest.raises(stripe.CardError):
        await pre_order(shopper, "pm_card_chargeDeclined")
    await tell(run, "release")
    assert await intents(shopper) == []


async def stock_of(db: Database) -> int | None:
    async with db.read() as session:
        return await session.scalar(select(Book.stock).where(Book.slug == DREAM))
