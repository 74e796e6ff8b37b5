"""Authorised first and captured later, in part, never, or too late."""

import pytest
import pytest_asyncio
import stripe

from .conftest import BOOK
from .test_clock import DAY, move

ACACIA, BASIL = "2025-02-24.acacia", "2025-03-31.basil"


@pytest_asyncio.fixture
async def held(stripe_client):
    params = {**BOOK, "confirm": True, "payment_method": "pm_card_visa", "capture_method": "manual"}
    return await stripe_client.v1.payment_intents.create_async(params)


@pytest.fixture
def api(sandbox, client_for):
    """A client of an API version."""
    return lambda version: client_for(sandbox.url, stripe_version=version).v1


async def told_since_held(stripe_client):
    events = (await stripe_client.v1.events.list_async({"limit": 20})).data
    return [event.type for event in events[-4::-1]]


async def test_a_partial_capture_leaves_only_the_captured_to_refund(stripe_client, held):
    await stripe_client.v1.payment_intents.capture_async(held.id, {"amount_to_capture": 1500})
    charge = await stripe_client.v1.charges.retrieve_async(held.latest_charge)
    assert (charge.amount_captured, charge.amount_refunded, charge.refunded) == (1500, 0, False)
    assert (await stripe_client.v1.refunds.list_async()).data == []
    refund = await stripe_client.v1.refunds.create_async({"payment_intent": held.id})
    charge = await stripe_client.v1.charges.retrieve_async(held.latest_charge)
    assert (refund.amount, charge.amount_refunded, charge.refunded) == (1500, 1500, True)


async def test_a_charge_is_captured_once(stripe_client, held):
    charges = stripe_client.v1.charges
    charge = await charges.capture_async(held.latest_charge, {"amount": 1500})
    assert (charge.captured, charge.amount_captured) == (True, 1500)
    assert (await stripe_client.v1.payment_intents.retrieve_async(held.id)).status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await charges.capture_async(held.latest_charge)
    assert refused.value.code == "charge_already_captured"


@pytest.mark.parametrize(("version", "refunded"), [(ACACIA, 499), (BASIL, 0)])
async def test_until_basil_a_partial_capture_refunded_the_rest(api, held, version, refunded):
    await api(version).payment_intents.capture_async(held.id, {"amount_to_capture": 1500})
    charge = await api(version).charges.retrieve_async(held.latest_charge)
    assert charge.amount_refunded == refunded
    rest = await api(version).refunds.create_async({"payment_intent": held.id})
    charge = await api(version).charges.retrieve_async(held.latest_charge)
    assert (rest.amount, charge.amount_refunded, charge.refunded) == (1500, 1500 + refunded, True)


@pytest.mark.parametrize(
    ("version", "events"),
    [(ACACIA, ["payment_intent.canceled", "charge.refunded"]), (BASIL, ["payment_intent.canceled"])],
)
async def test_until_basil_canceling_refunded_what_was_held(api, stripe_client, held, version, events):
    await api(version).payment_intents.cancel_async(held.id)
    charge = await stripe_client.v1.charges.retrieve_async(held.latest_charge)
    assert charge.refunded == ("charge.refunded" in events)
    assert await told_since_held(stripe_client) == events


async def test_an_authorisation_lapses_after_seven_days(api, stripe_client, http, held):
    charge = await stripe_client.v1.charges.retrieve_async(held.latest_charge)
    assert charge.payment_method_details.card.capture_before == charge.created + 7 * DAY
    await http.post("/_sandbox/settle")
    await move(http, advance=7 * DAY - 60)
    assert (await stripe_client.v1.payment_intents.retrieve_async(held.id)).status == "requires_capture"
    await move(http, advance=120)
    ended = await stripe_client.v1.payment_intents.retrieve_async(held.id)
    assert (ended.status, ended.cancellation_reason, ended.amount_capturable) == ("canceled", "expired", 0)
    assert await told_since_held(stripe_client) == ["charge.expired", "payment_intent.canceled"]
    assert (await api(ACACIA).payment_intents.retrieve_async(held.id)).cancellation_reason == "automatic"


async def test_what_was_captured_in_time_does_not_lapse(stripe_client, http, held):
    await stripe_client.v1.payment_intents.capture_async(held.id)
    await move(http, advance=8 * DAY)
    assert (await stripe_client.v1.payment_intents.retrieve_async(held.id)).status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError):
        await stripe_client.v1.payment_intents.cancel_async(held.id)
