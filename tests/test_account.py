"""Signing in by a link that is mailed: good once, for a short while, and for whoever reads that mailbox."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from shop.db import now
from shop.jobs import sweep
from shop.mailing import send_due
from shop.models import AccountSession, Customer, Mail, SignIn
from shop.signing_in import LETTERS, QUESTIONS
from tests.conftest import NewShopper, ShopUnderTest
from tests.post_office import PostOffice, by, post, text_of
from tests.shopper import Shopper, text
from tests.signing_in import ADA, mailed_link, sign_in
from tests.test_payment_races import change

__all__ = ["post"]
DREAM = "the-dream-machine"


async def count(shop: ShopUnderTest, table: type) -> int:
    async with shop.db.read() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def test_the_link_signs_in_by_its_button_and_not_by_looking(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    link = await mailed_link(shopper, shop)
    for _ in range(2):
        assert "You are about to sign in as ada@example.com." in text(await shopper.get(link))
    assert (await shopper.get("/account")).headers["Location"] == "/sign-in"
    assert (await shopper.post(link)).headers["Location"] == "/account"
    page = await shopper.get("/account")
    assert "You are signed in as ada@example.com." in text(page)
    assert page.headers["Cache-Control"] == "no-store"


async def test_the_letter_tells_what_the_link_is_for(
    shopper: Shopper, shop: ShopUnderTest, post: PostOffice
) -> None:
    settings = by(await post.start(), shop)
    await shopper.post("/sign-in", email=" Ada@Example.com")
    assert await send_due(shop.db, settings) == 1
    assert (post.letters[0]["To"], post.letters[0]["Subject"]) == (ADA, "Sign in to Colophon")
    for kind in ("plain", "html"):
        assert "https://shop.example/sign-in/" in text_of(post.letters[0], kind)


async def test_a_link_is_good_once(shopper: Shopper, shop: ShopUnderTest, new_shopper: NewShopper) -> None:
    link = await mailed_link(shopper, shop)
    await shopper.post(link)
    other = new_shopper()
    for reply in (await other.get(link), await other.post(link)):
        assert (reply.status_code, "Set-Cookie" in reply.headers) == (410, False)
        assert "It is good once, and for 30 minutes." in text(reply)
    assert (await shopper.post(link)).headers["Location"] == "/account"  # a second click


async def test_of_two_who_open_it_at_once_one_gets_in(
    shopper: Shopper, shop: ShopUnderTest, new_shopper: NewShopper
) -> None:
    link = await mailed_link(shopper, shop)
    replies = await asyncio.gather(*(new_shopper().post(link) for _ in range(4)))
    assert sorted(reply.status_code for reply in replies) == [303, 410, 410, 410]


async def test_two_links_of_a_new_address_make_one_customer(
    shopper: Shopper, shop: ShopUnderTest, new_shopper: NewShopper
) -> None:
    links = [await mailed_link(shopper, shop, email) for email in (ADA, "ADA@example.com", ADA)]
    replies = await asyncio.gather(*(new_shopper().post(link) for link in links))
    assert [reply.status_code for reply in replies] == [303] * 3
    assert (await count(shop, Customer), await count(shop, AccountSession)) == (1, 3)


async def test_after_half_an_hour_it_is_not_good_any_more_and_not_sent(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    link = await mailed_link(shopper, shop)
    await shopper.post("/sign-in", email="late@example.com")
    await change(shop, update(SignIn).values(until=now()))
    assert (await shopper.post(link)).status_code == 410
    assert await send_due(shop.db, shop.settings) == 0


async def test_who_was_about_to_pay_goes_on_paying(shopper: Shopper, shop: ShopUnderTest) -> None:
    order = await shopper.check_out(DREAM)
    assert (await sign_in(shopper, shop)).headers["Location"] == f"{order}/pay"


async def test_signing_out_ends_it_wherever_the_cookie_is(
    shopper: Shopper, shop: ShopUnderTest, new_shopper: NewShopper
) -> None:
    await sign_in(shopper, shop)
    copy = new_shopper()
    copy.http.cookies.update(shopper.http.cookies)
    assert (await copy.get("/account")).status_code == 200
    assert (await shopper.post("/account/sign-out")).headers["Location"] == "/sign-in"
    for each in (shopper, copy):
        assert (await each.get("/account")).status_code == 303


async def test_it_ends_by_itself_after_two_weeks(shopper: Shopper, shop: ShopUnderTest) -> None:
    await sign_in(shopper, shop)
    await change(shop, update(AccountSession).values(until=now()))
    assert (await shopper.get("/account")).status_code == 303


async def test_one_mailbox_gets_few_letters_and_the_page_says_the_same(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    replies = [await shopper.post("/sign-in", email=each) for each in (ADA, "ADA@example.com") * 4]
    assert {(each.status_code, each.headers["Location"], each.text) for each in replies} == {
        (303, "/sign-in/asked", replies[0].text)
    }
    assert await send_due(shop.db, shop.settings) == LETTERS


async def test_who_asks_very_often_has_to_wait_and_is_forgotten_after_a_day(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    replies = [await shopper.post("/sign-in", email=f"{n}@example.com") for n in range(QUESTIONS + 1)]
    assert [reply.status_code for reply in replies] == [303] * QUESTIONS + [429]
    assert replies[-1].headers["Retry-After"] == "3600"
    await change(shop, update(SignIn).values(at=now() - timedelta(hours=25)))
    await sweep(shop.db, shop.app.extensions["gateway"])
    assert (await count(shop, SignIn), await count(shop, Mail)) == (0, 0)


@pytest.mark.parametrize(("email", "says"), [("", "Enter your email address"), ("ada", "is not complete")])
async def test_what_is_no_address_is_told_beside_it(shopper: Shopper, email: str, says: str) -> None:
    page = await shopper.post("/sign-in", email=email)
    assert (page.status_code, says in text(page)) == (422, True)
    assert 'href="#account-email"' in page.text
