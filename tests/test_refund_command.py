"""The command `shop refund`: what it gives back, refuses and says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from shop.models import Order, OrderLine
from shop.refunding import share
from tests.conftest import ShopUnderTest
from tests.refunding import CODE, DREAM, bought
from tests.shopper import VISA, Shopper, text
from tests.terminal import Run, run
from tests.test_payments import fail_next, send_no_webhooks
from tests.test_stock import stock_and_held

__all__ = ["run"]


async def test_the_whole_is_refunded_once(shopper: Shopper, shop: ShopUnderTest, run: Run) -> None:
    paid = await bought(shopper, shop)
    code, said = await run("refund", paid.order, "--reason", "You changed your mind")
    [refund] = await paid.at_stripe()
    assert (code, said) == (0, f"$52.99 has been refunded ({refund.id}). Left to refund: $0.00.\n")
    async with shop.db.read() as session:
        by_its_code = str(await session.scalar(select(Order.code))).lower()
    code, said = await run("refund", by_its_code)
    assert (code, said) == (1, "shop: Nothing was refunded. All of $52.99 has gone back or is on its way.")
    assert [refund.amount for refund in await paid.at_stripe()] == [5299]
    page = await paid.page()
    assert "Refunded $52.99" in page
    assert "(You changed your mind)" in page


async def test_lines_copies_amounts_and_the_rest_add_up(
    shopper: Shopper, shop: ShopUnderTest, run: Run
) -> None:
    paid = await bought(shopper, shop, VISA, DREAM, CODE, CODE)
    for wish in (["--line", f"{CODE}:1"], ["--line", CODE], ["--amount", "5.00"], []):
        assert (await run("refund", shop.url + shopper.order, *wish))[0] == 0
    assert [refund.amount for refund in await paid.at_stripe()] == [1799, 1799, 500, 3000]
    assert await paid.amount_refunded() == sum(amount for amount, _ in await paid.rows()) == 7098


REFUSED = {
    ("--line", f"{CODE}:2"): "Of The Code Book, 1 of 1 are left to refund.",
    ("--line", "flatland"): "flatland is not in this order: a line is named as in its book's address.",
    ("--line", CODE, "--line", f"{CODE}:1"): "A book is named twice: give each its quantity once.",
    ("--amount", "53.00"): "$53.00 is more than the $52.99 of $52.99 that is left.",
    ("--amount", "5,00"): "5,00 is not an amount in USD: write it like 5.00.",
    ("--amount", "5.00", "--restock"): "An amount names no books: restock with the lines or with the whole.",
    ("--reason", "x" * 201): "A reason has at most 200 letters.",
}


async def test_what_cannot_go_back_is_refused_in_words(
    shopper: Shopper, shop: ShopUnderTest, run: Run
) -> None:
    paid = await bought(shopper, shop)
    for wish, sentence in REFUSED.items():
        assert await run("refund", paid.order, *wish) == (1, f"shop: Nothing was refunded. {sentence}")
    assert await paid.at_stripe() == []
    assert await paid.rows() == []


@pytest.mark.parametrize("wish", [["--amount", "5.00"], ["--line", f"{CODE}:1"]], ids=str)
async def test_the_same_part_is_refunded_again_only_when_that_is_said(
    shopper: Shopper, shop: ShopUnderTest, run: Run, wish: list[str]
) -> None:
    paid = await bought(shopper, shop, VISA, DREAM, CODE, CODE)
    assert (await run("refund", paid.order, *wish))[0] == 0
    code, said = await run("refund", paid.order, *wish)
    assert code == 1
    assert said.endswith("has been made before. Say --again if it is to be made once more.")
    assert (await run("refund", paid.order, *wish, "--again"))[0] == 0
    assert len(await paid.at_stripe()) == 2


async def test_a_refund_in_the_dashboard_that_nobody_heard_of_counts(
    shopper: Shopper, shop: ShopUnderTest, run: Run
) -> None:
    paid = await bought(shopper, shop)
    await paid.in_dashboard(5000)
    code, said = await run("refund", paid.order, "--line", DREAM)
    assert (code, said) == (
        1,
        "shop: Nothing was refunded. $35.00 is more than the $2.99 of $52.99 that is left.",
    )
    assert (await run("refund", paid.order))[1].startswith("$2.99 has been refunded")


async def test_a_failed_refund_can_be_repeated(shopper: Shopper, shop: ShopUnderTest, run: Run) -> None:
    paid = await bought(shopper, shop, "pm_card_refundFail")
    await run("refund", paid.order, "--line", CODE)
    await paid.settle()
    assert (await run("refund", paid.order, "--line", CODE))[0] == 0
    assert await paid.rows() == [(1799, "failed"), (1799, "succeeded")]
    assert await paid.amount_refunded() == 1799


async def test_a_refund_on_its_way_is_said_to_be(shopper: Shopper, shop: ShopUnderTest, run: Run) -> None:
    paid = await bought(shopper, shop, "pm_card_pendingRefund")
    assert "$52.99 is on its way" in (await run("refund", paid.order))[1]
    assert await paid.rows() == [(5299, "pending")]


async def test_what_stripe_refuses_is_told_and_counts_not(
    shopper: Shopper, shop: ShopUnderTest, run: Run
) -> None:
    paid = await bought(shopper, shop)
    refusal = {"status": 400, "type": "invalid_request_error", "code": "charge_disputed"}
    await fail_next(shopper, shop, method="POST", path="/v1/refunds", **refusal)
    code, said = await run("refund", paid.order)
    assert (code, said) == (
        1,
        "shop: Nothing was refunded. Stripe did not make the refund (charge_disputed).",
    )
    assert await paid.rows() == [(5299, "failed")]
    assert "Did not go through" in await paid.page()


async def test_an_order_that_was_not_paid_has_nothing_to_give_back(
    shopper: Shopper, shop: ShopUnderTest, run: Run
) -> None:
    order = await shopper.check_out(DREAM)
    assert await run("refund", order) == (
        1,
        "shop: Nothing was refunded. No payment was received for this order.",
    )
    assert (await run("refund", "nobody"))[1].startswith("shop: We do not know this order.")


async def test_a_payment_that_matches_no_order_goes_back_whole_and_frees_the_books(
    shopper: Shopper, shop: ShopUnderTest, run: Run
) -> None:
    await send_no_webhooks(shopper)
    await shopper.check_out(DREAM)
    intent = await shopper.intent()
    await shopper.press()
    await shopper.stripe.v1.payment_intents.update_async(intent.id, {"amount": 100})
    await shopper.confirm()
    assert "We are looking at your payment" in text(await shopper.look())
    assert "does not match" in (await run("refund", shopper.order, "--line", DREAM))[1]
    assert (await run("refund", shopper.order))[0] == 0
    assert "Your payment was given back" in text(await shopper.look())
    assert (await stock_and_held(shop))[1] == 0


async def test_what_was_paid_on_stripes_page_goes_back_as_well(
    shopper: Shopper, shop: ShopUnderTest, run: Run
) -> None:
    await send_no_webhooks(shopper)
    await shopper.check_out(DREAM, CODE)
    await shopper.pay_session(await shopper.open_session())
    assert (await run("refund", shopper.order, "--line", CODE))[1].startswith("$17.99 has been refunded")
    assert "Refunded $17.99" in text(await shopper.look())


@given(st.integers(0, 5000), st.integers(1, 4), st.integers(0, 3000))
def test_the_copies_of_a_discounted_line_add_up_to_what_was_paid(price: int, count: int, off: int) -> None:
    line = OrderLine(unit_price=price, quantity=count, discount=min(off, price * count))
    copies = [share(line, before, 1) for before in range(count)]
    assert min(copies) >= 0
    assert sum(copies) == line.amount - line.discount
