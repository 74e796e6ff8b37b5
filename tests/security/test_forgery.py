"""Forms that no page of ours sends: forged totals, quantities, book ids and orders."""

import re
import secrets
import string

import pytest
from sqlalchemy import func, select

from shop.models import Order, OrderRevision
from tests.conftest import NewShopper, ShopUnderTest
from tests.shopper import Shopper, text

DATABASE = "sqlite"
DREAM = "the-dream-machine"  # 35.00
NUMBERS = [
    "-1",
    "0.5",
    "1e3",
    "0x10",
    "٣",
    "²",
    "NaN",
    "Infinity",
    "1;2",
    "9" * 30,
    " ",
    "",
    "null",
    "[]",
]


async def test_a_forged_total_stops_the_payment_and_changes_no_amount(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await shopper.check_out(DREAM)
    for total in ("1", "0", "3499", "3501", "350000000", *NUMBERS):
        reply = await shopper.post(f"{shopper.order}/pay", htmx=True, email="ada@example.com", total=total)
        assert reply.status_code in (409, 422), total
    assert (await shopper.intent()).amount == 3500
    async with shop.db.read() as session:
        assert await session.scalar(select(OrderRevision.total)) == 3500


async def test_a_field_that_no_form_has_is_not_read(shopper: Shopper) -> None:
    forged = dict.fromkeys(("amount", "price", "unit_price", "currency", "discount", "status", "order"), "1")
    await shopper.post("/cart/items", book=DREAM, **forged)
    reply = await shopper.post("/checkout", **forged)
    shopper.order = reply.headers["Location"].removesuffix("/pay")
    intent = await shopper.intent()
    assert (intent.amount, intent.currency, intent.status) == (3500, "usd", "requires_payment_method")


async def test_a_forged_total_does_not_reach_stripes_page(shopper: Shopper) -> None:
    await shopper.check_out(DREAM)
    for total in ("1", "-3500", "x"):
        reply = await shopper.post(f"{shopper.order}/session", total=total, revision="1")
        assert reply.status_code == 409, total
    assert (await shopper.stripe.v1.checkout.sessions.list_async()).data == []


async def test_a_forged_quantity_is_refused_in_words_and_the_cart_stays_empty(shopper: Shopper) -> None:
    for quantity in ("0", "21", "61", "999999999", *NUMBERS):
        reply = await shopper.post("/cart/items", book=DREAM, quantity=quantity)
        assert reply.status_code in (409, 422), quantity
        assert re.search("Give the quantity as a whole number|at most|only 9 copies", text(reply)), quantity
    assert "There is nothing in it yet." in text(await shopper.get("/cart"))


async def test_a_forged_change_of_a_line_leaves_the_line_as_it_was(shopper: Shopper) -> None:
    await shopper.add(DREAM)
    for quantity in ("22", *NUMBERS):
        reply = await shopper.post(f"/cart/items/{DREAM}", quantity=quantity, step="-1")
        assert reply.status_code in (409, 422), quantity
    assert "Cart 1 book " in text(await shopper.get("/cart"))


async def test_a_step_that_no_button_has_is_no_step(shopper: Shopper) -> None:
    await shopper.add(DREAM)
    for step in ("-2", "20", "1000000", "x", "1.0"):
        await shopper.post(f"/cart/items/{DREAM}", quantity=1, step=step)
        assert "Cart 1 book " in text(await shopper.get("/cart")), step


async def test_a_forged_book_is_not_found(shopper: Shopper) -> None:
    sql, paths, wild = ["' OR 1=1 --", "1;--"], ["../help", "/etc/passwd"], ["%", "_", "*", "", "x" * 999]
    for book in ("1", "0", "-1", f"{DREAM} ", DREAM.upper(), *sql, *paths, *wild):
        assert (await shopper.add(book)).status_code == 404, book
    assert "There is nothing in it yet." in text(await shopper.get("/cart"))


async def test_a_line_of_somebody_elses_cart_cannot_be_changed(
    shopper: Shopper, new_shopper: NewShopper
) -> None:
    await shopper.add(DREAM)
    other = new_shopper()
    await other.add("flatland")
    assert (await other.post(f"/cart/items/{DREAM}", quantity=0)).status_code == 409
    assert "The Dream Machine" in text(await shopper.get("/cart"))


async def test_order_ids_are_128_random_bits_that_share_nothing(
    shop: ShopUnderTest, shopper: Shopper
) -> None:
    ids = []
    for slug in (DREAM, "flatland", "the-code-book"):
        ids.append((await shopper.check_out(slug)).removeprefix("/orders/"))
        await shopper.pay()
    for one in ids:
        assert len(one) == 22
        assert set(one) <= set(string.ascii_letters + string.digits + "-_")
    for first, second in ((0, 1), (1, 2), (0, 2)):
        same = sum(a == b for a, b in zip(ids[first], ids[second], strict=True))
        assert same < 6  # of 22 letters, each one of 64


async def test_a_walk_through_near_and_guessed_order_ids_finds_nothing(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    order = (await shopper.check_out(DREAM)).removeprefix("/orders/")
    await shopper.press("ada@example.com")
    intent = (await shopper.intent()).id
    near = {order.upper(), order.lower(), order[::-1], order[:-1], f"{order}=", f"{order}%00", f"%20{order}"}
    near |= {
        order[:n] + letter + order[n + 1 :] for n in (0, 10, 21) for letter in "Aa0_" if order[n] != letter
    }
    guessed = {
        "1",
        "0",
        "-1",
        intent,
        "%25",
        "*",
        "' OR '1'='1",
        *(secrets.token_urlsafe(16) for _ in range(20)),
    }
    for wrong in (near | guessed) - {order}:
        page = await shopper.get(f"/orders/{wrong}")
        assert page.status_code == 404
        assert not any(hidden in page.text for hidden in ("ada@example.com", "pi_", "Dream Machine"))


@pytest.mark.parametrize("verb", ["pay", "email", "session", "intent", "cancellation", "cart", "checkout"])
async def test_nothing_can_be_done_to_an_order_whose_id_is_not_known(
    shopper: Shopper, shop: ShopUnderTest, verb: str
) -> None:
    order = await shopper.check_out(DREAM)
    wrong = order[:-1] + ("A" if order[-1] != "A" else "Q")
    form = {"email": "eve@example.com", "total": "3500", "revision": "1"}
    reply = await shopper.http.post(f"{wrong}/{verb}", data=form, headers={"HX-Request-Type": "partial"})
    assert reply.status_code == 404
    assert "This order is not paid yet" in text(await shopper.look())
    async with shop.db.read() as session:
        assert await session.scalar(select(func.count(Order.id))) == 1


async def test_whoever_knows_one_order_learns_nothing_of_another(
    shopper: Shopper, new_shopper: NewShopper
) -> None:
    await shopper.check_out(DREAM)
    await shopper.pay(email="ada@example.com")
    other = new_shopper()
    await other.check_out("flatland")
    secret, intent = await other.client_secret(), (await other.intent()).id
    for query in (
        f"payment_intent={intent}",
        f"payment_intent_client_secret={secret}",
        f"order={other.order}",
    ):
        page = await shopper.http.get(f"{shopper.order}?{query}", follow_redirects=True)
        assert not any(theirs in page.text for theirs in ("Flatland", intent, secret))


async def test_a_page_that_shows_a_paid_order_holds_no_client_secret(shopper: Shopper) -> None:
    await shopper.check_out(DREAM)
    secret = await shopper.client_secret()
    await shopper.pay()
    for path in (shopper.order, f"{shopper.order}/status", f"{shopper.order}/pay"):
        assert secret not in (await shopper.http.get(path, follow_redirects=True)).text
