"""Donating the change: what it adds, what it leaves alone, and where it goes."""

from dataclasses import replace

import httpx
from sqlalchemy import update

from shop.charges import Charges
from shop.models import Book
from shop.shipping import read_rates
from shop.tax import read_tax_rates
from tests.conftest import ShopUnderTest
from tests.refunding import Paid
from tests.shopper import Shopper, text
from tests.test_promotion_codes import make_code
from tests.test_staff_refunds import look_over, send

DATABASE = "sqlite"
CODE, CODERS, DREAM = "the-code-book", "coders-at-work", "the-dream-machine"  # $17.99, $29.99, $35.00
NAME = "Donation to the literacy fund"


async def donate(shopper: Shopper, answer: str = "yes") -> None:
    reply = await shopper.post("/cart/donation", donate=answer)
    assert reply.status_code == 303, "the cart takes no donation"


async def test_the_change_stands_in_every_total_and_at_stripe(shopper: Shopper) -> None:
    for slug in (CODE, CODERS, CODERS):
        await shopper.add(slug)
    await donate(shopper)
    await shopper.check_out()
    rows = f"Shipping free Tax included {NAME} $0.03 Total $78.00"
    for path in ("/cart", f"{shopper.order}/pay"):
        assert rows in text(await shopper.get(path))
    intent = await shopper.intent()
    assert (intent.amount, intent.metadata.to_dict().get("donation")) == (7800, "3")
    assert rows in text(await shopper.pay())


async def test_it_is_neither_taxed_nor_discounted(shopper: Shopper, shop: ShopUnderTest) -> None:
    charges = Charges(read_rates("US=4.99", "usd"), read_tax_rates("US=8.25", "exclusive"))
    shop.app.extensions["settings"] = replace(shop.settings, charges=charges)
    await make_code(shopper.stripe)
    await shopper.add(CODE)
    await shopper.post("/cart/discount", code="SPRING")
    before = "Discount (SPRING) -$1.80 Shipping to United States $4.99 Tax (8.25% in United States) $1.75"
    assert f"{before} Total $22.93" in text(await shopper.get("/cart"))
    await donate(shopper)
    assert f"{before} {NAME} $0.07 Total $23.00" in text(await shopper.get("/cart"))
    await shopper.check_out()
    assert (await shopper.intent()).amount == 2300


async def test_a_refund_by_line_leaves_it_and_a_whole_refund_gives_it_back(
    shopper: Shopper, shop: ShopUnderTest, staff: httpx.AsyncClient
) -> None:
    for slug in (CODE, CODERS):
        await shopper.add(slug)
    await donate(shopper)
    await shopper.check_out()
    paid = Paid(shopper, shop, (await shopper.intent()).id)
    await shopper.pay()
    lines = {"what": "lines", "line": [CODE, CODERS], "copies": ["1", "1"]}
    await send(staff, paid, await look_over(staff, paid, **lines))
    assert await paid.amount_refunded() == 1799 + 2999
    assert "Left to refund $0.02" in text(await staff.get(f"/staff/orders/{paid.order}"))
    await send(staff, paid, await look_over(staff, paid, what="whole"))
    assert await paid.amount_refunded() == 4800


async def test_on_stripes_page_it_is_a_line_of_its_own(shopper: Shopper) -> None:
    await shopper.add(CODE)
    await donate(shopper)
    await shopper.check_out()
    session_id = await shopper.open_session()
    items = (await shopper.stripe.v1.checkout.sessions.line_items.list_async(session_id)).data
    assert [(item.description, item.amount_total) for item in items] == [
        ("The Code Book", 1799),
        (NAME, 1),
    ]
    await shopper.pay_session(session_id)
    page = text(await shopper.look())
    assert "Thank you: your order is paid" in page
    assert f"{NAME} $0.01 Total $18.00" in page


async def test_it_can_be_taken_back_and_goes_with_its_order(shopper: Shopper) -> None:
    await shopper.add(CODE)
    await donate(shopper)
    await shopper.check_out()
    old = await shopper.intent()
    assert old.amount == 1800
    await donate(shopper, "no")
    await shopper.check_out()
    now = await shopper.intent()
    assert (now.id, now.amount) == (old.id, 1799)
    assert not now.metadata.to_dict().get("donation")
    assert (await shopper.post("/cart/donation", donate="perhaps")).status_code == 422
    await donate(shopper)
    await shopper.check_out()
    assert "Total $18.00" in text(await shopper.pay())
    await shopper.add(CODE)
    assert "Total $17.99" in text(await shopper.get("/cart"))


async def test_it_is_offered_where_there_is_change(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.add(CODE)
    assert 'action="/cart/donation"' in (await shopper.get("/cart")).text, "the cart offers no donation"
    await donate(shopper)
    await shopper.buy_now(CODERS)
    assert "Total $29.99" in text(await shopper.get(f"{shopper.order}/pay"))
    await shopper.post(f"/cart/items/{CODE}", quantity=0)
    await shopper.add(DREAM)
    page = await shopper.get("/cart")
    assert NAME not in text(page)
    assert 'action="/cart/donation"' not in page.text
    async with shop.db.write() as session:
        yen = {"price": 2430, "currency": "jpy"}
        await session.execute(update(Book).where(Book.slug == DREAM).values(**yen))
    assert f"{NAME} ¥70 Total ¥2,500" in text(await shopper.get("/cart"))
