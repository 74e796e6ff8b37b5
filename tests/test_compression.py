"""How little goes over the wire, and how it is kept."""

import gzip

import brotli  # type: ignore[import-untyped]
import httpx

from tests.conftest import ShopUnderTest
from tests.shopper import Shopper

DATABASE = "sqlite"
COVER = "/books/flatland/cover.svg"
HTMX = "/static/vendor/htmx-4.0.1.min.js"
UNPACK = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}
WANTED = [
    ("br, gzip", "br"),
    ("gzip, deflate, br, zstd", "br"),
    ("gzip", "gzip"),
    ("br;q=0, gzip;q=0.5", "gzip"),
    ("br;q=0.2, gzip;q=0.8", "gzip"),
    ("*", "br"),
    ("deflate", None),
    ("identity", None),
    ("br;q=x, ,;", None),
    ("", None),
]


async def raw(shop: ShopUnderTest, path: str, accept: str, **headers: str) -> tuple[httpx.Response, bytes]:
    """The answer, and its bytes as they come over the wire."""
    headers = {"Accept-Encoding": accept, **headers}
    async with (
        httpx.AsyncClient(base_url=shop.url) as http,
        http.stream("GET", path, headers=headers) as reply,
    ):
        return reply, b"".join([part async for part in reply.aiter_raw()])


async def test_pages_files_and_covers_come_as_the_browser_takes_them(shop: ShopUnderTest) -> None:
    asked = [(path, "gzip, br", "br") for path in (HTMX, "/static/shop.css", "/", "/cart", "/nothing", COVER)]
    for path, accept, encoding in (*asked, *(("/help", *wanted) for wanted in WANTED)):
        (reply, body), (_, plain) = await raw(shop, path, accept), await raw(shop, path, "identity")
        assert reply.headers.get("Content-Encoding") == encoding, (path, accept)
        assert int(reply.headers["Content-Length"]) == len(body)
        assert "Accept-Encoding" in ", ".join(reply.headers.get_list("Vary"))
        assert UNPACK[encoding](body) == plain
        assert encoding is None or len(body) < 0.5 * len(plain)


async def test_files_say_what_they_are_whatever_the_machine_knows(shop: ShopUnderTest) -> None:
    for path, said in ((HTMX, "text/javascript; charset=utf-8"), ("/static/fonts/jost.woff2", "font/woff2")):
        assert (await raw(shop, path, "br"))[0].headers["Content-Type"] == said


async def test_each_form_of_a_file_has_a_name_of_its_own(shop: ShopUnderTest) -> None:
    for path in (HTMX, COVER):
        tags = {accept: (await raw(shop, path, accept))[0].headers["ETag"] for accept in ("br", "gzip", "")}
        assert len(set(tags.values())) == 3
        for accept, tag in tags.items():
            again, body = await raw(shop, path, accept, **{"If-None-Match": tag})
            assert (again.status_code, body, again.headers["ETag"]) == (304, b"", tag)
            assert "Accept-Encoding" in again.headers["Vary"]
        assert (await raw(shop, path, "br", **{"If-None-Match": tags["gzip"]}))[0].status_code == 200


async def test_what_is_packed_already_is_not_packed_again(shop: ShopUnderTest) -> None:
    for path in ("/static/fonts/jost.woff2", "/books/flatland/card.png"):
        assert "Content-Encoding" not in (await raw(shop, path, "br"))[0].headers


async def test_a_page_with_a_secret_is_never_compressed(shop: ShopUnderTest, shopper: Shopper) -> None:
    """Its length would tell of the secret."""
    order = await shopper.check_out("flatland")
    for path in (
        order,
        f"{order}/pay",
        f"{order}/status",
        "/orders/x",
        "/find-order",
        "/downloads/x",
        "/mailbox",
    ):
        assert "Content-Encoding" not in (await raw(shop, path, "br"))[0].headers, path
