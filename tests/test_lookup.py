"""Who has lost the way to an order gets it by mail; nobody learns from the page whether there is one."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import func, select, update
from sqlalchemy import text as sql

from shop import looking_up
from shop.db import Database, now
from shop.jobs import sweep
from shop.looking_up import LETTERS, QUESTIONS
from shop.mailing import send_due
from shop.models import LookUp, Mail, Order
from tests.conftest import NewShopper, ShopUnderTest
from tests.post_office import PostOffice, by, post, text_of
from tests.shopper import Shopper, text
from tests.test_payment_races import change

__all__ = ["post"]
DREAM = "the-dream-machine"


async def buy(shopper: Shopper, shop: ShopUnderTest, email: str = "ada@example.com") -> str:
    """The code of the order."""
    await shopper.check_out(DREAM)
    assert "Thank you" in text(await shopper.pay(email=email))
    async with shop.db.read() as session:
        mine = Order.public_id == shopper.order.removeprefix("/orders/")
        return (await session.scalars(select(Order.code).where(mine))).one()


async def ask(shopper: Shopper, code: str, email: str = "ada@example.com") -> httpx.Response:
    return await shopper.post("/find-order", code=code, email=email)


async def letters(shop: ShopUnderTest) -> int:
    """That bring a link, once all that was asked is answered."""
    await send_due(shop.db, shop.settings)
    async with shop.db.read() as session:
        return await session.scalar(select(func.count(Mail.id)).where(Mail.kind.startswith("link"))) or 0


async def test_the_letter_brings_the_link_to_the_orders_own_address(
    shopper: Shopper, shop: ShopUnderTest, post: PostOffice, new_shopper: NewShopper
) -> None:
    settings = by(await post.start(), shop)
    code = await buy(shopper, shop)
    await send_due(shop.db, settings)  # the receipt
    await ask(new_shopper(), code.lower().replace("-", " "), " ADA@example.com")
    assert await send_due(shop.db, settings) == 1
    letter = post.letters[-1]
    assert (letter["To"], letter["Subject"]) == ("ada@example.com", f"Your order {code} from Colophon")
    for kind in ("plain", "html"):
        assert f"https://shop.example{shopper.order}" in text_of(letter, kind)
    assert "link 1 sent" in text(await shopper.look()).lower()


async def test_hit_and_miss_get_the_same_answer_and_one_of_them_a_letter(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    code = await buy(shopper, shop)
    asked = [(code, "ada@example.com"), (code, "eve@example.com"), ("C-0000-0000", "ada@example.com")]
    replies = [await ask(shopper, *question) for question in asked]
    assert {(reply.status_code, reply.headers["Location"], reply.text) for reply in replies} == {
        (303, "/find-order/asked", replies[0].text)
    }
    assert "If the code and the email address belong together" in text(await shopper.get("/find-order/asked"))
    assert await letters(shop) == 1


async def test_nothing_that_depends_on_the_order_is_done_before_the_answer(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    """So that hit and miss take the same time: with the orders out of reach, both are answered."""
    code = await buy(shopper, shop)
    await change(shop, sql("ALTER TABLE orders RENAME TO orders_away"))
    for email in ("ada@example.com", "eve@example.com"):
        assert (await ask(shopper, code, email)).status_code == 303
    await change(shop, sql("ALTER TABLE orders_away RENAME TO orders"))
    assert await letters(shop) == 1


async def test_nobody_is_mailed_a_hundred_times(
    new_shopper: NewShopper, shopper: Shopper, shop: ShopUnderTest
) -> None:
    code = await buy(shopper, shop)
    for _ in range(LETTERS + 2):
        await ask(shopper, code)
    assert await letters(shop) == LETTERS
    await change(shop, update(Mail).values(created_at=now() - timedelta(days=2)))
    await ask(shopper, code)
    assert await letters(shop) == LETTERS + 1


async def test_one_mailbox_has_one_allowance_however_it_is_spelled(
    new_shopper: NewShopper, shop: ShopUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking_up, "TO_ONE", 1)
    for spelled in ("ada@example.com", "Ada@example.com"):
        shopper = new_shopper()
        await ask(shopper, await buy(shopper, shop, spelled), spelled)
    assert await letters(shop) == 1


async def test_who_asks_very_often_has_to_wait_and_is_forgotten_after_a_day(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    replies = [await ask(shopper, "C-0000-0000") for _ in range(QUESTIONS + 1)]
    assert [reply.status_code for reply in replies] == [303] * QUESTIONS + [429]
    assert "Try again in an hour" in text(replies[-1])
    assert replies[-1].headers["Retry-After"] == "3600"
    await change(shop, update(LookUp).values(at=now() - timedelta(hours=25)))
    await sweep(shop.db, shop.app.extensions["gateway"])
    async with shop.db.read() as session:
        assert await session.scalar(select(func.count(LookUp.id))) == 0


@pytest.mark.parametrize(
    ("code", "email", "says", "field"),
    [
        ("", "ada@example.com", "Enter your order code, like C-7K3M-9QXD.", "code"),
        ("C-UUUU-UUUU", "ada@example.com", "Enter your order code", "code"),
        ("C-7K3M-9QXD", "ada", "This email address is not complete.", "email"),
    ],
)
async def test_what_is_no_code_or_address_is_told_beside_what_was_typed(
    shopper: Shopper, code: str, email: str, says: str, field: str
) -> None:
    page = await ask(shopper, code, email)
    assert page.status_code == 422
    assert says in text(page)
    assert f'href="#lookup-{field}"' in page.text
    assert "<title>Error: Find your order" in page.text
    assert page.text.count('aria-invalid="true"') == 1
    assert f'value="{email}"' in page.text


async def test_two_who_send_letters_write_one(shopper: Shopper, shop: ShopUnderTest) -> None:
    code = await buy(shopper, shop)
    await ask(shopper, code)
    other = Database(shop.settings.database_url)
    await asyncio.gather(*(send_due(db, shop.settings) for db in (shop.db, other)))
    await other.close()
    assert await letters(shop) == 1


async def test_every_page_leads_there(shopper: Shopper) -> None:
    for path in ("/", "/help", "/cart", "/nothing/here"):
        assert 'href="/find-order"' in (await shopper.get(path)).text
