"""What a page may cost: statements of SQL and bytes of HTML. One that grows past its budget fails; raise it only with a
reason."""

import pytest
from sqlalchemy import update

from shop.models import Book
from tests.conftest import ShopUnderTest
from tests.shopper import Shopper
from tests.test_cart_cost import counted
from tests.test_payments import send_no_webhooks
from tests.test_webhooks import deliver, event

DATABASE = "sqlite"
DREAM = "the-dream-machine"
# Statements of the first view and of the next, while nothing has changed; bytes.
BUDGETS = {
    "shelf": (3, 0, 31_000),  # the catalogue's revision, the books with their number, the categories
    "search": (3, 1, 9_000),
    "book": (2, 0, 8_000),
    "cart": (1, 1, 9_500),
    "pay": (11, 10, 7_000),
    "order": (6, 6, 5_500),
    "help": (0, 0, 4_700),
}
# Statements of a checkout, a press on Pay, the news that it was paid, and the same again.
STEPS = (17, 18, 17, 1)


@pytest.mark.parametrize("page", BUDGETS)
async def test_a_page_keeps_to_its_budget(page: str, shopper: Shopper, shop: ShopUnderTest) -> None:
    path = await way_to(page, shopper)
    async with shop.db.write() as session:  # nothing is kept from before
        await session.execute(update(Book).where(Book.slug == "flatland").values(price=Book.price + 1))
    asked = []
    for _ in range(2):
        with counted(shop) as statements:
            reply = await shopper.get(path, **{"Accept-Encoding": "identity"})
        assert reply.status_code == 200
        asked.append(len(statements))
    first, again, most = BUDGETS[page]
    assert (asked[0] <= first, asked[1] <= again) == (True, True), asked
    assert len(reply.content) <= most


async def test_the_steps_of_a_purchase_keep_to_their_budgets(shopper: Shopper, shop: ShopUnderTest) -> None:
    await send_no_webhooks(shopper)
    await shopper.add(DREAM)
    with counted(shop) as checkout:
        await shopper.check_out()
    with counted(shop) as press:
        assert (await shopper.press(total=3500)).status_code == 204
    intent = await shopper.confirm()
    news = event("payment_intent.succeeded", intent.to_dict())
    with counted(shop, events=True) as webhook:
        assert (await deliver(shopper, news)).status_code == 204
    with counted(shop, events=True) as repeated:
        assert (await deliver(shopper, news)).status_code == 204
    spent = [len(statements) for statements in (checkout, press, webhook, repeated)]
    assert [asked <= most for asked, most in zip(spent, STEPS, strict=True)] == [True] * 4, spent


async def way_to(page: str, shopper: Shopper) -> str:
    match page:
        case "cart":
            await shopper.add(DREAM)
            await shopper.add("the-code-book", 2)
        case "pay" | "order":
            order = await shopper.check_out(DREAM, "the-code-book")
            if page == "order":
                await send_no_webhooks(shopper)  # whose statements would be counted
                await shopper.pay()
            return f"{order}/pay" if page == "pay" else order
    return {"shelf": "/", "search": "/?q=machine", "book": f"/books/{DREAM}", "cart": "/cart"}.get(
        page, f"/{page}"
    )
