"""Getting at somebody else's cards: forged links, planted cookies, guessed ids."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from shop.db import now
from shop.models import AccountSession, SignIn
from shop.signed_links import signer
from tests.conftest import NewShopper, ShopUnderTest
from tests.security.conftest import Reopen
from tests.shopper import Shopper, text
from tests.signing_in import ADA, mailed_link, sign_in
from tests.test_saved_cards import DREAM, cards_secret, kept, save

DATABASE = "sqlite"
COOKIE = "colophon-account"
NEW, OLD = "a new key that signs links", "signs the cookies of the tests"


async def newest_link(shop: ShopUnderTest) -> str:
    """What the table knows of it."""
    async with shop.db.read() as session:
        return (await session.scalars(select(SignIn.public_id).order_by(SignIn.id.desc()))).all()[0]


async def test_who_reads_the_table_can_make_no_link(shopper: Shopper, shop: ShopUnderTest) -> None:
    await mailed_link(shopper, shop)
    known = await newest_link(shop)
    guessed = signer(shop.settings, "download").dumps(known)
    for token in (known, guessed, f"{known}.x.y", "x", "%00", "..%2F", "9" * 900):
        for reply in (await shopper.get(f"/sign-in/{token}"), await shopper.post(f"/sign-in/{token}")):
            assert reply.status_code == 404, token
            assert "Set-Cookie" not in reply.headers


async def test_each_changed_letter_makes_it_an_unknown_link(shopper: Shopper, shop: ShopUnderTest) -> None:
    link = await mailed_link(shopper, shop)
    for place in (9, 20, len(link) // 2, len(link) - 3):
        bad = link[:place] + ("A" if link[place] != "A" else "B") + link[place + 1 :]
        assert (await shopper.post(bad)).status_code == 404, place
    assert (await shopper.post(link)).status_code == 303


@pytest.mark.parametrize(("old", "status"), [((OLD,), 303), ((), 404)])
async def test_a_link_outlives_the_change_of_the_key_and_not_its_removal(
    shopper: Shopper, shop: ShopUnderTest, reopen: Reopen, old: tuple[str, ...], status: int
) -> None:
    link = await mailed_link(shopper, shop)
    visitor = await reopen(secret_key=NEW, old_secret_keys=old)
    assert (await visitor.post(link)).status_code == status


async def test_a_planted_cookie_is_worth_nothing_before_and_after_signing_in(
    shopper: Shopper, shop: ShopUnderTest, new_shopper: NewShopper
) -> None:
    shopper.http.cookies.set(COOKIE, "planted")
    reply = await sign_in(shopper, shop)
    made = reply.headers["Set-Cookie"]
    assert made.startswith(f"{COOKIE}=")
    assert "planted" not in made
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(made.split("; "))
    eve = new_shopper()
    eve.http.cookies.set(COOKIE, "planted")
    assert (await eve.get("/account")).headers["Location"] == "/sign-in"


async def test_to_sign_in_again_ends_what_the_browser_had(
    shopper: Shopper, shop: ShopUnderTest, new_shopper: NewShopper
) -> None:
    await sign_in(shopper, shop)
    copy = new_shopper()
    copy.http.cookies.update(shopper.http.cookies)
    await sign_in(shopper, shop)
    assert (await copy.get("/account")).status_code == 303


async def test_the_table_holds_no_token(shopper: Shopper, shop: ShopUnderTest) -> None:
    reply = await sign_in(shopper, shop)
    async with shop.db.read() as session:
        [opened] = await session.scalars(select(AccountSession))
    assert opened.token_hash not in reply.headers["Set-Cookie"]
    shopper.http.cookies.clear()
    shopper.http.cookies.set(COOKIE, opened.token_hash)
    assert (await shopper.get("/account")).status_code == 303
    assert timedelta(days=13) < opened.until - now() < timedelta(days=15)


async def test_over_https_the_cookie_is_bound_to_the_host(
    shopper: Shopper, shop: ShopUnderTest, reopen: Reopen
) -> None:
    link = await mailed_link(shopper, shop)
    visitor = await reopen(url="https://books.example")
    flags = (await visitor.post(link)).headers["Set-Cookie"]
    assert flags.startswith(f"__Host-{COOKIE}=")
    assert "Secure" in flags.split("; ")


async def test_a_guessed_card_is_not_found_and_nothing_happens(shopper: Shopper, shop: ShopUnderTest) -> None:
    await sign_in(shopper, shop)
    await save(shopper)
    [card] = await kept(shopper, shop)
    for guess in (
        card[:-1],
        card.upper(),
        f"{card}x",
        "pm_card_visa",
        "..",
        "%2e%2e",
        "x%2F..%2Fy",
        "%00",
        "é",
    ):
        assert (await shopper.post(f"/account/cards/{guess}/removal")).status_code == 404, guess
    assert await kept(shopper, shop) == [card]


async def test_another_spelling_of_the_address_is_another_mailbox_or_the_same_account(
    shopper: Shopper, shop: ShopUnderTest, new_shopper: NewShopper
) -> None:
    """The letter goes to the spelling that names the account: to nobody who only looks alike."""
    await sign_in(shopper, shop)
    await save(shopper)
    for alike in (
        "ada@exam\u200dple.com",
        "аda@example.com",
        "ada+x@example.com",
        "ADA@EXAMPLE.COM",
        "ada@ＥＸＡＭＰＬＥ.com",
    ):
        await shopper.post("/sign-in", email=alike)
    async with shop.db.read() as session:
        asked = (await session.scalars(select(SignIn.email))).all()
    assert set(asked) == {ADA, "аda@example.com", "ada+x@example.com"}
    eve = new_shopper()
    await sign_in(eve, shop, "ada+x@example.com")
    assert "You have saved no card." in text(await eve.get("/account"))


async def test_a_cross_site_form_cannot_sign_in_out_or_remove(shopper: Shopper, shop: ShopUnderTest) -> None:
    link = await mailed_link(shopper, shop)
    await sign_in(shopper, shop)
    await save(shopper)
    [card] = await kept(shopper, shop)
    for path in (link, "/account/sign-out", f"/account/cards/{card}/removal", "/sign-in"):
        reply = await shopper.http.post(path, headers={"Sec-Fetch-Site": "cross-site"})
        assert reply.status_code == 403, path
    await shopper.check_out(DREAM)
    assert await cards_secret(shopper)
