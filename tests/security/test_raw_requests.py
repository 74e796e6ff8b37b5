"""Requests that no client library would send: slow, huge, smuggled, garbled. The limits on time and number are in
test_limits.py; here is what holds of each single request."""

import asyncio
import time
from urllib.parse import urlsplit

import pytest

from tests.conftest import ShopUnderTest
from tests.shopper import Shopper, text

DATABASE = "sqlite"
DREAM = "the-dream-machine"
FORM = "Host: shop\r\nContent-Type: application/x-www-form-urlencoded\r\n"


async def answer(url: str, *parts: str | bytes, patience: float = 20) -> bytes:
    """What the server says to these bytes; empty if it hangs up without a word."""
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        for part in parts:
            writer.write(part.encode("latin-1") if isinstance(part, str) else part)
            await writer.drain()
        return await asyncio.wait_for(reader.read(-1), patience)
    except ConnectionError:
        return b""
    finally:
        writer.close()


def status(said: bytes) -> int | None:
    return int(said.split(b" ")[1]) if said.startswith(b"HTTP/1.1 ") else None


@pytest.mark.parametrize(
    "request_line",
    [
        "GET /\xff\xfe HTTP/1.1",
        "GET /%ff%fe%00 HTTP/1.1",
        "GET /?q=\xff\xfe\x80 HTTP/1.1",
        "GET /?\xc3\xa9=%zz HTTP/1.1",
        "GET http://evil.example/ HTTP/1.1",
        "GET //evil.example/ HTTP/1.1",
        "GET * HTTP/1.1",
        "OPTIONS * HTTP/1.1",
        "TRACE / HTTP/1.1",
        "CONNECT evil.example:443 HTTP/1.1",
        "PROPFIND / HTTP/1.1",
        "GET / HTTP/9.9",
        "GET /" + "a" * 100_000 + " HTTP/1.1",
        "\x16\x03\x01\x02\x00\x01",
        "",
    ],
)
async def test_a_garbled_request_line_gets_a_refusal_and_no_crash(
    shop: ShopUnderTest,
    request_line: str,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    said = await answer(shop.url, f"{request_line}\r\nHost: shop\r\nConnection: close\r\n\r\n")
    assert status(said) in (200, 400, 404, 405, 431, None)
    assert b"evil.example" not in said
    assert "Traceback" not in caplog.text + "".join(capsys.readouterr())


async def test_who_wants_to_speak_another_protocol_is_answered_in_http(shopper: Shopper) -> None:
    wish = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "x",
    }
    for path in ("/", "/cart", "/"):
        assert (await shopper.get(path, **wish)).status_code == 200
        assert (await shopper.get(path)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        "Content-Length: 5\r\nContent-Length: 50",
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Content-Length: -1",
        "Content-Length: x",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: xchunked",
        "Content-Length : 5",
        " Content-Length: 5",
    ],
)
async def test_a_request_within_a_request_is_not_taken_for_two(shop: ShopUnderTest, headers: str) -> None:
    shop.app.config["BODY_TIMEOUT"] = 1
    inner = "GET /help HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n"
    said = await answer(
        shop.url, f"POST /cart/items HTTP/1.1\r\n{FORM}{headers}\r\n\r\n0\r\n\r\n{inner}", patience=5
    )
    assert b"Help and contact</h1>" not in said
    assert (status(said) or 400) >= 400


async def test_a_body_that_is_larger_than_it_says_is_cut_off(shop: ShopUnderTest) -> None:
    body = f"book={DREAM}" + "&note=" + "x" * 2000
    said = await answer(
        shop.url, f"POST /cart/items HTTP/1.1\r\n{FORM}Content-Length: 5\r\nConnection: close\r\n\r\n{body}"
    )
    assert status(said) == 404  # "book=" is no book


async def test_a_huge_body_is_refused_before_it_has_come_in(shop: ShopUnderTest) -> None:
    said = await answer(
        shop.url,
        f"POST /cart/items HTTP/1.1\r\n{FORM}Content-Length: 99999999999\r\nConnection: close\r\n\r\n",
    )
    assert status(said) == 413


async def test_a_huge_body_in_pieces_is_refused_when_it_is_too_much(shop: ShopUnderTest) -> None:
    piece = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    head = f"POST /cart/items HTTP/1.1\r\n{FORM}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    assert status(await answer(shop.url, head, *[piece] * 8)) in (413, None)


async def test_others_are_served_while_one_sends_a_letter_at_a_time(
    shop: ShopUnderTest, shopper: Shopper
) -> None:
    head = f"POST /cart/items HTTP/1.1\r\n{FORM}Content-Length: 1000\r\nConnection: close\r\n\r\nb"
    shop.app.config["BODY_TIMEOUT"] = 2
    slow = [asyncio.create_task(answer(shop.url, head)) for _ in range(50)]
    begun = time.monotonic()
    assert "The Dream Machine" in text(await shopper.get("/"))
    assert time.monotonic() - begun < 5
    for task in slow:
        task.cancel()
    await asyncio.gather(*slow, return_exceptions=True)


async def test_a_body_that_never_ends_is_given_up_when_its_time_is_over(shop: ShopUnderTest) -> None:
    shop.app.config["BODY_TIMEOUT"] = 0.2
    head = f"POST /cart/items HTTP/1.1\r\n{FORM}Content-Length: 1000\r\nConnection: close\r\n\r\nbook="
    assert status(await answer(shop.url, head)) == 408


async def test_a_form_of_thousands_of_fields_or_parts_is_answered_quickly(shopper: Shopper) -> None:
    begun = time.monotonic()
    many = "&".join(f"f{n}=" for n in range(20_000))
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert 400 <= (await shopper.http.post("/cart/items", content=many, headers=headers)).status_code < 500
    part = b'--b\r\nContent-Disposition: form-data; name="f"\r\n\r\n\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    assert (
        400
        <= (await shopper.http.post("/cart/items", content=part * 3000, headers=headers)).status_code
        < 500
    )
    assert time.monotonic() - begun < 5


NAMES = [
    *("Accept", "Accept-Encoding", "Accept-Language", "Authorization", "Cookie", "Content-Type", "Expect"),
    *(
        "Forwarded",
        "X-Forwarded-For",
        "X-Forwarded-Proto",
        "X-Forwarded-Host",
        "X-Forwarded-Prefix",
        "X-Real-IP",
    ),
    *("If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range", "Range"),
    *("HX-Request", "HX-Request-Type", "HX-Target", "Origin", "Referer", "Sec-Fetch-Site", "User-Agent"),
    *("Upgrade", "X-Original-URL", "X-Rewrite-URL"),
]


@pytest.mark.parametrize("value", ["\xff\xfe", "<script>", "partial,partial", "wss", "9" * 30, "a" * 1000])
async def test_garbage_in_every_header_gets_a_page_or_a_refusal(shopper: Shopper, value: str) -> None:
    headers = [(name.encode(), value.encode("latin-1")) for name in NAMES]
    for path in ("/cart", "/static/css/base.css", "/books/flatland/cover.svg"):
        reply = await shopper.http.get(path, headers=headers)
        assert reply.status_code < 500, path
        assert "<script>" not in f"{reply.headers}{reply.text}"
