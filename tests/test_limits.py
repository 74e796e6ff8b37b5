"""Requests that bring too much, take too long, or hold what no page of ours sends."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from shop.asgi import BehindProxies
from shop.connections import BoundedConnection
from tests.conftest import ShopUnderTest
from tests.shopper import Shopper, text

DATABASE = "sqlite"

DREAM = "the-dream-machine"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
START = b"POST /cart/items HTTP/1.1\r\nHost: shop\r\nContent-Type: application/x-www-form-urlencoded\r\n"


async def raw(shop: ShopUnderTest, *pieces: bytes, pause: float = 0) -> str:
    """Send bytes as they are, and read until the server closes the connection or has nothing more to say."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(shop.url.rpartition(":")[2]))
    for piece in pieces:
        writer.write(piece)
        await asyncio.sleep(pause)
    try:
        async with asyncio.timeout(5):
            return (await reader.read(200)).decode()
    finally:
        writer.close()


@pytest.mark.parametrize(
    ("kind", "begin", "status"),
    [
        ("application/x-www-form-urlencoded", b"book=", 413),
        ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="f"\r\n\r\n', 413),
        ("multipart/form-data; boundary=b", b"", 413),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n',
            415,
        ),
    ],
)
async def test_a_body_in_pieces_is_cut_off_too(
    shopper: Shopper, kind: str, begin: bytes, status: int
) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield begin
        for _ in range(40):
            yield b"x" * 10_000
            await asyncio.sleep(0)

    reply = await shopper.http.post("/cart/items", content=endless(), headers={"Content-Type": kind})
    assert reply.status_code in {status, 413}  # whichever is seen first
    assert "Look at the books" in text(reply)


@pytest.mark.parametrize("form", [{f"f{n}": "" for n in range(60)}, {"book": "x" * 3000}, {"x" * 3000: ""}])
async def test_a_form_with_too_many_or_too_long_fields_is_refused(
    shopper: Shopper, form: dict[str, str]
) -> None:
    as_parts = {name: (None, value) for name, value in form.items()}
    for reply in (
        await shopper.post("/cart/items", **form),
        await shopper.http.post("/cart/items", files=as_parts),
    ):
        assert reply.status_code == 413
        assert "larger than this shop accepts" in text(reply)


async def test_a_form_in_parts_is_read_as_any_other(shopper: Shopper) -> None:
    reply = await shopper.http.post("/cart/items", files={"book": (None, DREAM), "quantity": (None, "2")})
    assert reply.status_code == 303


@pytest.mark.parametrize("body", [b"book=\xff", b"book=a%00b", b"%00=a", b"book=\x00"])
async def test_a_form_that_no_database_takes_is_refused(shopper: Shopper, body: bytes) -> None:
    for path in ("/cart/items", "/cart/items/flatland", "/checkout"):
        reply = await shopper.http.post(path, content=body, headers=FORM)
        assert reply.status_code == (400 if b"\xff" in body else 422)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/?q=%00", 422),
        ("/?category=a%00", 422),
        ("/?q=%ff%fe", 200),
        ("/?category=%ff", 200),
        ("/?q=%ed%a0%80", 200),
        ("/books/%00", 404),
        ("/books/%ff", 404),
        ("/orders/%00/pay", 404),
        ("/orders/%ed%a0%80", 404),
        ("/static/%00.css", 404),
        ("/cart?added=%00", 422),
        ("/?q=" + "a" * 201, 422),
        ("/?q=" + "a" * 9000, 414),
    ],
)
async def test_an_address_that_no_database_takes_is_refused(shopper: Shopper, path: str, status: int) -> None:
    page = await shopper.get(path)
    assert page.status_code == status
    assert "Colophon" in text(page)


async def test_an_email_address_that_is_too_long_is_told_beside_the_form(shopper: Shopper) -> None:
    await shopper.check_out(DREAM)
    reply = await shopper.press(f"{'a' * 320}@example.com", total=3500)
    assert (reply.status_code, "too long" in text(reply)) == (422, True)


async def test_a_body_that_does_not_come_ends_with_the_shops_page(shop: ShopUnderTest) -> None:
    shop.app.config["BODY_TIMEOUT"] = 0.2
    reply = await raw(shop, START + b"Content-Length: 100\r\n\r\nbook=")
    assert reply.startswith("HTTP/1.1 408 ")
    assert "connection: close" in reply.lower()


@pytest.mark.parametrize(
    "head",
    [
        b"X-A: " + b"a" * 70_000 + b"\r\n\r\n",
        b"X-A: " + b"a" * 70_000,
        b"X-A: a\r\n" * 120 + b"\r\n",
        b"Cookie: colophon=" + b"a" * 70_000 + b"\r\n\r\n",
    ],
)
async def test_headers_that_are_too_many_or_too_large_are_refused(shop: ShopUnderTest, head: bytes) -> None:
    assert (await raw(shop, START, head, pause=0.01)).startswith("HTTP/1.1 431 ")


@pytest.mark.parametrize("pieces", [[b""], [b"GET / HT", b"TP/1.1\r\n"]])
async def test_a_head_that_does_not_come_is_not_waited_for(
    shop: ShopUnderTest, monkeypatch: pytest.MonkeyPatch, pieces: list[bytes]
) -> None:
    monkeypatch.setattr(BoundedConnection, "head_seconds", 0.2)
    assert (await raw(shop, *pieces)).startswith("HTTP/1.1 408 ")


async def test_a_connection_is_used_again_after_a_pause(shop: ShopUnderTest) -> None:
    ask = b"GET /help HTTP/1.1\r\nHost: shop\r\n\r\n"
    reply = await raw(shop, ask[:9], ask[9:], pause=0.05)
    assert reply.startswith("HTTP/1.1 200 ")


async def test_what_is_no_http_is_refused(shop: ShopUnderTest) -> None:
    assert (await raw(shop, b"\x16\x03\x01\x00\xff garbage\r\n\r\n")).startswith("HTTP/1.1 400 ")


@pytest.mark.parametrize(
    ("hops", "forwarded", "client"),
    [
        (0, b"203.0.113.9", "192.0.2.1"),
        (1, b"198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, b"198.51.100.1, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (2, b"203.0.113.9", "192.0.2.1"),
        (1, b"203.0.113.9:4711", "203.0.113.9"),
        (1, b"[2001:db8::1]:4711", "2001:db8::1"),
        (1, b"<script>", "192.0.2.1"),
    ],
)
async def test_the_client_is_who_the_last_trusted_proxy_saw(hops: int, forwarded: bytes, client: str) -> None:
    async def app(scope: Any, *_: object) -> None:
        assert scope["client"][0] == client

    headers = [(b"x-forwarded-for", forwarded)]
    scope = {"type": "http", "client": ("192.0.2.1", 1), "scheme": "http", "headers": headers}
    await BehindProxies(app, hops)(scope, None, None)
