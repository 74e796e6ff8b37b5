"""Disputes: raised by the test cards, answered with evidence, won or lost."""

import pytest
import pytest_asyncio
import stripe

from .conftest import BOOK
from .test_clock import move

PAID = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]
TAKEN = [*PAID, "charge.dispute.created", "charge.dispute.funds_withdrawn"]


@pytest_asyncio.fixture
async def disputed(stripe_client):
    async def pay(card="pm_card_createDispute"):
        params = {**BOOK, "confirm": True, "payment_method": card}
        intent = await stripe_client.v1.payment_intents.create_async(params)
        return (await stripe_client.v1.disputes.list_async({"payment_intent": intent.id})).data

    return pay


async def told(stripe_client):
    """Without charge.updated, which comes in its own time."""
    types = [event.type for event in (await stripe_client.v1.events.list_async({"limit": 20})).data]
    return [type for type in types[::-1] if type != "charge.updated"]


@pytest.mark.parametrize(
    ("card", "reason", "status", "case", "amounts"),
    [
        ("pm_card_createDispute", "fraudulent", "needs_response", "chargeback", [1999]),
        (
            "pm_card_createDisputeProductNotReceived",
            "product_not_received",
            "needs_response",
            "chargeback",
            [1999],
        ),
        ("pm_card_createDisputeInquiry", "fraudulent", "warning_needs_response", "inquiry", [1999]),
        ("pm_card_createMultipleDisputes", "fraudulent", "needs_response", "chargeback", [999, 1000]),
        ("pm_card_createCe3EligibleDispute", "fraudulent", "needs_response", "chargeback", [1999]),
        ("pm_card_createComplianceDispute", "noncompliant", "needs_response", "compliance", [1999]),
        ("pm_card_visa", None, None, None, []),
    ],
)
async def test_each_card_is_disputed_in_its_way(disputed, card, reason, status, case, amounts):
    found = await disputed(card)
    assert [dispute.amount for dispute in found] == amounts
    for dispute in found:
        assert (dispute.reason, dispute.status) == (reason, status)
        assert dispute.payment_method_details.card.case_type == case


async def test_a_dispute_takes_the_money_and_a_fee(stripe_client, disputed):
    [dispute] = await disputed()
    [taken] = dispute.balance_transactions
    assert (taken.amount, taken.fee, taken.reporting_category) == (-1999, 1500, "dispute")
    charge = await stripe_client.v1.charges.retrieve_async(dispute.charge)
    assert (charge.disputed, await told(stripe_client)) == (True, TAKEN)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await stripe_client.v1.refunds.create_async({"charge": charge.id})
    assert refused.value.code == "charge_disputed"


@pytest.mark.parametrize(
    ("text", "status", "moves", "events"),
    [
        ("winning_evidence", "won", [-1999, 1999],
         ["charge.dispute.closed", "charge.dispute.funds_reinstated"]),
        ("losing_evidence", "lost", [-1999], ["charge.dispute.closed"]),
        ("a parcel number", "under_review", [-1999], []),
    ],
)  # fmt: skip
async def test_the_evidence_decides(stripe_client, http, disputed, text, status, moves, events):
    [dispute] = await disputed()
    answer = {"evidence": {"uncategorized_text": text}}
    sent = await stripe_client.v1.disputes.update_async(dispute.id, answer)
    assert (sent.status, sent.evidence_details.submission_count) == ("under_review", 1)
    await http.post("/_sandbox/settle")
    ended = await stripe_client.v1.disputes.retrieve_async(dispute.id)
    assert (ended.status, [move.amount for move in ended.balance_transactions]) == (status, moves)
    assert await told(stripe_client) == [*TAKEN, "charge.dispute.updated", *events]


async def test_evidence_can_be_prepared_and_is_sent_once(stripe_client, disputed):
    [dispute] = await disputed()
    api = stripe_client.v1.disputes
    draft = {"evidence": {"customer_name": "Ada"}, "submit": False}
    staged = await api.update_async(dispute.id, draft)
    assert (staged.status, staged.evidence_details.has_evidence) == ("needs_response", True)
    sent = await api.update_async(dispute.id, {"submit": True})
    assert (sent.status, sent.evidence.customer_name) == ("under_review", "Ada")
    with pytest.raises(stripe.InvalidRequestError, match="no more evidence"):
        await api.update_async(dispute.id, draft)


@pytest.mark.parametrize(
    ("card", "status"),
    [("pm_card_createDispute", "lost"), ("pm_card_createDisputeInquiry", "warning_closed")],
)
async def test_a_shop_that_gives_in_closes_the_dispute(stripe_client, disputed, card, status):
    [dispute] = await disputed(card)
    assert (await stripe_client.v1.disputes.close_async(dispute.id)).status == status
    with pytest.raises(stripe.InvalidRequestError, match="already closed"):
        await stripe_client.v1.disputes.close_async(dispute.id)


@pytest.mark.parametrize(
    ("card", "answer", "status"),
    [
        ("pm_card_createDispute", None, "lost"),
        ("pm_card_createDispute", {"evidence": {"customer_name": "Ada"}, "submit": False}, "lost"),
        ("pm_card_createDispute", {"evidence": {"customer_name": "Ada"}}, "under_review"),
        ("pm_card_createDisputeInquiry", None, "warning_needs_response"),
    ],
)
async def test_a_dispute_that_is_not_answered_in_time_is_lost(
    stripe_client, http, disputed, card, answer, status
):
    [dispute] = await disputed(card)
    if answer:
        await stripe_client.v1.disputes.update_async(dispute.id, answer)
    await move(http, set=dispute.evidence_details.due_by - 60)
    assert (await stripe_client.v1.disputes.retrieve_async(dispute.id)).status != "lost"
    await move(http, advance=120)
    assert (await stripe_client.v1.disputes.retrieve_async(dispute.id)).status == status
    assert ("charge.dispute.closed" in await told(stripe_client)) == (status == "lost")


async def test_an_inquiry_leaves_the_money_and_may_be_refunded(stripe_client, disputed):
    [inquiry] = await disputed("pm_card_createDisputeInquiry")
    assert (inquiry.balance_transactions, inquiry.is_charge_refundable) == ([], True)
    refund = await stripe_client.v1.refunds.create_async({"charge": inquiry.charge})
    assert refund.status == "succeeded"


async def test_an_inquiry_can_become_a_dispute(stripe_client, http, disputed):
    [inquiry] = await disputed("pm_card_createDisputeInquiry")
    answer = {"evidence": {"uncategorized_text": "escalate_inquiry_evidence"}}
    await stripe_client.v1.disputes.update_async(inquiry.id, answer)
    await http.post("/_sandbox/settle")
    dispute = await stripe_client.v1.disputes.retrieve_async(inquiry.id)
    assert (dispute.status, dispute.balance_transactions[0].amount) == ("needs_response", -1999)


async def test_a_captured_payment_is_disputed_when_it_is_captured(stripe_client):
    params = {**BOOK, "confirm": True, "payment_method": "pm_card_createDispute", "capture_method": "manual"}
    intent = await stripe_client.v1.payment_intents.create_async(params)
    assert (await stripe_client.v1.disputes.list_async()).data == []
    await stripe_client.v1.payment_intents.capture_async(intent.id, {"amount_to_capture": 1500})
    [dispute] = (await stripe_client.v1.disputes.list_async({"charge": intent.latest_charge})).data
    assert dispute.amount == 1500


async def test_a_bank_may_warn_of_fraud(stripe_client, disputed):
    assert await disputed("pm_card_createIssuerFraudRecord") == []
    [warning] = (await stripe_client.v1.radar.early_fraud_warnings.list_async()).data
    assert (await stripe_client.v1.radar.early_fraud_warnings.retrieve_async(warning.id)).actionable
    assert (await told(stripe_client))[-1] == "radar.early_fraud_warning.created"
