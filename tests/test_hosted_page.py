"""Stripe's own page as the second way of paying: one order never has two ways open."""

import asyncio
from dataclasses import replace

import pytest
import stripe
from sqlalchemy import select

from shop.models import Order
from tests.conftest import ShopUnderTest
from tests.shopper import DECLINED, VISA, Shopper, text
from tests.test_payment_races import statuses
from tests.test_payments import fail_next, intents

DREAM, CODE = "the-dream-machine", "the-code-book"


async def sessions(shopper: Shopper) -> list[str | None]:
    return [session.status for session in (await shopper.stripe.v1.checkout.sessions.list_async()).data]


async def test_paying_on_stripes_page_ends_on_the_same_confirmation(shopper: Shopper) -> None:
    await shopper.check_out(DREAM, CODE)
    session = await shopper.open_session()
    await shopper.pay_session(session)
    page = text(await shopper.look())
    assert "Thank you: your order is paid" in page
    assert "$52.99" in page
    [paid, closed] = await intents(shopper.stripe)
    assert paid.id in page
    assert closed.status == "canceled"
    assert "There is nothing in it yet." in text(await shopper.get("/cart"))


async def test_the_session_has_the_frozen_lines_and_the_same_metadata(shopper: Shopper) -> None:
    await shopper.check_out(DREAM, CODE)
    session_id = await shopper.open_session()
    session = await shopper.stripe.v1.checkout.sessions.retrieve_async(session_id, {"expand": ["line_items"]})
    assert session.line_items
    assert [(i.description, i.amount_total) for i in session.line_items.data] == [
        ("The Dream Machine", 3500),
        ("The Code Book", 1799),
    ]
    assert f"/orders/{session.metadata['order']}" == shopper.order
    assert str(session.success_url).endswith(shopper.order)


async def test_choosing_it_twice_leads_to_the_same_session(shopper: Shopper) -> None:
    await shopper.check_out(DREAM)
    replies = await asyncio.gather(*(shopper.post(f"{shopper.order}/session") for _ in range(6)))
    assert len({reply.headers["Location"] for reply in replies}) == 1
    assert await sessions(shopper) == ["open"]


async def test_the_form_on_our_page_is_closed_before_stripes_page_opens(shopper: Shopper) -> None:
    await shopper.check_out(DREAM)
    old = await shopper.intent()
    await shopper.open_session()
    assert "another way of paying in another tab" in text(await shopper.press(total=3500))
    with pytest.raises(stripe.InvalidRequestError):
        await shopper.stripe.v1.payment_intents.confirm_async(old.id, {"payment_method": VISA})


async def test_the_pay_page_tells_of_the_open_session_and_leads_back(shopper: Shopper) -> None:
    order = await shopper.check_out(DREAM)
    session = await shopper.open_session()
    assert "You are paying on Stripe’s page" in text(await shopper.get(f"{order}/pay"))
    assert (await shopper.post(f"{order}/intent")).headers["Location"] == f"{order}/pay"
    assert await sessions(shopper) == ["expired"]
    with pytest.raises(stripe.InvalidRequestError):
        await shopper.pay_session(session)
    assert "Thank you: your order is paid" in text(await shopper.pay())
    assert sorted(await statuses(shopper)) == ["canceled", "succeeded"]


async def test_a_changed_cart_has_to_wait_or_to_cancel(shopper: Shopper) -> None:
    order = await shopper.check_out(DREAM)
    await shopper.open_session()
    await shopper.add(CODE)
    assert "A payment is under way" in text(await shopper.post("/checkout"))
    await shopper.post(f"{order}/cancellation")
    assert await sessions(shopper) == ["expired"]
    await shopper.check_out()
    assert "$52.99" in text(await shopper.pay())


async def test_the_same_cart_checks_out_to_the_open_session(shopper: Shopper) -> None:
    order = await shopper.check_out(DREAM)
    await shopper.open_session()
    assert await shopper.check_out() == order
    assert await sessions(shopper) == ["open"]


async def test_a_session_that_expires_leaves_the_order_to_be_paid(shopper: Shopper) -> None:
    order = await shopper.check_out(DREAM)
    session = await shopper.open_session()
    await shopper.stripe.v1.checkout.sessions.expire_async(session)
    assert "This order is not paid yet" in text(await shopper.look())
    assert "Pay $35.00" in text(await shopper.get(f"{order}/pay"))
    assert "Thank you: your order is paid" in text(await shopper.pay())


async def test_by_setting_check_out_leads_there_at_once(shopper: Shopper, shop: ShopUnderTest) -> None:
    shop.app.extensions["settings"] = replace(shop.settings, ui_mode="hosted_page")
    await shopper.add(DREAM)
    reply = await shopper.post("/checkout")
    assert reply.headers["Location"].startswith(f"{shop.sandbox}/c/pay/cs_")
    assert await intents(shopper.stripe) == []
    order = (await shopper.stripe.v1.checkout.sessions.list_async()).data[0].client_reference_id
    page = text(await shopper.get(f"/orders/{order}/pay"))
    assert "Go on to Stripe’s page" in page
    assert "Pay here" not in page


async def test_a_decline_there_keeps_the_session_open(shopper: Shopper) -> None:
    await shopper.check_out(DREAM)
    session = await shopper.open_session()
    with pytest.raises(stripe.CardError):
        await shopper.pay_session(session, DECLINED)
    await shopper.look()
    assert await shopper.open_session() == session
    await shopper.pay_session(session)
    assert "Thank you: your order is paid" in text(await shopper.look())


@pytest.mark.parametrize("effect", [True, False])
async def test_a_lost_answer_is_asked_for_again(shopper: Shopper, shop: ShopUnderTest, effect: bool) -> None:
    await shopper.check_out(DREAM)
    await fail_next(
        shopper,
        shop,
        status=500,
        after_effect=effect,
        times=1 if effect else 3,
        method="POST",
        path="/v1/checkout/sessions",
    )
    assert (await shopper.post(f"{shopper.order}/session")).status_code == 502
    session = await shopper.open_session()
    assert await sessions(shopper) == ["open"]
    await shopper.pay_session(session)
    assert "Thank you: your order is paid" in text(await shopper.look())


async def test_without_stripes_yes_no_second_way_opens(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.check_out(DREAM)
    intent = await shopper.intent()
    await fail_next(
        shopper, shop, status=500, times=3, method="POST", path=f"/v1/payment_intents/{intent.id}/cancel"
    )
    assert (await shopper.post(f"{shopper.order}/session")).status_code == 502
    assert await sessions(shopper) == []
    assert "Thank you: your order is paid" in text(await shopper.pay())


async def test_all_ways_at_once_leave_one_open(shopper: Shopper) -> None:
    order = await shopper.check_out(DREAM)
    await asyncio.gather(
        *(shopper.post(f"{order}/{way}") for way in ("session", "intent", "session", "intent", "session"))
    )
    await shopper.look()
    open_intents = [s for s in await statuses(shopper) if s != "canceled"]
    assert len(open_intents) + (await sessions(shopper)).count("open") <= 1


async def test_webhooks_alone_finish_it(shopper: Shopper, shop: ShopUnderTest) -> None:
    await shopper.check_out(DREAM)
    await shopper.pay_session(await shopper.open_session())
    async with asyncio.timeout(10):
        while await status(shop) != "paid":  # noqa: ASYNC110 (nobody tells us)
            await asyncio.sleep(0.02)


async def status(shop: ShopUnderTest) -> str | None:
    async with shop.db.read() as session:
        return await session.scalar(select(Order.status))


async def test_a_bank_debit_on_stripes_page_that_fails_is_tried_again(
    shopper: Shopper, shop: ShopUnderTest
) -> None:
    await shopper.http.post(f"{shop.sandbox}/_sandbox/clock", json={"freeze": True})
    order = await shopper.check_out(DREAM)
    await shopper.pay_session(await shopper.open_session(), "pm_usBankAccount_insufficientFunds")
    assert "Your payment is being processed" in text(await shopper.look())
    await shopper.http.post(f"{shop.sandbox}/_sandbox/settle")
    assert "Your payment did not go through" in text(await shopper.look())
    assert "Pay $35.00" in text(await shopper.get(f"{order}/pay"))
