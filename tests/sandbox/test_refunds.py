"""Refunds, and what becomes of them."""

import asyncio

import pytest
import pytest_asyncio
import stripe

from .conftest import BOOK, until


@pytest_asyncio.fixture
async def paid(stripe_client):
    async def pay(card="pm_card_visa"):
        params = {**BOOK, "confirm": True, "payment_method": card}
        return await stripe_client.v1.payment_intents.create_async(params)

    return pay


async def test_parts_add_up_to_the_whole_and_then_there_is_nothing_left(stripe_client, paid):
    intent, refunds = await paid(), stripe_client.v1.refunds
    await refunds.create_async({"payment_intent": intent.id, "amount": 999})
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount"):
        await refunds.create_async({"payment_intent": intent.id, "amount": 1001})
    rest = await refunds.create_async({"charge": intent.latest_charge, "reason": "requested_by_customer"})
    assert (rest.amount, rest.status, rest.reason) == (1000, "succeeded", "requested_by_customer")
    charge = await stripe_client.v1.charges.retrieve_async(intent.latest_charge)
    assert (charge.amount_refunded, charge.refunded) == (1999, True)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await refunds.create_async({"payment_intent": intent.id})
    assert refused.value.code == "charge_already_refunded"


async def test_the_refunds_of_a_charge_are_a_list_of_their_own(stripe_client, paid, http):
    intent, other = await paid(), await paid()
    made = [
        await stripe_client.v1.refunds.create_async({"payment_intent": intent.id, "amount": amount})
        for amount in (100, 200, 300)
    ]
    await stripe_client.v1.refunds.create_async({"payment_intent": other.id})
    url = f"/v1/charges/{intent.latest_charge}/refunds"
    found = (await http.get(url, params={"limit": 2})).json()
    assert ([each["amount"] for each in found["data"]], found["has_more"]) == ([300, 200], True)
    rest = (await http.get(url, params={"starting_after": made[1].id})).json()
    assert [each["amount"] for each in rest["data"]] == [100]


async def test_two_refunds_at_once_never_exceed_the_charge(stripe_client, paid):
    intent = await paid()
    ask = {"payment_intent": intent.id, "amount": 1500}
    create = stripe_client.v1.refunds.create_async
    results = await asyncio.gather(*(create(ask) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(result, stripe.Refund) for result in results) == 1


@pytest.mark.parametrize(
    ("card", "first", "last", "refunded"),
    [
        ("pm_card_pendingRefund", "pending", "succeeded", 1999),
        ("pm_card_refundFail", "succeeded", "failed", 0),
    ],
)
async def test_some_refunds_end_later(stripe_client, paid, card, first, last, refunded):
    intent = await paid(card)
    refund = await stripe_client.v1.refunds.create_async({"payment_intent": intent.id})
    assert refund.status == first

    async def ended():
        return (await stripe_client.v1.refunds.retrieve_async(refund.id)).status == last

    await until(ended)
    charge = await stripe_client.v1.charges.retrieve_async(intent.latest_charge)
    assert charge.amount_refunded == refunded


async def test_an_unpaid_intent_has_nothing_to_refund(stripe_client):
    intent = await stripe_client.v1.payment_intents.create_async(BOOK)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await stripe_client.v1.refunds.create_async({"payment_intent": intent.id})
    assert refused.value.param == "payment_intent"


async def test_a_refund_of_a_card_cannot_be_canceled(stripe_client, paid):
    refund = await stripe_client.v1.refunds.create_async({"payment_intent": (await paid()).id})
    with pytest.raises(stripe.InvalidRequestError, match="cannot cancel this refund"):
        await stripe_client.v1.refunds.cancel_async(refund.id)
    with pytest.raises(stripe.InvalidRequestError, match="cannot expire this refund"):
        await stripe_client.v1.test_helpers.refunds.expire_async(refund.id)


async def test_each_part_that_is_refunded_is_told_in_order(stripe_client, http, paid):
    intent = await paid()
    await http.post("/_sandbox/settle")
    for amount in (999, 1000):
        await stripe_client.v1.refunds.create_async({"payment_intent": intent.id, "amount": amount})
        await http.post("/_sandbox/settle")
    told = (await stripe_client.v1.events.list_async({"limit": 8})).data[::-1]
    part = ["refund.created", "charge.refunded", "refund.updated", "charge.refund.updated"]
    assert [event.type for event in told] == part * 2
    charges = [event.data.object for event in told if event.type == "charge.refunded"]
    assert [(charge.amount_refunded, charge.refunded) for charge in charges] == [(999, False), (1999, True)]
