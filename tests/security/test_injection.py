"""HTML, scripts, header lines, SQL and garbage in every field and parameter that the shop has."""

import re
from collections.abc import Iterator
from urllib.parse import quote, quote_from_bytes

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from shop.models import Book
from tests.conftest import ShopUnderTest
from tests.security.test_origins import routes
from tests.shopper import Shopper, text

DREAM = "the-dream-machine"
MARK = "x7x7"  # stands in each attack, so that what comes back can be found
ATTACKS = [
    f"<script>alert('{MARK}')</script>",
    f'"><img src={MARK} onerror=alert(1)>',
    f"' autofocus onfocus={MARK} x='",
    f"{{{{ '{MARK}' * 2 }}}}{{% raise %}}",
    f"javascript:{MARK}//%0aalert(1)",
    f"</title></textarea></script><svg onload={MARK}>",
    f"{MARK}\r\nSet-Cookie: {MARK}=1\r\n\r\n<b>{MARK}",
    f"{MARK}' OR '1'='1'; DROP TABLE books; --",
    f"{MARK}\x00\ud7ff\u202e\ufffe",
    f"../../../../etc/passwd?{MARK}",
]
BYTES = (
    st.binary(max_size=60) | st.text(max_size=40).map(str.encode) | st.sampled_from(ATTACKS).map(str.encode)
)


def is_inert(reply: httpx.Response) -> bool:
    """Whether what was sent comes back as text if at all, and in no header but an encoded one."""
    for value in reply.headers.values():
        assert "\r" not in value
        assert not re.search(rf"<[^>]*{MARK}|{MARK}=1(;|$)", value)
    assert MARK not in reply.headers.get("Set-Cookie", "")
    tags = re.findall(r"<[a-zA-Z/][^>]*>", reply.text)
    # In a tag it may stand as an attribute's value, without a quote that would end it.
    attributes = [re.sub(r'"[^"]*"', '""', tag) for tag in tags]
    assert not [tag for tag in attributes if MARK in tag]
    assert "<script>alert" not in reply.text
    assert f"{MARK}{MARK}" not in reply.text  # a template would have doubled it
    return reply.status_code < 500


def parameters(shop: ShopUnderTest) -> Iterator[str]:
    for name in ("q", "category", "format", "price_from", "price_to", "in_stock", "page", "sort"):
        yield f"/?{name}=%s"
    yield "/suggestions?q=%s"
    yield "/cart?added=%s"
    yield "/cart?changed=%s"
    yield "/orders/%s?payment_intent=%s&redirect_status=%s"
    yield "/static/css/base.css?v=%s"
    for path, methods in routes(shop):
        if "GET" in methods and "x" in path.split("/"):
            yield path.replace("/x", "/%s")
        yield f"{path}?x=%s&%s=1"


async def test_an_attack_in_a_query_or_a_path_comes_back_as_text_or_not_at_all(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await shopper.add(DREAM)
    for pattern in parameters(shop):
        path = pattern.replace("%s", quote(" ".join(ATTACKS), safe=""))
        assert is_inert(await shopper.get(path)), path
    for attack in ATTACKS:
        assert is_inert(await shopper.get(f"/?q={quote(attack, safe='')}")), attack


FORMS = {
    "/cart/items": ("book", "quantity", "shown"),
    f"/cart/items/{DREAM}": ("quantity", "step", "seen", "shown"),
    "/cart/undo": ("change", "seen"),
    "/cart/discount": ("code", "seen"),
    "/cart/discount/removal": ("seen",),
    "/cart/country": ("country",),
    "/checkout": ("revision", "total"),
    f"/books/{DREAM}/checkout": ("visit", "country"),
    "{order}/pay": ("email", "total", "revision"),
    "{order}/email": ("email",),
    "{order}/session": ("total", "revision"),
    "/find-order": ("code", "email"),
    "/sign-in": ("email",),
    "/staff/sign-in": ("password", "wanted"),
    "/staff{order}/receipts": ("number",),
    "/staff/webhooks/replays": ("event",),
    "/staff/imports": ("file", "currency", "copies"),
    "/staff/imports/x": ("skip_bad",),
    f"/staff/books/{DREAM}": ("price", "stock", "seen_price", "seen_stock"),
    "/staff{order}/refunds": (
        "what",
        "line",
        "copies",
        "amount",
        "restock",
        "reason",
        "refund",
        "left",
    ),
}


BEHIND_THE_DOOR = (
    "/staff/audit",
    "/staff/webhooks",
    "/staff/imports",
    "/staff/books",
    f"/staff/books/{DREAM}",
    "/staff/orders",
    "/staff{order}",
    "/staff{order}/refunds/new?what=whole",
)


async def test_every_form_is_among_those_that_are_attacked(
    shop: ShopUnderTest, shopper: Shopper, staff: httpx.AsyncClient
) -> None:
    await shopper.add(DREAM)
    public = ("/", f"/books/{DREAM}", "/cart", "/find-order", "/sign-in", "/staff/sign-in")
    pages = [await shopper.get(path) for path in public]
    order = await shopper.check_out("flatland")
    pages.append(await shopper.get(f"{order}/pay"))
    await shopper.pay()
    pages += [await staff.get(path.format(order=order)) for path in BEHIND_THE_DOOR]
    forms = {
        (re.sub(r"^/cart/items/.*", f"/cart/items/{DREAM}", action.replace(order, "{order}")), name)
        for page in pages
        for action, body in re.findall(r'<form[^>]*action="(\S+)" method="post"(.*?)</form>', page.text, re.S)
        for name in re.findall(r'\bname="(\w+)"', body)
    }
    assert forms <= {(action, name) for action, names in FORMS.items() for name in names}
    assert len(forms) >= 8


@pytest.mark.parametrize("htmx", [False, True])
async def test_an_attack_in_a_form_comes_back_as_text_or_not_at_all(
    shopper: Shopper, staff: httpx.AsyncClient, htmx: bool
) -> None:
    order = await shopper.check_out(DREAM)
    shopper.http.cookies.update(staff.cookies)
    good = {"book": DREAM, "quantity": "1", "email": "ada@example.com", "total": "3500", "revision": "1"}
    good |= {"change": "1", "seen": "1.page", "shown": "3500"}
    good["code"] = "C-7K3M-9QXD"
    for action, names in FORMS.items():
        for name in names:
            form = {other: good[other] for other in names if other in good} | {name: " ".join(ATTACKS)}
            reply = await shopper.post(action.format(order=order), htmx=htmx, **form)
            assert is_inert(reply), (action, name)
            assert reply.status_code >= 400 or name == "step", (action, name)


async def test_an_attack_in_an_address_of_the_back_office_comes_back_as_text(
    shopper: Shopper, staff: httpx.AsyncClient
) -> None:
    order = await shopper.check_out(DREAM)
    await shopper.pay()
    for attack in (quote(attack, safe="") for attack in ATTACKS):
        for path, names in ADDRESSES.items():
            query = "&".join(f"{name}={attack}" for name in names)
            assert is_inert(
                await staff.get(f"{path.format(order=order)}{'&' if '?' in path else '?'}{query}")
            ), (path, attack)


ADDRESSES = {
    "/staff/orders": ("q", "before"),
    "/staff/orders?q=": ("status", "since", "until"),
    "/staff{order}/refunds/new": ("what", "line", "copies", "amount"),
    "/staff{order}/refunds/new?what=whole": ("reason", "restock"),
    "/staff/books": ("q", "after"),
    f"/staff/books/{DREAM}": ("saved",),
    "/staff/webhooks": ("outcome", "before", "replayed"),
    "/staff/sign-in": ("wanted",),
}


async def test_what_was_typed_is_still_there_after_a_mistake_and_is_text(shopper: Shopper) -> None:
    order = await shopper.check_out(DREAM)
    page = await shopper.post(f"{order}/pay", email=ATTACKS[1], total="3500")
    assert page.status_code == 422
    assert "&#34;&gt;&lt;img src=" in page.text


async def test_a_title_with_a_script_in_it_is_text_on_every_page_and_at_stripe(
    shopper: Shopper, shop: ShopUnderTest, staff: httpx.AsyncClient
) -> None:
    async with shop.db.write() as session:
        words = dict.fromkeys(("title", "subtitle", "authors", "publisher", "blurb", "category"), ATTACKS[0])
        await session.execute(update(Book).where(Book.slug == DREAM).values(**words))
    await shopper.add(DREAM)
    pages = ["/", f"/books/{DREAM}", f"/books/{DREAM}/cover.svg", "/cart"]
    order = await shopper.check_out()
    replies = [await shopper.get(path) for path in (*pages, f"{order}/pay")]
    replies.append(await shopper.pay())
    replies += [await staff.get(path.format(order=order)) for path in BEHIND_THE_DOOR]
    for reply in replies:
        assert reply.status_code == 200
        assert "<script>alert" not in reply.text
        assert is_inert(reply)


@pytest.mark.parametrize(
    "path",
    [
        "/?q=%s",
        "/?category=%s",
        "/books/%s",
        "/books/%s/cover.svg",
        "/orders/%s",
        "/static/%s",
        "/%s",
    ],
)
@given(data=BYTES)
@example(data=b"\x00")
@example(data=b"\xff\xfe")
@example(data=b"\xed\xa0\x80")
@example(data="\U0001f4da".encode() * 15)
@settings(
    max_examples=8, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
async def test_any_bytes_in_an_address_get_a_page(shopper: Shopper, path: str, data: bytes) -> None:
    reply = await shopper.get(path.replace("%s", quote_from_bytes(data, safe="")))
    assert reply.status_code in (200, 400, 404, 422)
    assert is_inert(reply)


@given(data=BYTES)
@example(data=b"\x00")
@example(data=b"\xed\xa0\x80@example.com")
@settings(
    max_examples=8, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
async def test_any_bytes_in_a_form_get_a_refusal(shopper: Shopper, data: bytes) -> None:
    sent = quote_from_bytes(data, safe="")
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for path, form in (
        ("/cart/items", f"book={sent}"),
        ("/orders/x/pay", f"email={sent}&total=1&revision={sent}"),
    ):
        reply = await shopper.http.post(path, content=form, headers=headers)
        assert 400 <= reply.status_code < 500
        assert is_inert(reply)


async def test_an_address_with_a_line_break_makes_no_header(shopper: Shopper) -> None:
    await shopper.add(DREAM)
    reply = await shopper.post("/cart/items", book=f"{DREAM}\r\nSet-Cookie: a=b")
    assert reply.status_code == 404
    page = await shopper.get(f"/cart?added={quote(DREAM)}%0d%0aSet-Cookie:%20a=b")
    assert "Set-Cookie" not in page.headers
    assert "The Dream Machine" in text(page)
