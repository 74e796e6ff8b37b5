"""The receipt, as a letter in plain text and HTML."""

from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from typing import Any

import jinja2

from shop.addresses import header_address
from shop.models import Mail, Order, Payment, Refund, RefundStatus
from shop.moments import moment
from shop.money import money
from shop.settings import ROOT, Settings

LETTERS = jinja2.Environment(
    loader=jinja2.FileSystemLoader(ROOT / "templates/mail"),
    autoescape=jinja2.select_autoescape(),
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
LETTERS.globals.update(money=money, moment=moment)


def receipt(settings: Settings, mail: Mail, order: Order) -> EmailMessage:
    """Its link leads to the address that the shop is set up with, never to the one of a request: that is whatever
    Host somebody sends. Raises ValueError for what cannot stand in a header."""
    payment = next((p for p in reversed(order.payments) if p.amount_received), None)
    refunds = [refund for refund in order.refunds if refund.status is not RefundStatus.CANCELED]
    context = {
        "order": order,
        "revision": order.in_force,
        "payment": payment,
        "refunds": [_told(refund) for refund in refunds],
        "sold": payment is None or _returned(payment, refunds) < payment.amount_received,
        "url": f"{settings.address}/orders/{order.public_id}",
    }
    recipient = header_address(mail.recipient)
    letter = EmailMessage(policy=SMTP if str(recipient).isascii() else SMTPUTF8)
    letter["From"], letter["To"] = settings.mail_from, recipient
    letter["Subject"] = _subject(context)
    letter["Date"], letter["Message-ID"] = format_datetime(mail.created_at), mail.message_id
    letter["Auto-Submitted"] = "auto-generated"  # so that nobody's holiday reply comes back
    letter.set_content(LETTERS.get_template("receipt.txt").render(context), cte="quoted-printable")
    html = LETTERS.get_template("receipt.html").render(context)
    letter.add_alternative(html, subtype="html", cte="quoted-printable")
    return letter


def _returned(payment: Payment, refunds: list[Refund]) -> int:
    """What goes back, or should: a refund that failed sells no book. Stripe may know of more than our own rows."""
    return max(payment.amount_refunded, sum(refund.amount for refund in refunds))


def _told(refund: Refund) -> str:
    amount = money(refund.amount, refund.currency)
    outcome = "goes back the way you paid. Banks may take ten days to show it."
    if refund.status is RefundStatus.FAILED:
        outcome = "could not be given back yet. We will write to you."
    return f"{refund.reason}: {amount} {outcome}" if refund.reason else f"{amount} {outcome}"


def _subject(context: dict[str, Any]) -> str:
    revision = context["revision"]
    total = money(revision.total, revision.currency)
    if context["sold"]:
        return f"Your receipt from Colophon: {total}"
    return f"Your order from Colophon: {total} goes back to you"
