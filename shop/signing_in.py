"""Signing in without a password: by a link that is mailed, good once and for half an hour.

A link goes to whatever address is typed, so the page tells nobody whether we know it. It goes to the address as we
write it, and to no other spelling: who reads that mailbox is whose account it is. To open the link signs nobody in
(mail programs look at links before people do); the button on its page does."""

import secrets
from contextlib import suppress
from datetime import timedelta
from email.message import EmailMessage

from itsdangerous import BadData
from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from shop.db import Database, now, retried
from shop.errors import NotFound, ShopError
from shop.letters import letter
from shop.models import AccountSession, Customer, Mail, SignIn, random_id
from shop.settings import Settings
from shop.signed_links import signer
from shop.tokens import hidden
from shop.words import _, gettext_noop

LINK_LIFE = timedelta(minutes=30)
SESSION_LIFE = timedelta(days=14)
QUESTIONS = 20  # an hour, from one address of the network
LETTERS = 5  # an hour, to one mailbox
SALT = "sign in"


class TooManySignIns(ShopError):
    status = 429
    heading = gettext_noop("Please wait a little")
    retry_after = 3600

    def __init__(self) -> None:
        super().__init__(
            _(
                "Many links have been asked for from your connection. Try again in an hour; you can pay without "
                "signing in."
            )
        )


class LinkIsSpent(ShopError):
    status = 410
    heading = gettext_noop("This link is not good any more")

    def __init__(self) -> None:
        super().__init__(
            _("It is good once, and for %(minutes)s minutes.", minutes=LINK_LIFE.seconds // 60)
            + " "
            + _("Go to “Saved cards” below to ask for another.")
        )


def account_email(email: str) -> str:
    """The spelling that names the account, of an address as `read_email` gives it."""
    return email.lower()


@retried
async def ask_for_link(db: Database, email: str, visitor: str | None) -> None:
    """Owe the letter, unless that mailbox has got enough of them. Raises TooManySignIns."""
    email, since = account_email(email), now() - timedelta(hours=1)
    async with db.write() as session:
        if visitor and await _count(session, SignIn.visitor == visitor, SignIn.at > since) >= QUESTIONS:
            raise TooManySignIns
        enough = await _count(session, SignIn.email == email, SignIn.at > since) >= LETTERS
        asked = SignIn(email=email, visitor=visitor, until=now() + LINK_LIFE)
        session.add(asked)
        await session.flush()
        if not enough:
            session.add(
                Mail(sign_in_id=asked.id, kind="sign in", recipient=email, message_id=f"<{random_id()}>")
            )


async def sign_in_link(db: Database, settings: Settings, mail: Mail) -> EmailMessage:
    """The letter. Raises ValueError for what cannot stand in a header."""
    async with db.read() as session:
        asked = await session.get_one(SignIn, mail.sign_in_id)
    url = f"{settings.address}/sign-in/{signer(settings, SALT).dumps(asked.public_id)}"
    minutes = LINK_LIFE.seconds // 60
    return letter(settings, mail, _("Sign in to Colophon"), "sign_in", url=url, minutes=minutes)


async def find_link(db: Database, settings: Settings, token: str) -> str:
    """The address that the link was mailed to. Raises NotFound for what we have not signed, LinkIsSpent."""
    async with db.read() as session:
        return (await _find(session, settings, token)).email


@retried
async def sign_in(db: Database, settings: Settings, token: str, before: str | None) -> str:
    """Use the link up. A new token, for the browser alone; the one that it had before is worth nothing any more.

    Raises as `find_link`."""
    made = secrets.token_urlsafe(32)
    async with db.write() as session:
        link = await _find(session, settings, token, lock=True)
        link.used_at = now()
        customer_id = await _customer_id(session, link.email)
        await session.execute(delete(AccountSession).where(AccountSession.token_hash == hidden(before or "")))
        opened = AccountSession(token_hash=hidden(made), customer_id=customer_id)
        opened.until = now() + SESSION_LIFE
        session.add(opened)
    return made


async def who_is(db: Database, token: str | None) -> Customer | None:
    """Whose browser has this token."""
    if not token:
        return None
    mine = (AccountSession.token_hash == hidden(token), AccountSession.until > now())
    async with db.read() as session:
        found = await session.scalars(select(Customer).join(AccountSession).where(*mine))
        return found.one_or_none()


@retried
async def sign_out(db: Database, token: str | None) -> None:
    """Wherever the token has been copied to."""
    async with db.write() as session:
        await session.execute(delete(AccountSession).where(AccountSession.token_hash == hidden(token or "")))


async def forget_links(session: AsyncSession) -> None:
    """And sessions that are over. What counts against the limits is kept for a day."""
    await session.execute(delete(SignIn).where(SignIn.at < now() - timedelta(days=1)))
    await session.execute(delete(AccountSession).where(AccountSession.until < now()))


async def _find(session: AsyncSession, settings: Settings, token: str, *, lock: bool = False) -> SignIn:
    try:
        public_id = signer(settings, SALT).loads(token)
    except BadData as error:
        raise _unknown() from error
    query = select(SignIn).where(SignIn.public_id == public_id)
    link = await session.scalar(query.with_for_update() if lock else query)
    if link is None or link.used_at or link.until <= now():
        raise LinkIsSpent
    return link


async def _customer_id(session: AsyncSession, email: str) -> int:
    """Of the one with this address, new or not."""
    known = select(Customer.id).where(Customer.email == email)
    if (found := await session.scalar(known)) is not None:
        return found
    with suppress(IntegrityError):  # another link of the same address is opened at the same moment
        async with session.begin_nested():
            customer = Customer(email=email, public_id=random_id())
            customer.params = {"email": email, "metadata": {"customer": customer.public_id}}
            session.add(customer)
    return (await session.scalars(known)).one()


async def _count(session: AsyncSession, *which: ColumnElement[bool]) -> int:
    return await session.scalar(select(func.count(SignIn.id)).where(*which)) or 0


def _unknown() -> NotFound:
    return NotFound(_("We do not know this link. Check it: it is long, and every letter counts."))
