"""The receipt, as a letter."""

from email.message import EmailMessage
from typing import Any

from shop.downloads import links
from shop.letters import letter, order_address
from shop.models import Mail, Order, Payment, Refund, RefundStatus
from shop.money import money
from shop.settings import Settings
from shop.words import _


def receipt(settings: Settings, mail: Mail, order: Order) -> EmailMessage:
    """Raises ValueError for what cannot stand in a header."""
    payment = next((p for p in reversed(order.payments) if p.amount_received), None)
    refunds = [refund for refund in order.refunds if refund.status is not RefundStatus.CANCELED]
    context = {
        "order": order,
        "revision": order.in_force,
        "payment": payment,
        "refunds": [_told(refund) for refund in refunds],
        "sold": payment is None or _returned(payment, refunds) < payment.amount_received,
        "url": order_address(settings, order.public_id),
        "address": settings.address,
        "downloads": [link for link in links(settings, order) if not link.stopped and link.left],
    }
    return letter(settings, mail, _subject(context), "receipt", **context)


def _returned(payment: Payment, refunds: list[Refund]) -> int:
    """What goes back, or should: a refund that failed sells no book. Stripe may know of more than our own rows."""
    return max(payment.amount_refunded, sum(refund.amount for refund in refunds))


def _told(refund: Refund) -> str:
    amount = money(refund.amount, refund.currency)
    said = _("%(amount)s goes back the way you paid. Banks may take ten days to show it.", amount=amount)
    if refund.status is RefundStatus.FAILED:
        said = _("%(amount)s could not be given back yet. We will write to you.", amount=amount)
    return f"{refund.reason}: {said}" if refund.reason else said


def _subject(context: dict[str, Any]) -> str:
    revision = context["revision"]
    total = money(revision.total, revision.currency)
    if context["sold"]:
        return _("Your receipt from Colophon: %(total)s", total=total)
    return _("Your order from Colophon: %(total)s goes back to you", total=total)
