"""Which events each transition leaves behind, in their order."""

import contextlib

import pytest
import stripe

from .conftest import BOOK

PAID = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]
HELD = ["payment_intent.created", "charge.succeeded", "payment_intent.amount_capturable_updated"]


@pytest.mark.parametrize(
    ("card", "params", "then", "events"),
    [
        ("pm_card_visa", {}, "", PAID),
        ("pm_card_visa", {}, "settle", [*PAID, "charge.updated"]),
        ("pm_card_chargeDeclined", {}, "",
         ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]),
        ("pm_card_threeDSecure2Required", {}, "",
         ["payment_intent.created", "payment_intent.requires_action"]),
        ("pm_card_visa", {"capture_method": "manual"}, "", HELD),
        ("pm_card_visa", {"capture_method": "manual"}, "capture",
         [*HELD, "charge.captured", "payment_intent.succeeded", "charge.updated"]),
        ("pm_card_visa", {"capture_method": "manual"}, "cancel",
         [*HELD, "payment_intent.canceled"]),
        ("pm_usBankAccount_success", {}, "settle",
         ["payment_intent.created", "payment_intent.processing", "charge.pending", "charge.succeeded",
          "payment_intent.succeeded"]),
        ("pm_usBankAccount_noAccount", {}, "settle",
         ["payment_intent.created", "payment_intent.processing", "charge.pending", "charge.failed",
          "payment_intent.payment_failed"]),
        ("pm_card_visa", {"capture_method": "automatic"}, "refund",
         [*PAID, "refund.created", "charge.refunded", "refund.updated", "charge.refund.updated"]),
        ("pm_card_refundFail", {"capture_method": "automatic"}, "refund",
         [*PAID, "refund.created", "charge.refunded", "refund.failed", "refund.updated",
          "charge.refund.updated"]),
    ],
)  # fmt: skip
async def test_a_transition_tells_its_events_in_order(stripe_client, http, card, params, then, events):
    intents = stripe_client.v1.payment_intents
    with contextlib.suppress(stripe.CardError):
        await intents.create_async({**BOOK, **params, "confirm": True, "payment_method": card})
    [intent] = (await intents.list_async()).data
    if then in ("capture", "cancel"):
        await http.post(f"/v1/payment_intents/{intent.id}/{then}")
    if then == "refund":
        await stripe_client.v1.refunds.create_async({"payment_intent": intent.id})
    if then in ("settle", "refund"):
        await http.post("/_sandbox/settle")
    told = (await stripe_client.v1.events.list_async({"limit": 20})).data
    assert [event.type for event in reversed(told)][: len(events)] == events


async def test_an_event_names_the_request_that_caused_it(http, stripe_client):
    answer = await http.post(
        "/v1/payment_intents", data={"amount": "500", "currency": "usd"}, headers={"Idempotency-Key": "k"}
    )
    [event] = (await stripe_client.v1.events.list_async()).data
    assert (event.request.id, event.request.idempotency_key) == (answer.headers["Request-Id"], "k")
    assert event.id.startswith("evt_3")


async def test_a_star_asks_for_a_group_of_events(stripe_client):
    params = {**BOOK, "confirm": True, "payment_method": "pm_card_visa"}
    await stripe_client.v1.payment_intents.create_async(params)
    found = await stripe_client.v1.events.list_async({"type": "payment_intent.*"})
    assert [event.type for event in found.data] == PAID[::-2]
    assert (await stripe_client.v1.events.list_async({"type": "levy.*"})).data == []


async def test_an_update_tells_what_was_there_before(stripe_client):
    params = {**BOOK, "confirm": True, "payment_method": "pm_card_visa", "capture_method": "automatic"}
    intent = await stripe_client.v1.payment_intents.create_async(params)
    await stripe_client.v1.charges.update_async(intent.latest_charge, {"description": "Two books"})
    [event] = (await stripe_client.v1.events.list_async({"type": "charge.updated"})).data
    assert event.data.previous_attributes.to_dict() == {"description": None}
