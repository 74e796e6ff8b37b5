"""Money that goes back: once, whoever sends it, and the sums add up."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import stripe
import structlog
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from shop.cli import main
from shop.db import now
from shop.models import Book, HoldState, Order, OrderEvent, OrderLine, Refund, StockHold
from shop.refunding import Wish, refund_order, share
from tests.conftest import ShopUnderTest
from tests.shopper import VISA, Shopper, text
from tests.test_payment_races import change
from tests.test_payments import fail_next, send_no_webhooks
from tests.test_stock import leave, stock_and_held
from tests.test_webhooks import deliver, event

DREAM, CODE = "the-dream-machine", "the-code-book"


@dataclass
class Paid:
    """An order of $52.99 that is paid: a copy of DREAM at $35.00, one of CODE at $17.99. No webhook comes by itself."""

    shopper: Shopper
    shop: ShopUnderTest
    intent: str

    @property
    def order(self) -> str:
        return self.shopper.order.removeprefix("/orders/")

    async def at_stripe(self) -> list[stripe.Refund]:
        """The refunds of the intent, oldest first."""
        found = await self.shopper.stripe.v1.refunds.list_async({"payment_intent": self.intent})
        return found.data[::-1]

    async def amount_refunded(self) -> int:
        params: Any = {"expand": ["latest_charge"]}
        intent = await self.shopper.stripe.v1.payment_intents.retrieve_async(self.intent, params)
        assert isinstance(intent.latest_charge, stripe.Charge)
        return intent.latest_charge.amount_refunded

    async def in_dashboard(self, amount: int, **more: Any) -> stripe.Refund:
        params: Any = {"payment_intent": self.intent, "amount": amount, **more}
        return await self.shopper.stripe.v1.refunds.create_async(params)

    async def hear(self, kind: str, number: int = 1) -> None:
        """A webhook about a refund comes."""
        thing = {"id": "re_1", "object": "refund", "payment_intent": self.intent}
        reply = await deliver(self.shopper, event(kind, thing, f"evt_{kind}_{number}"))
        assert reply.status_code == 204

    async def rows(self) -> list[tuple[int, str]]:
        async with self.shop.db.read() as session:
            refunds = (await session.scalars(select(Refund).order_by(Refund.id))).all()
        return [(refund.amount, str(refund.status)) for refund in refunds]

    async def history(self) -> list[str]:
        async with self.shop.db.read() as session:
            return list(await session.scalars(select(OrderEvent.kind).order_by(OrderEvent.id)))

    async def settle(self) -> None:
        """What comes later at Stripe comes now."""
        await self.shopper.http.post(f"{self.shop.sandbox}/_sandbox/settle")

    async def page(self) -> str:
        return text(await self.shopper.look())


async def bought(shopper: Shopper, shop: ShopUnderTest, card: str = VISA, *slugs: str) -> Paid:
    await send_no_webhooks(shopper)
    await shopper.check_out(*slugs or (DREAM, CODE))
    intent = await shopper.intent()
    assert "Thank you: your order is paid" in text(await shopper.pay(card))
    return Paid(shopper, shop, intent.id)


Run = Callable[..., Awaitable[tuple[int, str]]]


@pytest.fixture
def run(
    shop: ShopUnderTest, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    """The command `shop` beside the running shop: its exit code and what it printed."""
    monkeypatch.setenv("DATABASE_URL", shop.settings.database_url)
    monkeypatch.setenv("STRIPE_API_BASE", shop.sandbox)
    monkeypatch.setenv("INSTANCE_PATH", str(shop.settings.instance))

    async def command(*arguments: str) -> tuple[int, str]:
        capsys.readouterr()
        code = await asyncio.to_thread(main, list(arguments))
        said = capsys.readouterr()
        return code, said.err.splitlines()[-1] if code else said.out

    yield command
    structlog.reset_defaults()


async def test_refunds_made_in_the_dashboard_become_rows_by_any_event(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    paid = await bought(shopper, shop)
    for kind in ("charge.refunded", "charge.refund.updated", "refund.created", "refund.updated"):
        await paid.in_dashboard(100, reason="duplicate")
        await paid.hear(kind)
        assert await paid.amount_refunded() == sum(amount for amount, _ in await paid.rows())
    page = await paid.page()
    assert "Refunded $4.00" in page
    assert "(charged twice)" in page


async def test_refunds_in_parts_add_up_however_often_they_are_told(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    paid = await bought(shopper, shop)
    for number, amount in enumerate((1000, 2500, 1799)):
        await paid.in_dashboard(amount)
        await paid.hear("refund.created", number)
        await paid.hear("refund.updated", number)
    assert await paid.rows() == [(1000, "succeeded"), (2500, "succeeded"), (1799, "succeeded")]
    assert (await paid.history()).count("refunded") == 3
    page = await paid.page()
    assert "Refunded $52.99" in page
    assert "Your payment was given back" in page


async def test_more_refunds_than_stripe_lists_at_once_are_all_copied_down(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    paid = await bought(shopper, shop)
    for _ in range(12):
        await paid.in_dashboard(100)
    await paid.hear("refund.created")
    assert await paid.rows() == [(100, "succeeded")] * 12
    assert "Refunded $12.00" in await paid.page()


async def test_a_refund_that_fails_later_is_told_and_counts_no_more(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    paid = await bought(shopper, shop, "pm_card_refundFail")
    await paid.in_dashboard(1000)
    await paid.hear("refund.created")
    await paid.settle()
    await paid.hear("refund.failed")
    assert await paid.rows() == [(1000, "failed")]
    page = await paid.page()
    assert "Refunded $10.00" not in page
    assert "Did not go through" in page
    assert "Refund failed" in page


async def test_a_refund_on_its_way_counts_until_it_arrives(shopper: Shopper, shop: ShopUnderTest) -> None:
    paid = await bought(shopper, shop, "pm_card_pendingRefund")
    await paid.in_dashboard(1000)
    await paid.hear("refund.created")
    assert "Refunded $10.00" in (page := await paid.page())
    assert "On its way" in page
    await paid.settle()
    await paid.hear("refund.updated")
    assert await paid.rows() == [(1000, "succeeded")]
    assert "On its way" not in await paid.page()


async def test_a_refund_of_another_application_is_none_of_our_business(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    paid = await bought(shopper, shop)
    params: Any = {"amount": 500, "currency": "usd", "payment_method": VISA, "confirm": True}
    params |= {"automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}}
    other = await shopper.stripe.v1.payment_intents.create_async(params)
    await Paid(shopper, shop, other.id).in_dashboard(500)
    await Paid(shopper, shop, other.id).hear("refund.created")
    assert await paid.rows() == []


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


AMOUNT, LAST_LINE = ["--amount", "5.00"], ["--line", CODE]


@pytest.mark.parametrize(
    ("wish", "trouble"),
    [
        (AMOUNT, {"times": 3, "status": 500}),
        (AMOUNT, {"times": 3, "status": 500, "after_effect": True}),
        (LAST_LINE, {"times": 3, "drop": True}),
        (AMOUNT, {"times": 3, "drop": True, "after_effect": True}),
        ([], {"times": 1, "status": 429, "code": "lock_timeout", "type": "invalid_request_error"}),
    ],
    ids=str,
)
async def test_a_command_that_got_no_answer_is_repeated_and_refunds_once(
    shopper: Shopper, shop: ShopUnderTest, run: Run, wish: list[str], trouble: dict[str, object]
) -> None:
    paid = await bought(shopper, shop)
    await fail_next(shopper, shop, method="POST", path="/v1/refunds", **trouble)
    code, said = await run("refund", paid.order, *wish)
    assert (code, "The refund is not made yet" in said) == (1, True)
    assert (await run("refund", paid.order, *wish))[0] == 0
    assert (await run("refund", paid.order, *wish))[0] == 1
    assert len(await paid.at_stripe()) == len(await paid.rows()) == 1


async def test_a_refund_that_is_asked_for_a_day_later_is_looked_up_first(
    shopper: Shopper, shop: ShopUnderTest, run: Run
) -> None:
    paid = await bought(shopper, shop)
    await fail_next(shopper, shop, method="POST", path="/v1/refunds", times=3, drop=True, after_effect=True)
    await run("refund", paid.order, "--amount", "5.00")
    await change(shop, update(Refund).values(attempted_at=now() - timedelta(hours=23, minutes=1)))
    await run("refund", paid.order, "--amount", "5.00")
    assert len(await paid.at_stripe()) == 1


async def test_while_stripe_is_away_nothing_is_written_down(
    shopper: Shopper, shop: ShopUnderTest, run: Run
) -> None:
    paid = await bought(shopper, shop)
    await fail_next(shopper, shop, drop=True, times=3)
    assert await run("refund", paid.order) == (
        1,
        "shop: Nothing was refunded. Stripe does not answer. Try again in a moment.",
    )
    assert await paid.rows() == []


@pytest.mark.parametrize("wish", [Wish(), Wish(amount="5.00"), Wish({DREAM: None})], ids=str)
async def test_of_many_at_once_one_refunds(shopper: Shopper, shop: ShopUnderTest, wish: Wish) -> None:
    paid = await bought(shopper, shop)
    gateway = shop.app.extensions["gateway"]
    await asyncio.gather(
        *(refund_order(shop.db, gateway, paid.order, wish) for _ in range(6)), return_exceptions=True
    )
    assert len(await paid.at_stripe()) == len(await paid.rows()) == 1


@pytest.mark.usefixtures("run")
async def test_of_two_processes_at_once_one_refunds(shopper: Shopper, shop: ShopUnderTest) -> None:
    paid = await bought(shopper, shop)
    command = (sys.executable, "-m", "shop", "refund", paid.order, "--amount", "5.00")
    processes = [await asyncio.create_subprocess_exec(*command) for _ in range(2)]
    assert 0 in [await process.wait() for process in processes]
    assert len(await paid.at_stripe()) == len(await paid.rows()) == 1


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


@given(st.integers(0, 5000), st.integers(1, 4), st.integers(0, 3000))
def test_the_copies_of_a_discounted_line_add_up_to_what_was_paid(price: int, count: int, off: int) -> None:
    line = OrderLine(unit_price=price, quantity=count, discount=min(off, price * count))
    copies = [share(line, before, 1) for before in range(count)]
    assert min(copies) >= 0
    assert sum(copies) == line.amount - line.discount
