"""What a cart action costs: as many statements for one line as for twelve, and no call to Stripe."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from quart import has_request_context, request
from sqlalchemy import event, select

from shop.cart_changes import KEPT
from shop.models import Book
from tests.conftest import ShopUnderTest
from tests.shopper import Shopper

BOOK = "flatland"
READING = 1  # statements
WRITING = (
    1 + READING + 3
)  # the lock before it; then the cart, the line, the change in the place of the oldest


@contextmanager
def counted(shop: ShopUnderTest, *, events: bool = False) -> Iterator[list[str]]:
    """The statements that the shop sends, but for the marks of transactions, and for what an event of Stripe's asks
    that comes meanwhile; or those of events alone."""
    statements: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        of_event = has_request_context() and request.path == "/webhooks/stripe"
        if (
            statement.partition(" ")[0] in ("SELECT", "WITH", "INSERT", "UPDATE", "DELETE")
            and of_event is events
        ):
            statements.append(statement)

    engine = shop.db.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


async def cost(shopper: Shopper, shop: ShopUnderTest, path: str, **form: object) -> int:
    with counted(shop) as statements:
        if form:
            reply = await shopper.post(path, htmx=True, **form)
        else:
            reply = await shopper.get(path, **{"HX-Request-Type": "partial"})
    assert reply.status_code == 200
    return len(statements)


@pytest.mark.parametrize("others", [0, 11])
async def test_a_cart_action_takes_a_fixed_number_of_statements_and_never_asks_stripe(
    shopper: Shopper, shop: ShopUnderTest, others: int
) -> None:
    async with shop.db.read() as session:
        books = select(Book.slug).where(Book.stock > 1, Book.slug != BOOK).limit(others)
        for slug in await session.scalars(books):
            await shopper.add(slug)
    await shopper.add(BOOK)
    for quantity in range(2, 2 + KEPT):
        await shopper.post(f"/cart/items/{BOOK}", quantity=quantity)
    assert await cost(shopper, shop, "/cart") == READING
    assert await cost(shopper, shop, "/cart/brief") == READING
    assert await cost(shopper, shop, "/cart/items", book=BOOK) == WRITING
    assert await cost(shopper, shop, f"/cart/items/{BOOK}", quantity=4) == WRITING
    assert await cost(shopper, shop, f"/cart/items/{BOOK}", quantity=0) == WRITING
    removal = others + 1 + KEPT + 3
    assert await cost(shopper, shop, "/cart/undo", change=removal) == WRITING
    calls = (await shopper.http.get(f"{shop.sandbox}/_sandbox/requests")).json()["data"]
    assert calls == []
