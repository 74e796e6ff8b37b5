"""The receipt: once, whoever brings the news, whatever the mail server does."""

import asyncio
import dataclasses
import re
from datetime import timedelta
from typing import Any

import pytest_asyncio
from sqlalchemy import delete, select, update

from shop.db import Database, now
from shop.jobs import send_until
from shop.mailing import send_due
from shop.models import Book, Cart, Mail, Order
from shop.orders import place_order
from shop.outbox import PAUSES
from shop.settings import Settings
from shop.syncing import sync_payment
from tests.conftest import NewShopper, ShopUnderTest
from tests.post_office import PostOffice, by, post, text_of
from tests.shopper import Shopper, text
from tests.test_payment_races import change
from tests.test_stock import two_at_the_last_copy

__all__ = ["post"]
DREAM, CODE = "the-dream-machine", "the-code-book"


@pytest_asyncio.fixture
async def settings(shop: ShopUnderTest, post: PostOffice) -> Settings:
    """Those of the shop, with the post office as its mail server."""
    found: Settings = by(await post.start(), shop)
    return found


async def mails(shop: ShopUnderTest) -> list[Mail]:
    async with shop.db.read() as session:
        return list(await session.scalars(select(Mail).order_by(Mail.id)))


async def let_it_be_due(shop: ShopUnderTest) -> None:
    await change(shop, update(Mail).values(next_attempt_at=now() - timedelta(seconds=1)))


async def buy(shopper: Shopper, *slugs: str, email: str = "ada@example.com") -> None:
    await shopper.check_out(*slugs or (DREAM,))
    assert "Thank you" in text(await shopper.pay(email=email))


async def sending(shop: ShopUnderTest, post: PostOffice, settings: Settings) -> asyncio.Task[int]:
    """A letter on its way: the mail server has it and does not say so."""
    post.open.clear()
    task = asyncio.create_task(send_due(shop.db, settings))
    await post.has_a_letter()
    return task


async def test_it_tells_lines_total_intent_and_the_orders_address(
    shopper: Shopper, shop: ShopUnderTest, post: PostOffice, settings: Settings
) -> None:
    await shopper.add(CODE)
    await buy(shopper, DREAM, CODE)
    assert await send_due(shop.db, settings) == 1
    [letter] = post.letters
    assert (letter["To"], letter["Subject"]) == ("ada@example.com", "Your receipt from Colophon: $70.98")
    intent = (await shopper.stripe.v1.payment_intents.list_async()).data[0].id
    for kind in ("plain", "html"):
        for told in (
            "The Dream Machine",
            "2 × The Code Book",
            "$35.98",
            "$70.98",
            "Visa ending in 4242",
            intent,
        ):
            assert told in text_of(letter, kind)
        assert f"https://shop.example{shopper.order}" in text_of(letter, kind)
        assert re.search(r"Order:? +C-\w{4}-\w{4}\b", text_of(letter, kind))
    assert "receipt sent" in text(await shopper.look()).lower()


async def test_it_is_owed_once_though_return_page_and_webhook_come_at_once(
    shopper: Shopper, shop: ShopUnderTest, post: PostOffice, settings: Settings
) -> None:
    await shopper.check_out(DREAM)
    await shopper.press()
    await shopper.confirm()  # the webhook is on its way
    await asyncio.gather(*(shopper.look() for _ in range(8)))
    for _ in range(3):
        await send_due(shop.db, settings)
    assert len(post.letters) == len(await mails(shop)) == 1


async def test_several_senders_at_once_send_it_once(
    shopper: Shopper, shop: ShopUnderTest, post: PostOffice, settings: Settings
) -> None:
    await buy(shopper)
    post.open.clear()
    other = Database(shop.settings.database_url)  # of another process
    senders = [asyncio.create_task(send_due(db, settings)) for db in (shop.db, other) * 3]
    await post.has_a_letter()
    post.open.set()
    assert sum(await asyncio.gather(*senders)) == len(post.letters) == 1
    await other.close()


async def test_a_server_that_is_down_is_tried_again_later(
    shopper: Shopper, shop: ShopUnderTest, post: PostOffice, settings: Settings
) -> None:
    port = settings.mail_server.port if settings.mail_server else 0
    post.server.close()
    await buy(shopper)
    for _ in range(2):
        assert await send_due(shop.db, settings) == 0
    [mail] = await mails(shop)
    assert (mail.attempts, mail.sent_at) == (1, None)
    assert mail.next_attempt_at > now() + timedelta(seconds=50)
    assert "Connect" in str(mail.error)
    await post.start(port)
    await let_it_be_due(shop)
    assert await send_due(shop.db, settings) == 1
    [mail] = await mails(shop)
    assert mail.sent_at
    assert mail.error is None


async def test_every_attempt_has_the_same_message_id(
    shopper: Shopper, shop: ShopUnderTest, post: PostOffice, settings: Settings
) -> None:
    await buy(shopper)
    post.answer = "451 not now"
    for _ in range(3):
        await send_due(shop.db, settings)
        await let_it_be_due(shop)
        settings = dataclasses.replace(settings, mail_from="Somebody else <else@other.example>")
    assert len(post.letters) == 3
    [message_id] = {letter["Message-ID"] for letter in post.letters}
    assert message_id.endswith("@colophon.example>")


async def test_the_pauses_grow_until_it_is_left_to_a_person(
    shopper: Shopper, shop: ShopUnderTest, post: PostOffice, settings: Settings
) -> None:
    await buy(shopper)
    post.answer = "554 never"
    pauses = []
    for _ in range(len(PAUSES) + 3):
        before = now()
        await send_due(shop.db, settings)
        pauses.append((await mails(shop))[0].next_attempt_at - before)
        await let_it_be_due(shop)
    assert len(post.letters) == len(PAUSES) + 1
    assert pauses[: len(PAUSES)] == sorted(pauses[: len(PAUSES)])
    assert (await mails(shop))[0].sent_at is None
    assert "receipt could not be sent" in text(await shopper.look()).lower()


async def test_what_breaks_off_before_it_was_noted_is_repeated_with_the_same_message_id(
    shopper: Shopper, shop: ShopUnderTest, post: PostOffice, settings: Settings
) -> None:
    await buy(shopper)
    crashed = await sending(shop, post, settings)
    crashed.cancel()
    post.open.set()
    assert await send_due(shop.db, settings) == 0
    await let_it_be_due(shop)
    assert await send_due(shop.db, settings) == 1
    assert len(post.letters) == 2
    assert len({letter["Message-ID"] for letter in post.letters}) == 1


async def test_a_server_that_says_nothing_holds_up_no_shopper(
    shopper: Shopper, new_shopper: NewShopper, shop: ShopUnderTest, post: PostOffice, settings: Settings
) -> None:
    await buy(shopper)
    held_up = await sending(shop, post, settings)
    async with asyncio.timeout(20):
        await buy(new_shopper(), CODE)
    post.open.set()
    assert await held_up == 1


async def test_a_letter_that_is_refused_holds_up_no_other(
    new_shopper: NewShopper, shop: ShopUnderTest, post: PostOffice, settings: Settings
) -> None:
    post.refuses = "nobody@example.com"
    await buy(new_shopper(), email="nobody@example.com")
    await buy(new_shopper(), CODE)
    assert await send_due(shop.db, settings) == 1
    assert post.recipients == ["ada@example.com"]
    assert "nobody of that name" in str((await mails(shop))[0].error)


async def test_a_server_that_drops_the_line_after_taking_a_letter_has_taken_it(
    shopper: Shopper, shop: ShopUnderTest, post: PostOffice, settings: Settings
) -> None:
    async def hang_up(server: Any, session: Any, envelope: Any) -> str:
        server.transport.abort()
        return "221 bye"

    post.handle_QUIT = hang_up  # type: ignore[attr-defined]
    await buy(shopper)
    assert await send_due(shop.db, settings) == 1


async def test_without_an_address_nothing_is_owed(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.check_out(DREAM)
    await shopper.confirm()  # the press was bypassed
    assert "Thank you" in text(await shopper.look())
    assert await mails(shop) == []


async def test_an_address_that_is_learnt_late_is_owed_one_then(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.check_out(DREAM)
    await shopper.post(f"{shopper.order}/pay", email="ada@example.com", total=3500)
    session = await shopper.open_session()
    await shopper.pay_session(session)
    await shopper.look()
    await change(shop, delete(Mail))
    await change(shop, update(Order).values(email=None))  # as if Stripe had not told it
    for _ in range(2):
        await sync_payment(shop.db, shop.app.extensions["gateway"], session)
    assert [mail.recipient for mail in await mails(shop)] == ["ada@example.com"]


async def test_a_free_order_gets_one_too(
    shopper: Shopper, shop: ShopUnderTest, post: PostOffice, settings: Settings
) -> None:
    await change(shop, update(Book).values(price=0))
    await shopper.add(DREAM)
    async with shop.db.read() as session:
        cart_id = await session.scalar(select(Cart.public_id))
    order_id = (await place_order(shop.db, cart_id)).public_id  # where a crash came before it was complete
    await shopper.post(f"/orders/{order_id}/pay", email="ada@example.com")
    assert await send_due(shop.db, settings) == 1
    assert "There was nothing to pay." in text_of(post.letters[0])


async def test_a_sold_out_order_is_told_as_what_it_is(
    shop: ShopUnderTest, new_shopper: NewShopper, post: PostOffice, settings: Settings
) -> None:
    _, bob = await two_at_the_last_copy(shop, new_shopper)
    await bob.press("bob@example.com")
    await change(shop, update(Book).values(held=0, stock=0))  # somebody took it from the shelf
    await bob.confirm()
    await bob.look()
    await send_due(shop.db, settings)
    [letter] = post.letters
    assert letter["Subject"] == "Your order from Colophon: $35.00 goes back to you"
    for kind in ("plain", "html"):
        assert "The Dream Machine was sold out: $35.00 goes back the way" in text_of(letter, kind)
        assert "Thank you" not in text_of(letter, kind)


async def test_titles_are_text_wherever_they_stand(
    shopper: Shopper, shop: ShopUnderTest, post: PostOffice, settings: Settings
) -> None:
    title = "<script>alert(1)</script>\r\nBcc: eve@example.com\r\n\r\n.\r\nRCPT TO:<eve@example.com>"
    await change(shop, update(Book).where(Book.slug == DREAM).values(title=title))
    await buy(shopper)
    await send_due(shop.db, settings)
    [letter] = post.letters
    assert "Bcc" not in letter
    assert post.recipients == ["ada@example.com"]
    assert "&lt;script&gt;" in text_of(letter, "html")
    assert "<script" not in text_of(letter, "html")


async def test_what_is_no_address_is_taken_from_no_shopper(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.check_out(DREAM)
    for typed in TWO_ADDRESSES:
        assert (await shopper.press(typed, total=3500)).status_code == 422
    async with shop.db.read() as session:
        assert await session.scalar(select(Order.email)) is None


async def test_what_is_no_address_reaches_no_header(
    new_shopper: NewShopper, shop: ShopUnderTest, post: PostOffice, settings: Settings
) -> None:
    await buy(new_shopper())
    await buy(new_shopper(), CODE, email="bob@example.com")
    for stored in TWO_ADDRESSES:
        await change(shop, update(Mail).where(Mail.recipient != "bob@example.com").values(recipient=stored))
        await send_due(shop.db, settings)
        await let_it_be_due(shop)
    assert post.recipients == ["bob@example.com"]


TWO_ADDRESSES = ("ada@example.com\nBcc: eve@example.com", "ada@example.com, eve@example.com", "ada@a> <eve@b")


async def test_an_address_in_other_letters_is_served(
    shopper: Shopper, shop: ShopUnderTest, post: PostOffice, settings: Settings
) -> None:
    await buy(shopper, email="jürgen@bücher.example")
    assert await send_due(shop.db, settings) == 1
    assert post.recipients == ["jürgen@xn--bcher-kva.example"]


async def test_a_forged_host_is_in_no_letter(
    shopper: Shopper, shop: ShopUnderTest, post: PostOffice, settings: Settings
) -> None:
    shopper.http.headers["Host"] = "evil.example"
    await buy(shopper)
    await send_due(shop.db, settings)
    assert "evil.example" not in post.letters[0].as_string()


async def test_the_running_shop_sends_at_once(
    shopper: Shopper, shop: ShopUnderTest, post: PostOffice, settings: Settings
) -> None:
    stopped, letters_due = asyncio.Event(), shop.app.extensions["letters_due"]
    sender = asyncio.create_task(send_until(stopped, letters_due, shop.db, settings))
    await buy(shopper)
    await post.has_a_letter()  # by itself it would look after ten seconds
    stopped.set()
    letters_due.set()
    await sender


async def test_a_password_goes_by_tls_only(shopper: Shopper, shop: ShopUnderTest, post: PostOffice) -> None:
    post.options |= {"authenticator": post.authenticate, "auth_require_tls": False}
    server = dataclasses.replace(await post.start(), user="ada", password="open sesame", starttls=True)
    await buy(shopper)
    assert await send_due(shop.db, by(server, shop)) == 0
    assert post.logins == []
    assert "STARTTLS" in str((await mails(shop))[0].error)
    await let_it_be_due(shop)
    assert await send_due(shop.db, by(dataclasses.replace(server, starttls=False), shop)) == 1
    assert [login.login for login in post.logins] == [b"ada"]


async def test_beside_live_keys_letters_wait_for_a_mail_server(shopper: Shopper, shop: ShopUnderTest) -> None:
    await buy(shopper)
    live = dataclasses.replace(shop.settings, stripe_secret_key="sk_live_1")
    assert await send_due(shop.db, live) == 0
    assert [(mail.attempts, mail.sent_at) for mail in await mails(shop)] == [(0, None)]
    assert not (shop.settings.instance / "mailbox").exists()
