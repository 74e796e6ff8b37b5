"""What happens without the shopper: outcomes are found, what was given up is cleared away."""

import asyncio
from datetime import timedelta

from sqlalchemy import func, select, update

from shop import jobs
from shop.db import now
from shop.jobs import ABANDONED, FORGOTTEN, recover, sweep, take_duty, work_until
from shop.models import Cart, CartItem, Duty, Order, Payment
from tests.conftest import ShopUnderTest
from tests.shopper import CHALLENGE, Shopper, text
from tests.test_hosted_page import sessions, status
from tests.test_payment_races import change, statuses
from tests.test_payments import fail_next, send_no_webhooks
from tests.test_stock import stock_and_held

DREAM, CODE = "the-dream-machine", "the-code-book"
SECONDS, HOUR = timedelta(seconds=11), timedelta(hours=1)


async def let_pass(shop: ShopUnderTest, time: timedelta) -> None:
    """Everything in the database happened that much earlier."""
    async with shop.db.write() as session:
        for order in await session.scalars(select(Order)):
            order.created_at -= time
            order.lease_until = order.lease_until and order.lease_until - time
        for payment in await session.scalars(select(Payment)):
            payment.attempted_at -= time
            payment.synced_at = payment.synced_at and payment.synced_at - time
        for cart in await session.scalars(select(Cart)):
            cart.updated_at -= time


async def turn(shop: ShopUnderTest, after: timedelta = SECONDS) -> None:
    await let_pass(shop, after)
    await recover(shop.db, shop.app.extensions["gateway"])


async def sweep_after(shop: ShopUnderTest, time: timedelta) -> tuple[int, int]:
    await let_pass(shop, time)
    return await sweep(shop.db, shop.app.extensions["gateway"])


async def test_a_payment_of_which_no_news_came_is_found(shopper: Shopper, shop: ShopUnderTest) -> None:
    await send_no_webhooks(shopper)
    await shopper.check_out(DREAM)
    await shopper.press()
    await shopper.confirm()
    assert await status(shop) == "pending"
    await turn(shop)
    assert await status(shop) == "paid"


async def test_so_is_one_on_stripes_page(shopper: Shopper, shop: ShopUnderTest) -> None:
    await send_no_webhooks(shopper)
    await shopper.check_out(DREAM)
    await shopper.pay_session(await shopper.open_session())
    await turn(shop)
    assert await status(shop) == "paid"


async def test_a_press_that_comes_to_nothing_frees_the_books_once_its_intent_is_cancelled(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    order = await shopper.check_out(DREAM)
    stock, _ = await stock_and_held(shop)
    await shopper.press()
    await turn(shop)
    assert await stock_and_held(shop) == (stock, 1)
    await turn(shop, timedelta(minutes=10))
    assert await stock_and_held(shop) == (stock, 0)
    assert await statuses(shopper) == ["canceled"]
    assert "Pay $35.00" in text(await shopper.get(f"{order}/pay"))
    assert "Thank you" in text(await shopper.pay())


async def test_a_shopper_at_the_bank_has_an_hour(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.check_out(DREAM)
    await shopper.press()
    await shopper.confirm(CHALLENGE)
    await turn(shop, timedelta(minutes=30))
    assert await statuses(shopper) == ["requires_action"]
    await turn(shop, HOUR)
    assert await statuses(shopper) == ["canceled"]


async def test_a_hold_whose_cancel_was_not_answered_stays_until_it_is(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await shopper.check_out(DREAM)
    await shopper.press()
    intent = await shopper.intent()
    await fail_next(
        shopper, shop, status=500, times=3, method="POST", path=f"/v1/payment_intents/{intent.id}/cancel"
    )
    await turn(shop, timedelta(minutes=11))
    assert (await stock_and_held(shop))[1] == 1
    await turn(shop)
    assert (await stock_and_held(shop))[1] == 0


async def test_a_way_of_paying_that_was_being_closed_is_closed(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.check_out(DREAM)
    await change(shop, update(Payment).values(closing=True))  # what a crash leaves behind
    await turn(shop)
    assert await statuses(shopper) == ["canceled"]
    assert await status(shop) == "pending"


async def test_a_session_whose_answer_was_lost_holds_its_books_until_it_is_expired(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await shopper.check_out(DREAM)
    await fail_next(
        shopper, shop, status=500, after_effect=True, times=1, method="POST", path="/v1/checkout/sessions"
    )
    await shopper.post(f"{shopper.order}/session")
    assert (await stock_and_held(shop))[1] == 1
    await turn(shop, HOUR)
    assert (await stock_and_held(shop))[1] == 0
    assert await sessions(shopper) == ["expired"]


async def test_a_bank_that_takes_days_is_asked_now_and_then(shopper: Shopper, shop: ShopUnderTest) -> None:
    await send_no_webhooks(shopper)
    await shopper.check_out(DREAM)
    await shopper.confirm("pm_usBankAccount_success")
    await shopper.look()
    await shopper.http.post(f"{shop.sandbox}/_sandbox/settle")
    await turn(shop)
    assert await status(shop) == "processing"
    await turn(shop, timedelta(minutes=10))
    assert await status(shop) == "paid"


async def test_an_order_that_nobody_pays_is_cancelled_and_its_cart_is_kept(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await shopper.check_out(DREAM)
    assert await sweep_after(shop, HOUR) == (0, 0)
    assert await sweep_after(shop, ABANDONED) == (1, 0)
    assert await sweep_after(shop, HOUR) == (0, 0)
    assert await statuses(shopper) == ["canceled"]
    assert "The Dream Machine" in text(await shopper.get("/cart"))


async def test_an_order_that_a_crash_left_without_a_payment_is_cancelled_too(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await shopper.add(DREAM)
    await fail_next(shopper, shop, status=500, times=3)
    await shopper.post("/checkout")
    assert await sweep_after(shop, ABANDONED + HOUR) == (1, 0)
    assert await status(shop) == "canceled"


async def test_a_cart_that_nobody_opens_for_half_a_year_is_deleted(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await shopper.add(DREAM)
    assert await sweep_after(shop, ABANDONED) == (0, 0)
    assert await sweep_after(shop, FORGOTTEN) == (0, 1)
    async with shop.db.read() as session:
        assert await session.scalar(select(func.count(CartItem.id))) == 0
    assert "There is nothing in it yet." in text(await shopper.get("/cart"))


async def test_of_several_processes_one_has_the_duty(shop: ShopUnderTest) -> None:
    assert await take_duty(shop.db, "recovery", HOUR)
    assert await take_duty(shop.db, "recovery", HOUR)  # it keeps it
    await change(shop, update(Duty).values(holder="another"))
    assert not await take_duty(shop.db, "recovery", HOUR)
    await change(shop, update(Duty).values(until=now()))
    assert await take_duty(shop.db, "recovery", HOUR)


async def test_sweeps_at_the_same_moment_do_no_harm(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.check_out(DREAM)
    await let_pass(shop, ABANDONED)
    gateway = shop.app.extensions["gateway"]
    await asyncio.gather(
        *(sweep(shop.db, gateway) for _ in range(4)), *(recover(shop.db, gateway) for _ in range(4))
    )
    assert await statuses(shopper) == ["canceled"]


async def test_the_work_begins_with_the_start_whoever_had_the_duty_and_ends_when_it_is_told(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await send_no_webhooks(shopper)
    await shopper.check_out(DREAM)
    await shopper.press()
    await shopper.confirm()
    assert await take_duty(shop.db, "recovery", HOUR)
    await change(shop, update(Duty).values(holder="a process that was killed"))
    stopped = asyncio.Event()
    work = asyncio.create_task(work_until(stopped, shop.db, shop.app.extensions["gateway"]))
    async with asyncio.timeout(jobs.RECOVER_EVERY.total_seconds()):
        while await status(shop) != "paid":  # noqa: ASYNC110 (nobody tells us)
            await asyncio.sleep(0.02)
        stopped.set()
        await work
