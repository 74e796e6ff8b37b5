"""Money goes back once, whoever asks again, whatever answer is lost."""

import asyncio
import sys
from datetime import timedelta

import pytest
from sqlalchemy import update

from shop.db import now
from shop.models import Refund
from shop.refunding import Wish, refund_order
from tests.conftest import ShopUnderTest
from tests.refunding import CODE, DREAM, bought
from tests.shopper import Shopper
from tests.terminal import Run, run
from tests.test_payment_races import change
from tests.test_payments import fail_next

__all__ = ["run"]

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
