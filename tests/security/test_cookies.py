"""The cart's cookie: what it allows, and what becomes of one that was tampered with."""

import base64
import json
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from itsdangerous import URLSafeTimedSerializer

from tests.conftest import NewShopper, ShopUnderTest
from tests.security.conftest import Reopen
from tests.shopper import Shopper, text

DATABASE = "sqlite"
DREAM = "the-dream-machine"
EMPTY = "There is nothing in it yet."


async def cart(shopper: Shopper, cookie: bytes) -> tuple[int, str]:
    """Status and text of the cart's page for a visitor with this cookie and no other."""
    shopper.http.cookies.clear()
    page = await shopper.http.get("/cart", headers=[(b"Cookie", b"colophon=" + cookie)])
    return page.status_code, text(page)


async def test_scripts_cannot_read_it_and_other_sites_cannot_post_with_it(shopper: Shopper) -> None:
    flags = (await shopper.add(DREAM)).headers["Set-Cookie"]
    assert flags.startswith("colophon=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(flags.split("; "))
    assert "Domain" not in flags


@pytest.mark.parametrize(
    ("url", "headers"), [(None, {"X-Forwarded-Proto": "https"}), ("https://books.example", {})]
)
async def test_over_https_it_is_secure_and_bound_to_the_host(
    reopen: Reopen, url: str | None, headers: dict[str, str]
) -> None:
    visitor = await reopen(url=url, trusted_proxies=1)
    flags = (await visitor.post("/cart/items", data={"book": DREAM}, headers=headers)).headers["Set-Cookie"]
    assert flags.startswith("__Host-colophon=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(flags.split("; "))
    assert "Domain" not in flags


async def test_over_https_a_cookie_that_a_subdomain_planted_is_not_looked_at(
    shopper: Shopper, reopen: Reopen
) -> None:
    await shopper.add(DREAM)
    planted = {"Cookie": f"colophon={shopper.http.cookies['colophon']}"}
    visitor = await reopen(url="https://books.example")
    assert EMPTY in text(await visitor.get("/cart", headers=planted))


async def test_it_holds_a_random_id_and_a_count_and_nothing_of_the_visitor(shopper: Shopper) -> None:
    await shopper.check_out(DREAM)
    await shopper.press("ada@example.com")
    payload = shopper.http.cookies["colophon"].split(".")[0]
    held = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert set(held) == {"_permanent", "cart", "count"}
    assert len(held["cart"]) == 22  # 128 bits


async def test_each_changed_letter_makes_it_an_empty_cart(shopper: Shopper) -> None:
    await shopper.add(DREAM)
    good = shopper.http.cookies["colophon"]
    assert "The Dream Machine" in (await cart(shopper, good.encode()))[1]
    for place in (0, len(good) // 3, good.index("."), good.rindex(".") + 1, len(good) - 3):
        bad = good[:place] + ("A" if good[place] != "A" else "B") + good[place + 1 :]
        status, page = await cart(shopper, bad.encode())
        assert (status, EMPTY in page) == (200, True), place


async def test_one_that_was_good_becomes_too_old(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.add(DREAM)
    good = shopper.http.cookies["colophon"].encode()
    assert "The Dream Machine" in (await cart(shopper, good))[1]
    shop.app.config["PERMANENT_SESSION_LIFETIME"] = timedelta(seconds=-1)
    assert EMPTY in (await cart(shopper, good))[1]


@pytest.mark.parametrize(
    "value",
    [
        {"cart": "1", "count": 1},
        {"cart": 1},
        {"cart": ["x"], "count": "<script>"},
        {"cart": {"$ne": ""}},
        {"cart": "' OR 1=1 --"},
        {},
    ],
)
async def test_one_signed_by_an_unknown_key_is_an_empty_cart(
    shopper: Shopper, value: dict[str, object]
) -> None:
    forger = URLSafeTimedSerializer(
        "guessed", salt="cookie-session", signer_kwargs={"key_derivation": "hmac"}
    )
    assert (await cart(shopper, forger.dumps(value).encode()))[0] == 200
    assert EMPTY in (await cart(shopper, forger.dumps(value).encode()))[1]


@pytest.mark.parametrize(
    "cookie", [b"", b".", b"...", b"\xff\xfe", b"null", b"%00", b'"', b"x; colophon=y", b"A" * 20_000]
)
async def test_garbage_and_an_oversized_one_are_an_empty_cart(shopper: Shopper, cookie: bytes) -> None:
    status, page = await cart(shopper, cookie)
    assert (status, EMPTY in page) == (200, True)


@given(st.lists(st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]))).map(".".join))
@settings(max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck))
async def test_any_text_at_all_is_an_empty_cart(shopper: Shopper, cookie: str) -> None:
    status, page = await cart(shopper, cookie.strip("\xa0 ").encode("latin-1"))
    assert (status, EMPTY in page) == (200, True)


async def test_the_cookie_of_another_shops_cart_does_not_open_it_here(
    shopper: Shopper, new_shopper: NewShopper, shop: ShopUnderTest, reopen: Reopen
) -> None:
    elsewhere = await reopen(secret_key="the key of another shop, same database")
    await elsewhere.post("/cart/items", data={"book": DREAM})
    assert EMPTY in (await cart(shopper, elsewhere.cookies["colophon"].encode()))[1]
