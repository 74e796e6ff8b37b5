"""A price that changes while a book is in the cart: told in the cart and at pay, until it is taken note of."""

import re

from sqlalchemy import update

from shop.models import Book
from tests.conftest import ShopUnderTest
from tests.shopper import Shopper, text
from tests.test_undo import DREAM

DATABASE = "sqlite"
NOTICE = "Price changed from $35.00 to $40.00."


async def reprice(shop: ShopUnderTest, price: int, currency: str = "usd") -> None:
    async with shop.db.write() as session:
        changed = {"price": price, "currency": currency}
        await session.execute(update(Book).where(Book.slug == DREAM).values(**changed))


async def test_a_changed_price_is_told_until_it_is_taken_note_of(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await shopper.add(DREAM)
    assert "Price changed" not in text(await shopper.get("/cart"))
    await reprice(shop, 4000)
    for _ in range(2):
        assert NOTICE in text(await shopper.get("/cart"))
    await shopper.post(f"/cart/items/{DREAM}", quantity=1, shown=4000)
    assert "Price changed" not in text(await shopper.get("/cart"))
    await reprice(shop, 3000)
    assert "Price changed from $40.00 to $30.00." in text(await shopper.get("/cart"))


async def test_a_page_that_shows_the_old_price_takes_no_note_of_the_new(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await shopper.add(DREAM)
    await reprice(shop, 4000)
    assert NOTICE in text(await shopper.post(f"/cart/items/{DREAM}", htmx=True, quantity=2, shown=3500))
    reply = await shopper.post(f"/cart/items/{DREAM}", htmx=True, quantity=3, shown=4000)
    assert "Price changed" not in text(reply)


async def test_the_price_on_the_shelf_is_the_one_that_was_seen(shopper: Shopper, shop: ShopUnderTest) -> None:
    shelf = (await shopper.get("/")).text
    shown = re.search(rf'value="{DREAM}">\s*<input type="hidden" name="shown" value="(\d+)"', shelf)
    assert shown
    await reprice(shop, 4000)
    await shopper.post("/cart/items", book=DREAM, shown=shown[1])
    assert NOTICE in text(await shopper.get("/cart"))


async def test_a_line_that_is_brought_back_still_tells(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.add(DREAM)
    await reprice(shop, 4000)
    await shopper.post(f"/cart/items/{DREAM}", quantity=0)
    await shopper.post("/cart/undo", change=2)
    assert NOTICE in text(await shopper.get("/cart"))


async def test_a_changed_currency_is_told_in_both(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.add(DREAM)
    await reprice(shop, 5000, "jpy")
    assert "Price changed from $35.00 to ¥5,000." in text(await shopper.get("/cart"))
    await shopper.check_out()
    assert "Price changed" not in text(await shopper.get(f"{shopper.order}/pay"))


async def test_check_out_stops_at_another_total_than_the_page_shows_and_says_both(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await shopper.add(DREAM, 2)
    await reprice(shop, 4000)
    reply = await shopper.post("/checkout", revision=1, total=7000)
    assert reply.status_code == 409
    assert "The total was $70.00 and is now $80.00. Nothing has been charged." in text(reply)
    assert NOTICE in text(reply)
    assert 'name="total" value="8000"' in reply.text
    assert (await shopper.post("/checkout", revision=1, total=8000)).status_code == 303


async def test_the_pay_page_tells_the_changed_price_and_the_paid_order_does_not(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await shopper.add(DREAM)
    await reprice(shop, 4000)
    await shopper.check_out()
    page = text(await shopper.get(f"{shopper.order}/pay"))
    assert NOTICE in page
    assert "Pay $40.00" in page
    assert "Price changed" not in text(await shopper.pay())


async def test_a_press_on_pay_stops_at_another_total_and_says_both(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await shopper.check_out(DREAM)
    await reprice(shop, 4000)
    await shopper.check_out()  # in another tab
    reply = await shopper.press(total=3500)
    assert reply.status_code == 409
    assert "The total was $35.00 and is now $40.00. Nothing has been charged." in text(reply)
