"""Sending the letters that are owed, each once.

A letter is claimed, sent and noted, in three steps and with no transaction open while the mail server takes its time.
Of several processes one has the claim. What breaks off between sending and noting is sent again after the pause, with
the same Message-ID, by which mail programs know the two as one."""

import asyncio
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import parseaddr

import structlog

from shop.db import Database
from shop.looking_up import LINK, answer_questions, order_link
from shop.mailbox import put
from shop.models import Mail, Order
from shop.orders import find_order
from shop.outbox import RECEIPT, claim, due, note
from shop.receipts import receipt
from shop.settings import Settings
from shop.signing_in import sign_in_link
from shop.smtp import PostClosed, hand_over

log = structlog.get_logger()


async def send_due(db: Database, settings: Settings, stopped: asyncio.Event | None = None) -> int:
    """Send every letter that is due, until all are sent or it is stopped; how many were. Safe in several places at
    once. Where the post is closed the rest waits for the next call. Raises DatabaseUnavailable."""
    if not settings.sends_letters:
        return 0  # they stay owed until there is a mail server
    await answer_questions(db)
    sent = 0
    for mail_id, order_id in await due(db):
        if stopped and stopped.is_set():
            break
        try:
            sent += await _send(db, settings, mail_id, order_id)
        except PostClosed:
            break
    return sent


async def _send(db: Database, settings: Settings, mail_id: int, order_id: str | None) -> bool:
    mail = await claim(db, mail_id, parseaddr(settings.mail_from)[1].rpartition("@")[2])
    if mail is None:
        return False
    try:
        await _deliver(settings, await _compose(db, settings, mail, order_id))
    except Exception as error:  # one letter must not hold up the others
        # What servers say often names the address: it is for the table, not for the log.
        reason = type(error).__name__
        log.warning("mail.not_sent", order=order_id, kind=mail.kind, attempt=mail.attempts, reason=reason)
        await note(db, mail.id, str(error) or reason)
        if isinstance(error, PostClosed):
            raise
        return False
    await note(db, mail.id)
    return True


async def _compose(db: Database, settings: Settings, mail: Mail, order_id: str | None) -> EmailMessage:
    """Raises ValueError for what cannot stand in a header."""
    if order_id is None:
        return await sign_in_link(db, settings, mail)
    kind = mail.kind.rstrip(" 0123456789")  # each kind is owed once, but may be numbered
    return LETTERS[kind](settings, mail, await find_order(db, order_id))


# Letters about an order, by the kind under which they are owed.
LETTERS: dict[str, Callable[[Settings, Mail, Order], EmailMessage]] = {RECEIPT: receipt, LINK: order_link}


async def _deliver(settings: Settings, letter: EmailMessage) -> None:
    if settings.mail_server is not None:
        await hand_over(settings.mail_server, letter)
    elif settings.mailbox is not None:
        try:
            await asyncio.to_thread(put, settings.mailbox, letter)
        except OSError as error:
            raise PostClosed(str(error)) from error
