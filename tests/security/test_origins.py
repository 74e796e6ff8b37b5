"""Where requests come from and where answers lead: other sites, forged hosts, open redirects."""

import re
from collections.abc import Iterator

import httpx
import pytest

from tests.conftest import ShopUnderTest
from tests.security.conftest import Reopen
from tests.shopper import Shopper, text

DATABASE = "sqlite"
DREAM = "the-dream-machine"
EVIL = "evil.example"


def routes(shop: ShopUnderTest) -> Iterator[tuple[str, set[str]]]:
    """Every address that the shop has, with `x` for each blank, and the methods that it takes."""
    for rule in shop.app.url_map.iter_rules():
        yield re.sub("<[^>]+>", "x", rule.rule), rule.methods or set()


async def test_a_cross_site_request_that_could_change_something_is_refused_at_every_address(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    changing = 0
    for path, methods in routes(shop):
        unsafe = methods - {"GET", "HEAD", "OPTIONS"}
        changing += len(unsafe)
        for method in unsafe | {"DELETE"}:
            reply = await shopper.http.request(method, path, headers={"Sec-Fetch-Site": "cross-site"})
            assert (reply.status_code, "from another site" in text(reply)) == (403, True), f"{method} {path}"
    assert changing >= 8


async def test_a_cross_site_post_leaves_cart_and_order_as_they_were(shopper: Shopper) -> None:
    order = await shopper.check_out(DREAM)
    before = (text(await shopper.get("/cart")), text(await shopper.look()))
    for path in ("/cart/items", f"/cart/items/{DREAM}", f"{order}/cancellation", f"{order}/session"):
        form = {"book": "flatland", "quantity": "0"}
        await shopper.http.post(path, data=form, headers={"Sec-Fetch-Site": "cross-site"})
    assert (text(await shopper.get("/cart")), text(await shopper.look())) == before


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://books.example", 303),
        (f"https://{EVIL}", 403),
        ("https://books.example.evil.example", 403),
        ("https://books.example@evil.example", 403),
        ("https://books.example:8443", 403),
        ("null", 403),
    ],
)
async def test_behind_a_proxy_that_hides_the_hosts_name_only_the_shops_own_forms_are_taken(
    reopen: Reopen, origin: str, status: int
) -> None:
    visitor = await reopen(url="https://books.example")
    reply = await visitor.post(
        "/cart/items", data={"book": DREAM}, headers={"Origin": origin, "Host": "upstream:8000"}
    )
    assert reply.status_code == status


async def test_a_method_that_hides_in_a_header_or_field_is_not_looked_for(shopper: Shopper) -> None:
    order = await shopper.check_out(DREAM)
    headers = {"X-HTTP-Method-Override": "POST", "Sec-Fetch-Site": "cross-site"}
    reply = await shopper.http.get(f"{order}/cancellation?_method=POST", headers=headers)
    assert reply.status_code == 405
    assert "This order is not paid yet" in text(await shopper.look())


async def test_a_forged_host_does_not_show_in_any_answer(shopper: Shopper, shop: ShopUnderTest) -> None:
    for path, _ in routes(shop):
        for spelling in (path, f"/{path}/"):
            reply = await shopper.http.get(f"{shop.url}{spelling}", headers={"Host": EVIL})
            assert EVIL not in f"{reply.headers} {reply.text}", spelling


@pytest.mark.parametrize(
    "path",
    [
        f"//{EVIL}",
        f"//{EVIL}/%2e%2e",
        f"/\\{EVIL}",
        f"/%2f%2f{EVIL}",
        f"/https://{EVIL}/",
        f"/orders//{EVIL}",
        f"/?next=https://{EVIL}",
        f"/cart?return_url=https://{EVIL}&added=//{EVIL}",
    ],
)
async def test_no_address_redirects_to_another_site(shopper: Shopper, shop: ShopUnderTest, path: str) -> None:
    reply = await shopper.http.get(shop.url + path)
    assert "Location" not in reply.headers


async def test_every_redirect_of_a_purchase_stays_in_the_shop_or_leads_to_stripe(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    seen: list[httpx.Response] = []

    async def watch(reply: httpx.Response) -> None:
        seen.append(reply)

    shopper.http.event_hooks["response"] = [watch]
    shopper.http.headers["Host"] = EVIL
    order = await shopper.check_out(DREAM)
    for path in ("session", "intent", "cancellation", "cart", "checkout"):
        await shopper.post(f"{order}/{path}", next=f"https://{EVIL}", return_url=f"//{EVIL}")
    await shopper.post("/cart/items", book=DREAM, next=f"//{EVIL}")
    await shopper.get(f"{order}?payment_intent=pi_1&next=//{EVIL}")
    locations = [reply.headers["Location"] for reply in seen if reply.is_redirect]
    assert len(locations) >= 6
    for location in locations:
        assert re.match(r"/(?![/\\])", location) or location.startswith(f"{shop.sandbox}/"), location


async def test_stripes_page_leads_back_to_the_shops_address_whatever_host_a_request_claims(
    shopper: Shopper, reopen: Reopen
) -> None:
    order = await shopper.check_out(DREAM)
    visitor = await reopen(url="https://books.example")
    forged = {"Host": EVIL, "X-Forwarded-Host": EVIL, "Forwarded": f"host={EVIL}"}
    reply = await visitor.post(f"{order}/session", headers=forged)
    found = re.search(r"/(cs_\w+)", reply.headers["Location"])
    assert found
    session = await shopper.stripe.v1.checkout.sessions.retrieve_async(found[1])
    assert session.success_url == f"https://books.example{order}"
    assert session.cancel_url == f"https://books.example{order}/pay"


async def test_without_a_set_address_it_leads_back_to_where_the_browser_came_from(shopper: Shopper) -> None:
    order = await shopper.check_out(DREAM)
    reply = await shopper.http.post(f"{order}/session", headers={"Host": "books.lan:8000"})
    found = re.search(r"/(cs_\w+)", reply.headers.get("Location", ""))
    assert found, text(reply)
    session = await shopper.stripe.v1.checkout.sessions.retrieve_async(found[1])
    assert session.success_url == f"http://books.lan:8000{order}"


@pytest.mark.parametrize("host", ["", "[", "a b", "evil.example/path", "x" * 300, "a@b", "\xff"])
async def test_a_host_that_is_none_breaks_nothing(shopper: Shopper, host: str) -> None:
    headers = [(b"Host", host.encode("latin-1"))]
    assert (await shopper.http.get("/cart", headers=headers)).status_code in (200, 400, 404)
