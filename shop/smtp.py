"""Handing a letter to a mail server. The only file that imports aiosmtplib."""

import asyncio
from contextlib import suppress
from email.message import EmailMessage

import aiosmtplib

from shop.db import transaction_is_open
from shop.mail_server import MailServer

PATIENCE = 45  # seconds for a whole letter: some servers read it to its end before they take it


class LetterRefused(Exception):
    """The mail server does not take this letter; another it may take."""


class PostClosed(Exception):
    """No letter can be handed over at the moment."""


async def hand_over(server: MailServer, letter: EmailMessage) -> None:
    """Returns once the server has taken the letter. Raises LetterRefused and PostClosed."""
    assert not transaction_is_open(), "a mail server may take its time"
    client = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        username=server.user,
        password=server.password,
        use_tls=server.tls,
        start_tls=server.starttls,
        local_hostname=letter["From"].addresses[0].domain,
        timeout=PATIENCE,
    )
    try:
        async with asyncio.timeout(PATIENCE):
            await client.connect()
            await client.send_message(letter)
        with suppress(aiosmtplib.SMTPException, OSError):
            await client.quit(timeout=2)  # the letter is theirs, whatever they say now
    except REFUSALS as error:
        raise LetterRefused(str(error)) from error
    except (aiosmtplib.SMTPException, OSError) as error:  # of these, time-outs
        raise PostClosed(f"{type(error).__name__}: {error}") from error
    finally:
        client.close()


REFUSALS = (
    aiosmtplib.SMTPSenderRefused,
    aiosmtplib.SMTPRecipientsRefused,
    aiosmtplib.SMTPDataError,
    aiosmtplib.SMTPNotSupported,  # an address that is not ASCII
)
