"""How long a shopper waits for Stripe, and how many calls are made at the same time."""

import asyncio
import time

import pytest

from shop.gateway import Gateway, Patience
from shop.sandbox.testing import arm
from tests.conftest import NewShopper, ShopUnderTest
from tests.shopper import Shopper, text
from tests.test_payments import intents
from tests.test_webhooks import deliver, event

DATABASE = "sqlite"

DREAM = "the-dream-machine"


async def limit(shop: ShopUnderTest, at_once: int = 20, **seconds: float) -> None:
    """Let the shop ask Stripe with other limits."""
    await shop.app.extensions["gateway"].close()
    shop.app.extensions["gateway"] = Gateway(
        "sk_test_sandbox", "whsec_sandbox", shop.sandbox, at_once=at_once, patience=Patience(**seconds)
    )


async def in_use(shop: ShopUnderTest) -> None:
    """Until every place among the calls is taken."""
    async with asyncio.timeout(10):
        while not shop.app.extensions["gateway"].places.locked():  # noqa: ASYNC110 (nobody tells us)
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("recipe", ["timeout_before", "timeout_after"])
async def test_an_answer_that_does_not_come_is_told_in_time_and_found_by_the_next_request(
    shopper: Shopper, shop: ShopUnderTest, recipe: str
) -> None:
    await limit(shop, call=0.5)
    await shopper.add(DREAM)
    await arm(shop.sandbox, recipe, times=3)
    began = time.monotonic()
    reply = await shopper.post("/checkout")
    assert time.monotonic() - began < 3
    assert reply.status_code == 502
    assert "Your cart is as it was. Please try again in a moment" in text(reply)
    await shopper.http.post(f"{shop.sandbox}/_sandbox/faults", json={"heal": "yes"})
    await shopper.check_out()
    assert len(await intents(shopper.stripe)) == 1
    assert "Thank you: your order is paid" in text(await shopper.pay())


async def test_an_answer_that_is_lost_is_asked_for_again_while_there_is_time(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await limit(shop, read=0.2)
    await shopper.add(DREAM)
    await arm(shop.sandbox, "slow", delay=0.5)
    await shopper.check_out()
    assert len(await intents(shopper.stripe)) == 1


async def test_calls_wait_for_their_turn(shopper: Shopper, shop: ShopUnderTest) -> None:
    await limit(shop, at_once=1)
    order = await shopper.check_out(DREAM)
    pages = await asyncio.gather(*(shopper.get(f"{order}/pay") for _ in range(8)))
    assert {page.status_code for page in pages} == {200}


async def test_who_waits_too_long_for_a_turn_is_asked_to_come_again(
    new_shopper: NewShopper, shop: ShopUnderTest
) -> None:
    ada, bob = new_shopper(), new_shopper()
    slow, order = await ada.check_out(DREAM), await bob.check_out(DREAM)
    body = event("payment_intent.processing", {"id": (await bob.intent()).id})
    await limit(shop, at_once=1, queue=0.1)
    await arm(shop.sandbox, "slow", delay=1)
    async with asyncio.TaskGroup() as group:
        first = group.create_task(ada.get(f"{slow}/pay"))
        await in_use(shop)
        page, hook = await bob.get(f"{order}/pay"), await deliver(bob, body)
    assert (page.status_code, hook.status_code, first.result().status_code) == (503, 503, 200)
    assert page.headers["Retry-After"] == hook.headers["Retry-After"] == "5"
    assert "Many people are paying at this moment" in text(page)
    assert (await deliver(bob, body)).status_code == 204
