"""Trying out stolen cards: attempts that fail are counted, by cart and by address; checkouts are not."""

from dataclasses import replace
from datetime import timedelta

import pytest
import stripe
from sqlalchemy import func, select, update

from shop.db import now
from shop.factory import create_app
from shop.failures import hide_address
from shop.jobs import sweep
from shop.models import FailedAttempt, Order
from tests.conftest import NewShopper, ShopUnderTest
from tests.shopper import DECLINED, Shopper, text
from tests.test_payment_races import change, statuses
from tests.test_payments import intents, send_no_webhooks
from tests.test_webhooks import deliver, event, until

DREAM = "the-dream-machine"
FAILED = select(func.count(FailedAttempt.id))
WAIT = "Too many payments from your cart or your connection have failed."


def allow(shop: ShopUnderTest, cart: int = 100, address: int = 100) -> None:
    limits = {"failed_payments_per_cart": cart, "failed_payments_per_address": address}
    shop.app.extensions["settings"] = replace(shop.settings, **limits)


async def try_card(shopper: Shopper) -> None:
    """With the client secret alone, as a script does."""
    intent_id = (await intents(shopper.stripe))[0].id
    wanted = {"payment_method": DECLINED, "return_url": "https://example.com/"}
    with pytest.raises(stripe.CardError):
        await shopper.stripe.v1.payment_intents.confirm_async(intent_id, wanted)  # type: ignore[arg-type]


async def fail(shopper: Shopper, times: int = 1) -> None:
    """As a person does, who tries another card each time."""
    for _ in range(times):
        assert (await shopper.press(total=3500)).status_code == 204
        await try_card(shopper)


async def over(shopper: Shopper, shop: ShopUnderTest) -> str:
    """An order whose cart has to wait."""
    allow(shop, cart=2)
    order = await shopper.check_out(DREAM)
    await fail(shopper, 2)
    return order


async def test_after_too_many_failures_the_press_is_told_to_wait(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await over(shopper, shop)
    reply = await shopper.press(total=3500)
    assert reply.status_code == 429
    assert 3500 < int(reply.headers["Retry-After"]) <= 3600
    assert WAIT in text(reply)
    assert "the next can be made in 60 minutes: reload this page then." in text(reply)
    assert "<html" not in reply.text


async def test_every_other_way_to_pay_leads_to_a_page_that_says_so(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    order = await over(shopper, shop)
    await shopper.look()
    for page in (
        await shopper.get(f"{order}/pay"),
        await shopper.post(f"{order}/session"),
        await shopper.post("/checkout"),
    ):
        assert (page.status_code, page.headers["Retry-After"].isdigit()) == (429, True)
        assert "Please wait a little" in text(page)
        assert "secret" not in page.text
    assert await statuses(shopper) == ["canceled"]


async def test_after_the_wait_the_same_order_is_paid(shopper: Shopper, shop: ShopUnderTest) -> None:
    order = await over(shopper, shop)
    assert (await shopper.press(total=3500)).status_code == 429
    assert "The Dream Machine" in text(await shopper.get("/cart"))
    await change(shop, update(FailedAttempt).values(at=now() - timedelta(minutes=61)))
    assert await shopper.check_out() == order
    assert "Thank you: your order is paid" in text(await shopper.pay())
    assert await statuses(shopper) == ["succeeded", "canceled"]


async def test_a_script_with_the_client_secret_is_stopped_at_the_tenth_card(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await shopper.check_out(DREAM)
    await shopper.client_secret()
    for tried in range(1, 11):
        assert await statuses(shopper) == ["requires_payment_method"]
        await try_card(shopper)
        await until(shop, FAILED, tried)
    await until(
        shop, select(func.count(Order.id)).where(Order.status == "pending", ~Order.payments.any(open=True)), 1
    )
    assert await statuses(shopper) == ["canceled"]


async def test_a_failure_counts_once_whoever_tells_of_it(shopper: Shopper, shop: ShopUnderTest) -> None:
    await send_no_webhooks(shopper)
    await shopper.check_out(DREAM)
    await fail(shopper, 2)
    for event_id, intent in enumerate(await failed_intents(shopper)):
        for _ in range(2):
            body = event("payment_intent.payment_failed", intent, f"evt_{event_id}")
            assert (await deliver(shopper, body)).status_code == 204
        await shopper.look()
    async with shop.db.read() as session:
        assert await session.scalar(FAILED) == 2


async def failed_intents(shopper: Shopper) -> list[dict[str, object]]:
    events = await shopper.stripe.v1.events.list_async({"type": "payment_intent.payment_failed"})
    return [found.data.object.to_dict() for found in events.data]


async def test_one_address_has_to_wait_whatever_carts_it_uses(
    new_shopper: NewShopper, shop: ShopUnderTest
) -> None:
    allow(shop, address=2)
    for name in ("ada", "bob"):
        thief = new_shopper()
        thief.http.headers["X-Forwarded-For"] = f"203.0.113.{len(name)}, {name}"
        await thief.check_out(DREAM)
        await fail(thief)
        await thief.look()
    other = new_shopper()
    assert (await other.post("/cart/items", book=DREAM)).status_code == 303
    assert (await other.post("/checkout")).status_code == 303
    async with shop.db.read() as session:
        newest = await session.scalar(select(Order.public_id).order_by(Order.id.desc()))
    assert (await other.get(f"/orders/{newest}/pay")).status_code == 429
    assert await statuses(other) == ["canceled"] * 3


async def test_behind_a_proxy_each_address_counts_for_itself(
    new_shopper: NewShopper, shop: ShopUnderTest
) -> None:
    shop.app.asgi_app.hops = 1
    allow(shop, address=1)
    for address in ("203.0.113.1", "203.0.113.2"):
        thief = new_shopper()
        thief.http.headers["X-Forwarded-For"] = f"198.51.100.7, {address}"
        await thief.check_out(DREAM)
        await fail(thief)
        assert (await thief.press(total=3500)).status_code == 429


async def test_who_is_paying_at_the_moment_is_not_disturbed(
    new_shopper: NewShopper, shop: ShopUnderTest
) -> None:
    ada, thief = new_shopper(), new_shopper()
    await ada.check_out(DREAM)
    assert (await ada.press()).status_code == 204
    allow(shop, address=1)
    await thief.check_out(DREAM)
    await fail(thief)
    assert (await thief.press(total=3500)).status_code == 429
    assert await statuses(ada) == ["canceled", "requires_payment_method"]


async def test_other_servers_and_a_restart_know_it_too(shopper: Shopper, shop: ShopUnderTest) -> None:
    order = await over(shopper, shop)
    await shopper.look()
    another = create_app(replace(shop.settings, failed_payments_per_cart=2))
    async with another.test_app() as app:
        page = await app.test_client().get(f"{order}/pay")
        assert page.status_code == 429


async def test_checkouts_are_never_counted(shopper: Shopper, shop: ShopUnderTest) -> None:
    allow(shop, cart=1, address=1)
    for _ in range(5):
        order = await shopper.check_out(DREAM)
        assert (await shopper.get(f"{order}/pay")).status_code == 200
    assert (await shopper.press()).status_code == 204


async def test_zero_switches_a_limit_off(shopper: Shopper, shop: ShopUnderTest) -> None:
    allow(shop, cart=0, address=0)
    await shopper.check_out(DREAM)
    await fail(shopper, 2)
    assert "Thank you: your order is paid" in text(await shopper.pay())


async def test_addresses_are_not_kept_in_clear_nor_longer_than_a_day(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await over(shopper, shop)
    await shopper.look()
    async with shop.db.read() as session:
        kept = set(await session.scalars(select(FailedAttempt.visitor)))
    assert kept == {hide_address("127.0.0.1", shop.settings.secret_key)}
    await change(shop, update(FailedAttempt).values(at=now() - timedelta(days=2)))
    await sweep(shop.db, shop.app.extensions["gateway"])
    async with shop.db.read() as session:
        assert await session.scalar(FAILED) == 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.1", "::ffff:203.0.113.1", True),
        ("::ffff:203.0.113.1", "::ffff:203.0.113.2", False),
        ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
    ],
)
def test_of_ipv6_a_household_is_one(one: str, other: str, same: bool) -> None:
    assert (hide_address(one, "s") == hide_address(other, "s")) is same
    assert hide_address(one, "s") != hide_address(one, "t")
