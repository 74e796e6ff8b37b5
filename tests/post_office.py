"""A mail server inside the test's own event loop."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest_asyncio
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from aiosmtpd.smtp import LoginPassword as Login

from shop.mail_server import MailServer
from tests.conftest import ShopUnderTest


class PostOffice:
    """Keeps every letter that it was given, whatever it answered."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.came = asyncio.Event()
        self.recipients: list[str] = []  # as the envelopes name them
        self.logins: list[Login] = []
        self.answer = "250 OK"
        self.refuses = ""  # an address
        self.open = asyncio.Event()  # until then, nothing that comes is answered
        self.open.set()
        self.options: dict[str, Any] = {"enable_SMTPUTF8": True}

    async def start(self, port: int = 0) -> MailServer:
        loop = asyncio.get_running_loop()
        self.server = await loop.create_server(lambda: SMTP(self, **self.options), "127.0.0.1", port)
        return MailServer("127.0.0.1", self.server.sockets[0].getsockname()[1])

    async def has_a_letter(self) -> None:
        await asyncio.wait_for(self.came.wait(), 8)

    async def handle_RCPT(  # noqa: N802 (its name in aiosmtpd)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address == self.refuses:
            return "550 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        letter = message_from_bytes(envelope.content or b"", policy=default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        self.recipients.extend(envelope.rcpt_tos)
        self.came.set()
        await self.open.wait()
        return self.answer

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, way: str, data: Any
    ) -> AuthResult:
        self.logins.append(data)
        return AuthResult(success=data.password == b"open sesame")


@pytest_asyncio.fixture
async def post() -> AsyncIterator[PostOffice]:
    office = PostOffice()
    yield office
    office.open.set()
    if hasattr(office, "server"):
        office.server.close()
        await office.server.wait_closed()


def by(server: MailServer, shop: ShopUnderTest) -> Any:
    """The shop's settings, with a mail server."""
    return dataclasses.replace(shop.settings, mail_server=server, url="https://shop.example")


def text_of(letter: EmailMessage, kind: str = "plain") -> str:
    body = letter.get_body((kind,))
    assert body
    return str(body.get_content())
