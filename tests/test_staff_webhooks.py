"""The log of webhooks: what became of each event, and handling one again."""

import re

import httpx
import pytest
from sqlalchemy import delete

from shop.models import OrderEvent, Payment, StripeEvent
from tests.conftest import ShopUnderTest
from tests.shopper import Shopper, text
from tests.test_payment_races import change
from tests.test_payments import fail_next, send_no_webhooks
from tests.test_webhooks import deliver, event

DREAM = "the-dream-machine"


async def paid_while_nobody_listened(shopper: Shopper) -> str:
    """The id of Stripe's event that tells of it."""
    await send_no_webhooks(shopper)
    await shopper.check_out(DREAM)
    assert (await shopper.press()).status_code == 204
    await shopper.confirm()
    events = await shopper.stripe.v1.events.list_async({"type": "payment_intent.succeeded"})
    return events.data[0].id


async def replay(staff: httpx.AsyncClient, event_id: str) -> httpx.Response:
    return await staff.post("/staff/webhooks/replays", data={"event": event_id})


async def test_an_event_that_was_missed_is_fetched_and_has_its_effect(
    shopper: Shopper, shop: ShopUnderTest, staff: httpx.AsyncClient
) -> None:
    event_id = await paid_while_nobody_listened(shopper)
    reply = await replay(staff, event_id)
    assert (reply.status_code, reply.headers["Location"]) == (303, f"/staff/webhooks?replayed={event_id}")
    page = await staff.get(reply.headers["Location"])
    assert f"{event_id} was handled again." in text(page)
    assert f"{shop.sandbox}/_sandbox/workbench/{event_id}" in page.text
    order = text(await staff.get(f"/staff{shopper.order}"))
    assert "Status paid" in order
    assert f"payment_intent.succeeded {event_id} handled" in order
    for _ in range(2):
        assert (await replay(staff, event_id)).status_code == 303
    assert text(await staff.get(f"/staff{shopper.order}")).count("Paid: $35.00") == 1


async def test_what_failed_is_in_the_log_until_it_has_been_handled(
    shopper: Shopper, shop: ShopUnderTest, staff: httpx.AsyncClient
) -> None:
    event_id = await paid_while_nobody_listened(shopper)
    body = event("payment_intent.succeeded", {"id": shopper.intent_id, "object": "payment_intent"}, event_id)
    await fail_next(shopper, shop, method="GET", path="/v1/payment_intents", times=3, drop=True)
    assert (await deliver(shopper, body)).status_code == 500
    failed = await staff.get("/staff/webhooks?outcome=failed")
    assert "failed: Stripe did not answer" in text(failed)
    assert event_id in failed.text
    assert (await deliver(shopper, body)).status_code == 204  # Stripe comes again
    assert event_id not in (await staff.get("/staff/webhooks?outcome=failed")).text
    assert event_id in (await staff.get("/staff/webhooks?outcome=handled")).text


async def test_events_about_others_payments_and_about_lost_ones_are_told_apart(
    shopper: Shopper, staff: httpx.AsyncClient
) -> None:
    await send_no_webhooks(shopper)
    lost = {"order": "lost", "payment": "lost", "revision": "1"}
    for metadata, event_id in (({}, "evt_other"), (lost, "evt_lost")):
        params = {"amount": 100, "currency": "usd", "metadata": metadata}
        intent = await shopper.stripe.v1.payment_intents.create_async(params)  # type: ignore[arg-type]
        await deliver(shopper, event("payment_intent.succeeded", {"id": intent.id}, event_id))
    page = text(await staff.get("/staff/webhooks"))
    assert re.search(
        r"evt_lost \S+ .{5,30} UTC pi_\w+ failed: it names a payment that this shop does not have", page
    )
    assert re.search(r"evt_other \S+ .{5,30} UTC pi_\w+ not ours", page)


async def test_what_stripe_does_not_know_or_cannot_say_is_told(
    shopper: Shopper, shop: ShopUnderTest, staff: httpx.AsyncClient
) -> None:
    for wrong, status in (("evt_unknown", 404), ("pi_1", 422), ("", 422), ("../v1/balance", 422)):
        assert (await replay(staff, wrong)).status_code == status, wrong
    event_id = await paid_while_nobody_listened(shopper)
    created = await shopper.stripe.v1.events.list_async({"type": "payment_intent.created"})
    reply = await replay(staff, created.data[0].id)
    assert (reply.status_code, "of the type payment_intent.created" in text(reply)) == (409, True)
    await change(shop, delete(OrderEvent))
    await change(shop, delete(Payment))
    reply = await replay(staff, event_id)
    assert (reply.status_code, "tried again and failed" in text(reply)) == (400, True)


async def test_older_events_are_on_the_next_page(
    shop: ShopUnderTest, staff: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shop.event_log.PAGE_SIZE", 2)
    async with shop.db.write() as session:
        session.add_all(StripeEvent(id=f"evt_{n}", type="charge.refunded") for n in range(5))
    seen, page = [], "/staff/webhooks"
    while page:
        html = (await staff.get(page)).text
        seen += re.findall(r'name="event" value="(evt_\d)"', html)
        page = next(iter(re.findall(r'href="(/staff/webhooks\?before=\w+)"', html)), "")
    assert sorted(seen) == [f"evt_{n}" for n in range(5)]
