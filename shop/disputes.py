"""Payments that the customer's bank wants back. Stripe's word is copied down; files wait until it is settled."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from shop.models import Order, Payment
from shop.settling import record

if TYPE_CHECKING:
    import stripe

# Stripe's words, the worst for us first. Warnings are questions of the bank: the money is still ours.
WORDS = {
    "lost": "dispute lost",
    "needs_response": "disputed",
    "under_review": "disputed",
    "warning_needs_response": "the bank has a question",
    "warning_under_review": "the bank has a question",
    "won": "dispute won",
    "warning_closed": "the bank’s question is answered",
}


def copy_dispute(
    session: AsyncSession, order: Order, payment: Payment, found: Sequence["stripe.Dispute"]
) -> None:
    """Of several disputes the worst counts. The order is locked."""
    ranks = list(WORDS)
    known = sorted((dispute.status for dispute in found if dispute.status in WORDS), key=ranks.index)
    before, payment.dispute = payment.dispute, known[0] if known else payment.dispute
    if WORDS.get(before or "") != (said := WORDS.get(payment.dispute or "")):
        record(session, order, said or "")
