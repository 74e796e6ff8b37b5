"""Pages of the catalogue are kept and answered again, and nobody can tell but by the clock."""

import asyncio
import gc
import re
import tracemalloc

import brotli
import pytest
from sqlalchemy import delete, func, insert, select
from sqlalchemy import text as sql
from sqlalchemy.ext.asyncio import create_async_engine

from shop.jobs import sweep
from shop.models import CatalogueChange
from tests.conftest import NewShopper, ShopUnderTest
from tests.security.test_raw_requests import answer, status
from tests.shopper import Shopper, text

DREAM = "the-dream-machine"
VISIT = re.compile(r'name="visit" value="([\w-]{22})"')


async def change_elsewhere(shop: ShopUnderTest, statement: str) -> None:
    """As another process does, of which this one hears nothing."""
    engine = create_async_engine(shop.settings.database_url)
    async with engine.begin() as connection:
        await connection.execute(sql(statement))
    await engine.dispose()


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        ("UPDATE books SET price = 4321 WHERE slug = 'the-dream-machine'", "$43.21"),
        ("UPDATE books SET held = stock WHERE slug = 'the-dream-machine'", "Sold out"),
        ("UPDATE books SET withdrawn = true WHERE slug = 'the-dream-machine'", "No longer sold"),
    ],
)
async def test_what_another_process_changes_is_seen_within_a_second(
    shopper: Shopper, shop: ShopUnderTest, change: str, seen: str
) -> None:
    assert seen not in text(await shopper.get(f"/books/{DREAM}"))
    await change_elsewhere(shop, change)
    await asyncio.sleep(0.9)
    assert seen in text(await shopper.get(f"/books/{DREAM}"))


async def test_the_sweep_keeps_few_of_many_changes(shop: ShopUnderTest) -> None:
    async with shop.db.write() as session:
        await session.execute(delete(CatalogueChange))
        await session.execute(insert(CatalogueChange), [{"id": number} for number in range(1, 1502)])
    await sweep(shop.db, shop.app.extensions["gateway"])
    async with shop.db.read() as session:
        assert (await session.scalars(select(func.count(CatalogueChange.id)))).one() == 1000


async def test_a_book_that_is_gone_and_one_that_is_new_are_noticed(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    before = text(await shopper.get("/"))
    await change_elsewhere(shop, f"DELETE FROM books WHERE slug = '{DREAM}'")
    await asyncio.sleep(0.9)
    assert (await shopper.get(f"/books/{DREAM}")).status_code == 404
    assert text(await shopper.get("/")) != before


async def test_each_visitor_sees_the_number_of_their_own_cart(new_shopper: NewShopper) -> None:
    ada, eve, guest = new_shopper(), new_shopper(), new_shopper()
    await ada.add(DREAM, 3)
    await eve.add(DREAM, 7)
    for path in ("/", f"/books/{DREAM}", "/"):
        assert "Cart 3 books" in text(await ada.get(path))
        assert "Cart 7 books" in text(await eve.get(path))
        assert "Cart 0 books" in text(await guest.get(path))


async def test_a_cookie_that_nobody_signed_counts_nothing(shopper: Shopper) -> None:
    await shopper.add(DREAM, 3)
    signed, _, signature = shopper.http.cookies["colophon"].rpartition(".")
    forged = f"{signed}.{signature[::-1]}"
    shopper.http.cookies.clear()
    assert "Cart 0 books" in text(await shopper.get("/", Cookie=f"colophon={forged}"))


async def test_no_two_visitors_get_the_same_id_for_buy_now(new_shopper: NewShopper) -> None:
    pages = [await new_shopper().get(f"/books/{DREAM}", **{"Accept-Encoding": "identity"}) for _ in range(4)]
    assert len({VISIT.findall(page.text)[0] for page in pages}) == 4
    assert len({VISIT.sub("", page.text) for page in pages}) == 1


@pytest.mark.parametrize("path", [f"/books/{DREAM}", "/?price_from=cheap"])
async def test_pages_that_are_not_kept_are_compressed_all_the_same(
    shopper: Shopper, shop: ShopUnderTest, path: str
) -> None:
    async with shop.db.write() as session:
        await session.execute(sql(f"UPDATE books SET withdrawn = true WHERE slug = '{DREAM}'"))
    page = await shopper.get(path, **{"Accept-Encoding": "br"})
    assert (page.status_code, page.headers["Content-Encoding"]) == (410 if "books" in path else 422, "br")


async def test_a_page_and_its_fragment_are_kept_apart(shopper: Shopper) -> None:
    for _ in range(2):
        assert (await shopper.get("/")).text.startswith("<!doctype html>")
        assert not (await shopper.get("/", **{"HX-Request-Type": "partial"})).text.startswith("<!doctype")


async def test_who_has_the_page_need_not_fetch_it_again(shopper: Shopper, shop: ShopUnderTest) -> None:
    tag = (await shopper.get("/")).headers["ETag"]
    again = await shopper.get("/", **{"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    await shopper.add(DREAM)
    assert (await shopper.get("/", **{"If-None-Match": tag})).status_code == 200


async def test_head_says_what_get_says(shopper: Shopper) -> None:
    for path in ("/", "/books/nowhere"):
        head, get = await shopper.http.head(path), await shopper.get(path)
        said = [{**reply.headers, "date": "", "x-request-id": ""} for reply in (head, get)]
        assert (said[0], head.content) == (said[1], b"")


async def test_a_tag_that_a_proxy_has_weakened_is_known(shopper: Shopper) -> None:
    tag = (await shopper.get("/")).headers["ETag"]
    assert (await shopper.get("/", **{"If-None-Match": f'"x", W/{tag}'})).status_code == 304


@pytest.mark.parametrize("first", ["partial", "full"])
async def test_a_header_that_comes_twice_gives_nobody_else_another_page(
    shop: ShopUnderTest, shopper: Shopper, first: str
) -> None:
    asked = [f"HX-Request-Type: {how}\r\n" for how in sorted(("partial", "full"), key=first.__ne__)]
    request = "GET /?sort=title HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n"
    assert status(await answer(shop.url, request, *asked, "\r\n")) == 200
    assert (await shopper.get("/?sort=title", Host="shop")).text.startswith("<!doctype html>")
    fragment = await shopper.get("/?sort=title", **{"Host": "shop", "HX-Request-Type": "partial"})
    assert not fragment.text.startswith("<!doctype html>")


async def test_a_host_that_comes_twice_gives_nobody_else_its_addresses(
    shop: ShopUnderTest, shopper: Shopper
) -> None:
    for hosts in (("evil.example", "localhost"), ("localhost", "evil.example")):
        said = "".join(f"Host: {host}\r\n" for host in hosts)
        await answer(shop.url, f"GET /books/{DREAM} HTTP/1.1\r\n{said}Connection: close\r\n\r\n")
    ours = await shopper.get(f"/books/{DREAM}", Host="localhost")
    assert f'href="http://localhost/books/{DREAM}"' in ours.text
    theirs = await shopper.get(f"/books/{DREAM}", Host="evil.example")
    assert "http://localhost" not in theirs.text


async def test_a_cookie_of_another_program_may_hold_any_bytes(shopper: Shopper) -> None:
    for path in ("/", f"/books/{DREAM}", "/?q=machine"):
        reply = await shopper.http.get(path, headers={b"Cookie": b"name=J\xf6rg; other=\xff"})
        assert reply.status_code == 200, path


async def test_headers_that_never_come_again_are_not_remembered(shopper: Shopper) -> None:
    await shopper.get("/")
    tracemalloc.start()
    for number in range(100):
        strange = {"Cookie": f"x{number}=" + "y" * 30_000, "Accept-Encoding": f"z{number}," + "z" * 10_000}
        assert (await shopper.http.get("/", headers=strange)).status_code == 200
    gc.collect()
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grown < 1_000_000


async def test_a_kept_page_is_sent_as_the_browser_takes_it(shopper: Shopper) -> None:
    plain = await shopper.get("/", **{"Accept-Encoding": "identity"})
    async with shopper.http.stream("GET", "/", headers={"Accept-Encoding": "br"}) as reply:
        packed = b"".join([part async for part in reply.aiter_raw()])
    assert brotli.decompress(packed).decode() == plain.text
    assert "Accept-Encoding" in plain.headers["Vary"]


async def test_what_is_searched_for_and_what_is_refused_is_not_kept(shopper: Shopper) -> None:
    assert "ETag" not in (await shopper.get("/?q=machine")).headers
    assert "ETag" not in (await shopper.get("/?price_from=cheap")).headers
