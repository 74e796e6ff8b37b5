"""The back office's door: who gets in, how often one may try, and what ends it."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select, update

from shop.db import now
from shop.models import StaffAttempt, StaffSession
from shop.staff.sessions import TRIES
from tests.conftest import STAFF_PASSWORD, ShopUnderTest
from tests.security.conftest import Reopen
from tests.security.test_origins import routes
from tests.shopper import Shopper, text
from tests.test_payment_races import change

DATABASE = "sqlite"
COOKIE = "colophon-staff"


async def knock(http: httpx.AsyncClient, password: str = STAFF_PASSWORD, **form: str) -> httpx.Response:
    return await http.post("/staff/sign-in", data={"password": password, **form})


async def is_in(http: httpx.AsyncClient) -> bool:
    return (await http.get("/staff/orders")).status_code == 200


async def opens(http: httpx.AsyncClient, token: str) -> bool:
    """Whether this cookie does, and no other."""
    http.cookies.clear()
    return (await http.get("/staff/orders", headers={"Cookie": f"{COOKIE}={token}"})).status_code == 200


async def test_without_a_password_in_the_settings_there_is_no_back_office(reopen: Reopen) -> None:
    http = await reopen(staff_password_hash=None)
    for path in ("/staff", "/staff/sign-in", "/staff/orders", "/staff/orders/x"):
        assert (await http.get(path)).status_code == 404, path
    assert (await knock(http, "")).status_code == 404


async def test_who_is_not_signed_in_is_led_to_the_door_from_every_page_and_form(
    shop: ShopUnderTest, shopper: Shopper
) -> None:
    behind = [(path, methods) for path, methods in routes(shop) if path.startswith("/staff")]
    assert len(behind) >= 5
    for path, methods in behind:
        for method in methods - {"OPTIONS"}:
            if path != "/staff/sign-in":
                reply = await shopper.http.request(
                    method, path, data={"x": "1"} if method == "POST" else None
                )
                assert reply.status_code == 303, f"{method} {path}"
                assert reply.headers["Location"].startswith("/staff/sign-in"), f"{method} {path}"


async def test_a_part_of_a_page_leads_to_the_door_as_a_whole(shopper: Shopper) -> None:
    reply = await shopper.http.get("/staff/orders?q=x", headers={"HX-Request-Type": "partial"})
    assert (reply.text, reply.headers["HX-Redirect"]) == ("", "/staff/sign-in?wanted=/staff/orders?q%3Dx")


async def test_after_signing_in_one_is_where_one_wanted_to_go_and_nowhere_else(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    door = (await shopper.get("/staff/orders?status=paid&q=a%20b")).headers["Location"]
    assert 'name="wanted" value="/staff/orders?status=paid&amp;q=a%20b"' in (await shopper.get(door)).text
    there = await knock(shopper.http, wanted="/staff/orders?status=paid&q=a%20b")
    assert there.headers["Location"] == "/staff/orders?status=paid&q=a%20b"
    for wanted in (
        "//evil.example",
        "https://evil.example",
        "/staff\\evil",
        "/staffx",
        "/staff/\r\nX: y",
        "/",
    ):
        assert (await knock(shopper.http, wanted=wanted)).headers["Location"] == "/staff/orders", wanted


async def test_the_cookie_is_random_for_this_host_and_for_no_script(shopper: Shopper, reopen: Reopen) -> None:
    flags = (await knock(shopper.http)).headers["Set-Cookie"]
    assert flags.startswith(f"{COOKIE}=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=43200"} <= set(flags.split("; "))
    assert len(shopper.http.cookies[COOKIE]) == 43  # 256 bits
    flags = (await knock(await reopen(url="https://books.example"))).headers["Set-Cookie"]
    assert flags.startswith(f"__Host-{COOKIE}=")
    assert "Secure" in flags


async def test_each_signing_in_makes_a_new_token_and_ends_the_one_before(shopper: Shopper) -> None:
    first, second = [(await knock(shopper.http)).cookies[COOKIE] for _ in range(2)]
    assert await is_in(shopper.http)
    assert not await opens(shopper.http, first)
    assert await opens(shopper.http, second)
    await shopper.http.post(
        "/staff/sign-in", headers={"Cookie": f"{COOKIE}=planted"}, data={"password": STAFF_PASSWORD}
    )
    assert not await opens(shopper.http, "planted")


async def test_a_cookie_that_is_kept_over_signing_out_is_worth_nothing(shopper: Shopper) -> None:
    await knock(shopper.http)
    kept = shopper.http.cookies[COOKIE]
    reply = await shopper.post("/staff/sign-out")
    assert "Max-Age=0" in reply.headers["Set-Cookie"]
    assert not await opens(shopper.http, kept)


async def test_after_twelve_hours_one_signs_in_again(shopper: Shopper, shop: ShopUnderTest) -> None:
    await knock(shopper.http)
    async with shop.db.read() as session:
        [until] = await session.scalars(select(StaffSession.until))
    assert timedelta(hours=11.9) < until - now() < timedelta(hours=12)
    await change(shop, update(StaffSession).values(until=now() - timedelta(seconds=1)))
    assert not await is_in(shopper.http)


async def test_another_password_ends_every_session(shopper: Shopper, reopen: Reopen) -> None:
    await knock(shopper.http)
    cookies = dict(shopper.http.cookies)
    changed = await reopen(staff_password_hash=PasswordHasher(1, 8, 1).hash("another"))
    changed.cookies.update(cookies)
    assert not await is_in(changed)
    assert (await knock(changed)).status_code == 422
    assert (await knock(changed, "another")).status_code == 303


async def test_the_table_holds_nothing_that_opens_the_door(shopper: Shopper, shop: ShopUnderTest) -> None:
    await knock(shopper.http)
    async with shop.db.read() as session:
        [row] = await session.scalars(select(StaffSession))
    for held in (row.token_hash, row.password, shop.settings.staff_password_hash or ""):
        assert not await opens(shopper.http, held)
        assert (await knock(shopper.http, held)).status_code == 422


@pytest.mark.both_databases
async def test_of_any_number_of_guesses_at_once_ten_are_looked_at(
    shopper: Shopper, shop: ShopUnderTest, reopen: Reopen
) -> None:
    other = await reopen()  # another process, as far as the throttle knows
    guesses = [knock((shopper.http, other)[n % 2], f"guess {n}") for n in range(2 * TRIES)]
    replies = await asyncio.gather(*guesses)
    looked_at = [reply.status_code for reply in replies].count(422)
    assert looked_at <= TRIES
    for n in range(looked_at, TRIES):  # who came at the same moment may all have been sent away
        assert (await knock(shopper.http, f"guess {n}")).status_code == 422
    late = await knock(shopper.http)  # though it is the right one
    assert (late.status_code, "Too many wrong passwords" in text(late)) == (429, True)
    assert 0 < int(late.headers["Retry-After"]) <= 900
    await change(shop, update(StaffAttempt).values(at=now() - timedelta(minutes=16)))
    assert (await knock(shopper.http)).status_code == 303


async def test_signing_in_again_and_again_is_no_guessing(shopper: Shopper, shop: ShopUnderTest) -> None:
    for _ in range(TRIES + 2):
        assert (await knock(shopper.http)).status_code == 303
    async with shop.db.read() as session:
        assert await session.scalar(select(func.count(StaffAttempt.id))) == 0


async def test_another_address_is_not_kept_out_by_the_first(reopen: Reopen) -> None:
    http = await reopen(trusted_proxies=1)
    for address, status in (("203.0.113.1", 429), ("203.0.113.2", 303)):
        http.headers["X-Forwarded-For"] = address
        if status == 429:
            for n in range(TRIES):
                await knock(http, f"guess {n}")
        assert (await knock(http)).status_code == status


@pytest.mark.parametrize("password", ["", " ", f"{STAFF_PASSWORD} ", STAFF_PASSWORD.upper(), "é" * 1500])
async def test_what_is_not_the_password_to_the_letter_does_not_fit(shopper: Shopper, password: str) -> None:
    assert (await knock(shopper.http, password)).status_code == 422


async def test_pages_behind_the_door_are_neither_kept_nor_indexed_and_load_nothing_foreign(
    shopper: Shopper, staff: httpx.AsyncClient
) -> None:
    order = await shopper.check_out("the-dream-machine")
    for path in ("/staff", "/staff/sign-in", "/staff/orders", f"/staff{order}", "/staff/orders/x"):
        headers = (await staff.get(path)).headers
        assert headers["Cache-Control"] == "no-store", path
        assert headers["X-Robots-Tag"] == "noindex", path
        assert headers["Content-Security-Policy"].count("http") == 0, path
        assert "Content-Encoding" not in headers
