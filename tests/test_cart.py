"""The cart, with and without htmx."""

import asyncio
from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select, update

from shop.models import Book, Cart
from tests.conftest import NewShopper, ShopUnderTest
from tests.shopper import Shopper, text

DREAM, CODE, INVISIBLE, SOLD_OUT = (
    "the-dream-machine",
    "the-code-book",
    "invisible-cities",
    "the-pragmatic-programmer",
)


async def test_adding_without_htmx_leads_to_the_cart_and_says_what_was_added(shopper: Shopper) -> None:
    reply = await shopper.add(DREAM)
    assert reply.status_code == 303
    page = text(await shopper.get(reply.headers["Location"]))
    assert "Added The Dream Machine. 1 book in your cart." in page


async def test_adding_with_htmx_answers_the_count_and_the_sentence(shopper: Shopper) -> None:
    reply = await shopper.post("/cart/items", htmx=True, book=DREAM)
    assert reply.status_code == 200
    assert "<html" not in reply.text
    assert "HX-Request-Type" in reply.headers["Vary"]
    assert "Added The Dream Machine. 1 book in your cart." in text(reply)


async def test_lines_and_total_add_up(shopper: Shopper) -> None:
    await shopper.add(DREAM, 2)
    await shopper.add(CODE)
    page = text(await shopper.get("/cart"))
    assert "$35.00 each" in page
    assert "$70.00" in page
    assert "Total $87.99" in page


async def test_the_quantity_is_set_not_added(shopper: Shopper) -> None:
    await shopper.add(CODE)
    for quantity in (5, 5):
        await shopper.post(f"/cart/items/{CODE}", quantity=quantity)
    assert "Total $89.95" in text(await shopper.get("/cart"))


async def test_plus_and_minus_work_without_scripts(shopper: Shopper) -> None:
    await shopper.add(CODE, 2)
    await shopper.post(f"/cart/items/{CODE}", quantity=2, step=1)
    assert "Total $53.97" in text(await shopper.get("/cart"))
    await shopper.post(f"/cart/items/{CODE}", quantity=3, step=-1)
    assert "Total $35.98" in text(await shopper.get("/cart"))


async def test_zero_removes_the_line(shopper: Shopper) -> None:
    await shopper.add(CODE)
    reply = await shopper.post(f"/cart/items/{CODE}", htmx=True, quantity=0)
    assert "Removed The Code Book. Your cart is empty." in text(reply)


@pytest.mark.parametrize("quantity", ["-1", "x", "", "1.5", "٣", "1e3", "9" * 40])
async def test_a_quantity_that_is_no_number_is_refused_in_words(shopper: Shopper, quantity: str) -> None:
    await shopper.add(CODE)
    reply = await shopper.post(f"/cart/items/{CODE}", quantity=quantity)
    assert reply.status_code == 422
    assert "Give the quantity as a whole number, like 2." in text(reply)
    assert "Total $17.99" in text(await shopper.get("/cart"))


@pytest.mark.parametrize("quantity", ["0", "-1", "x", ""])
async def test_adding_a_quantity_that_is_no_number_is_refused(shopper: Shopper, quantity: str) -> None:
    reply = await shopper.post("/cart/items", book=CODE, quantity=quantity)
    assert reply.status_code == 422
    assert "whole number" in text(reply)


async def test_the_limit_of_a_line_is_named(shopper: Shopper) -> None:
    await shopper.add("flatland")
    reply = await shopper.post("/cart/items/flatland", htmx=True, quantity=21)
    assert reply.status_code == 409
    assert (
        text(reply).count("You can order at most 20 copies of one book.") == 2
    )  # beside the line and announced
    assert "Total $5.00" in text(reply)


async def test_the_limit_of_a_cart_is_named(shopper: Shopper) -> None:
    for slug in ("flatland", "neuromancer", "snow-crash"):
        await shopper.add(slug, 20)
    reply = await shopper.add(CODE)
    assert reply.status_code == 409
    assert "A cart holds at most 60 books." in text(reply)


async def test_no_more_than_the_stock(shopper: Shopper) -> None:
    await shopper.add(INVISIBLE)
    reply = await shopper.post(f"/cart/items/{INVISIBLE}", quantity=2)
    assert reply.status_code == 409
    assert "There is only 1 copy of Invisible Cities left." in text(reply)


async def test_a_sold_out_book_is_refused_by_the_server_too(shopper: Shopper) -> None:
    assert "Sold out" in text(await shopper.get(f"/books/{SOLD_OUT}"))
    reply = await shopper.add(SOLD_OUT)
    assert reply.status_code == 409
    assert "The Pragmatic Programmer is sold out." in text(reply)


async def test_an_unknown_book_is_not_found(shopper: Shopper) -> None:
    reply = await shopper.add("no-such-book")
    assert reply.status_code == 404
    assert "We do not have that book." in text(reply)


async def test_a_book_that_has_left_the_cart_in_another_tab(shopper: Shopper) -> None:
    await shopper.add(DREAM)
    reply = await shopper.post(f"/cart/items/{CODE}", quantity=2)
    assert reply.status_code == 409
    assert "The Code Book is not in your cart any more." in text(reply)


async def test_books_of_another_currency_wait_for_another_cart(shopper: Shopper, shop: ShopUnderTest) -> None:
    async with shop.db.write() as session:
        await session.execute(update(Book).where(Book.slug == CODE).values(currency="jpy", price=2400))
    await shopper.add(DREAM)
    assert "Your cart is in USD and The Code Book is sold in JPY." in text(await shopper.add(CODE))


@pytest.mark.parametrize(
    ("currency", "price", "shown"), [("jpy", 2400, "¥4,800"), ("kwd", 2350, "KWD 4.700")]
)
async def test_a_cart_in_a_currency_without_cents(
    shopper: Shopper, shop: ShopUnderTest, currency: str, price: int, shown: str
) -> None:
    async with shop.db.write() as session:
        await session.execute(update(Book).where(Book.slug == CODE).values(currency=currency, price=price))
    await shopper.add(CODE, 2)
    assert f"Total {shown}" in text(await shopper.get("/cart")).replace("\xa0", " ")


async def test_a_sold_out_line_says_so_and_stops_the_checkout(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.add(CODE, 2)
    async with shop.db.write() as session:
        await session.execute(update(Book).where(Book.slug == CODE).values(stock=0))
    assert "The Code Book is sold out." in text(await shopper.get("/cart"))
    reply = await shopper.post("/checkout")
    assert reply.status_code == 409
    assert "The Code Book is sold out. Change your cart to check out." in text(reply)


async def test_an_empty_cart_cannot_be_checked_out(shopper: Shopper) -> None:
    reply = await shopper.post("/checkout")
    assert reply.status_code == 422
    assert "Your cart is empty. Put a book in it first." in text(reply)


async def test_an_older_tab_is_told_at_check_out(shopper: Shopper) -> None:
    await shopper.add(DREAM)
    await shopper.add(CODE)
    reply = await shopper.post("/checkout", revision=1)
    assert reply.status_code == 409
    assert "Your cart has changed since this page was shown." in text(reply)


async def test_the_cookie_holds_a_random_id_and_the_count(shopper: Shopper) -> None:
    reply = await shopper.add(DREAM)
    cookie = reply.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Expires=" in cookie  # survives the browser
    assert "Secure" not in cookie  # plain http here


async def test_reading_the_shelf_makes_no_session(shopper: Shopper, shop: ShopUnderTest) -> None:
    for path in ("/", "/books/flatland", "/cart", "/help"):
        assert "Set-Cookie" not in (await shopper.get(path)).headers
    async with shop.db.read() as session:
        assert await session.scalar(select(func.count(Cart.id))) == 0


@pytest.mark.parametrize("cookie", ["", "x", "a.b.c", "eyJjYXJ0IjoiMSJ9.aaaa.bbbb"])
async def test_a_tampered_cookie_is_an_empty_cart(shopper: Shopper, cookie: str) -> None:
    shopper.http.cookies.set("colophon", cookie)
    reply = await shopper.get("/cart")
    assert reply.status_code == 200
    assert "There is nothing in it yet." in text(reply)
    assert (await shopper.add(DREAM)).status_code == 303


async def test_ten_changes_at_once_end_at_one_of_them(shopper: Shopper) -> None:
    await shopper.add("flatland")
    posts = (shopper.post("/cart/items/flatland", quantity=n) for n in range(1, 11))
    assert {reply.status_code for reply in await asyncio.gather(*posts)} == {303}


async def test_one_visitor_does_not_see_the_cart_of_another(new_shopper: NewShopper) -> None:
    ada, bob = new_shopper(), new_shopper()
    await ada.add(DREAM)
    assert "The Dream Machine" not in text(await bob.get("/cart"))


async def test_a_change_is_finished_though_the_browser_goes_away(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await shopper.add("flatland")
    cookie = shopper.http.cookies["colophon"]
    for _ in range(10):
        _, writer = await asyncio.open_connection(*urlsplit(shop.url).netloc.split(":"))
        body = "book=flatland"
        head = f"POST /cart/items HTTP/1.1\r\nHost: x\r\nCookie: colophon={cookie}\r\n"
        kind = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write((head + kind + body).encode())
        writer.close()
    async with asyncio.timeout(5):
        while "Total $55.00" not in text(await shopper.get("/cart")):  # noqa: ASYNC110 (nobody tells us)
            await asyncio.sleep(0.02)
