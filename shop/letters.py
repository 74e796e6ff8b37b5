"""What every letter has in common: its headers, and a body in plain text and in HTML."""

from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from typing import Any

import jinja2

from shop.addresses import header_address
from shop.models import Mail
from shop.moments import moment
from shop.money import money
from shop.settings import ROOT, Settings
from shop.templating import lend_words

TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(ROOT / "templates/mail"),
    autoescape=jinja2.select_autoescape(),
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
lend_words(TEMPLATES)
TEMPLATES.globals.update(money=money, moment=moment)


def letter(settings: Settings, mail: Mail, subject: str, template: str, **context: Any) -> EmailMessage:
    """`template`: its name in templates/mail, with .txt and .html. Raises ValueError for what cannot stand in a
    header."""
    recipient = header_address(mail.recipient)
    made = EmailMessage(policy=SMTP if str(recipient).isascii() else SMTPUTF8)
    made["From"], made["To"], made["Subject"] = settings.mail_from, recipient, subject
    made["Date"], made["Message-ID"] = format_datetime(mail.created_at), mail.message_id
    made["Auto-Submitted"] = "auto-generated"  # so that nobody's holiday reply comes back
    made.set_content(TEMPLATES.get_template(f"{template}.txt").render(context), cte="quoted-printable")
    html = TEMPLATES.get_template(f"{template}.html").render(context)
    made.add_alternative(html, subtype="html", cte="quoted-printable")
    return made


def order_address(settings: Settings, order_id: str) -> str:
    """By the address that the shop is set up with, never by that of a request: that is whatever Host somebody sends."""
    return f"{settings.address}/orders/{order_id}"
