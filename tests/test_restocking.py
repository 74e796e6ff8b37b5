"""Copies of what was given back go on the shelf once, and only when asked."""

from sqlalchemy import select

from shop.models import Book, HoldState, StockHold
from tests.conftest import ShopUnderTest
from tests.refunding import CODE, DREAM, bought
from tests.shopper import VISA, Shopper
from tests.terminal import Run, run
from tests.test_stock import leave, stock_and_held

__all__ = ["run"]


async def sold(shop: ShopUnderTest) -> dict[str, int]:
    """Copies that orders have taken, by book."""
    query = select(Book.slug, StockHold.quantity).join(Book, Book.id == StockHold.book_id)
    async with shop.db.read() as session:
        found = await session.execute(query.where(StockHold.state == HoldState.SOLD))
        return dict(iter(found))


async def test_copies_go_back_on_the_shelf_once_and_only_when_asked(
    shopper: Shopper, shop: ShopUnderTest, run: Run
) -> None:
    await leave(shop, 5, CODE)
    paid = await bought(shopper, shop, VISA, DREAM, CODE, CODE, CODE)
    await run("refund", paid.order, "--line", f"{CODE}:1")
    assert await stock_and_held(shop, CODE) == (2, 0)
    code, said = await run("refund", paid.order, "--line", f"{CODE}:2", "--restock")
    assert (code, said.endswith("Back on the shelf: 2 × The Code Book.\n")) == (0, True)
    await paid.hear("refund.updated")
    assert await stock_and_held(shop, CODE) == (4, 0)
    assert await sold(shop) == {DREAM: 1, CODE: 1}


async def test_the_whole_goes_back_on_the_shelf_when_the_money_has_arrived(
    shopper: Shopper, shop: ShopUnderTest, run: Run
) -> None:
    await leave(shop, 5)
    paid = await bought(shopper, shop, "pm_card_pendingRefund")
    said = (await run("refund", paid.order, "--restock"))[1]
    assert said.endswith("The copies go back on the shelf when it has arrived.\n")
    assert await stock_and_held(shop) == (4, 0)
    await paid.settle()
    for number in range(2):
        await paid.hear("refund.updated", number)
    assert await stock_and_held(shop) == (5, 0)
    assert await sold(shop) == {}


async def test_a_repeated_refund_puts_no_copy_back_twice(
    shopper: Shopper, shop: ShopUnderTest, run: Run
) -> None:
    await leave(shop, 5, CODE)
    paid = await bought(shopper, shop, "pm_card_refundFail", CODE, CODE)
    for _ in range(2):
        assert (await run("refund", paid.order, "--line", f"{CODE}:1", "--restock"))[0] == 0
        await paid.settle()
    await paid.hear("refund.failed")
    assert await paid.rows() == [(1799, "failed"), (1799, "failed")]
    assert await stock_and_held(shop, CODE) == (4, 0)
    assert await sold(shop) == {CODE: 1}
