"""Signing in at the back office: tries are counted by address, and who is in is a row, so that signing out, twelve
hours or another password end it wherever the cookie is."""

import secrets
from datetime import timedelta

import structlog
from sqlalchemy import delete, select

from shop.db import Database, now, retried
from shop.errors import BadInput, ShopError
from shop.models import StaffAttempt, StaffSession
from shop.staff.password import fits
from shop.tokens import hidden
from shop.words import _, counted, gettext_noop

log = structlog.get_logger()
SESSION_LIFE = timedelta(hours=12)
TRIES = 10  # of one address
WINDOW = timedelta(minutes=15)


class WrongPassword(BadInput):
    field = "password"

    def __init__(self) -> None:
        super().__init__(_("This is not the password. Try again."))


class TooManyTries(ShopError):
    status = 429
    heading = gettext_noop("Please wait a little")
    field = "password"

    def __init__(self, seconds: int) -> None:
        minutes = -(-seconds // 60)
        super().__init__(
            counted(
                "Too many wrong passwords have come from your connection. Try again in %(num)s minute.",
                "Too many wrong passwords have come from your connection. Try again in %(num)s minutes.",
                minutes,
            )
        )
        self.retry_after = seconds


async def sign_in(
    db: Database, password_hash: str, password: str, visitor: str | None, before: str | None = None
) -> str:
    """A new token, for the browser alone; the one that it had before is worth nothing any more.

    Raises WrongPassword, TooManyTries."""
    attempt = await _begin(db, visitor or "unknown")
    if not await fits(password, password_hash):
        log.warning("staff.wrong_password", visitor=(visitor or "unknown")[:12])
        raise WrongPassword
    token = secrets.token_urlsafe(32)
    await _open(db, attempt, token, password_hash, before)
    log.info("staff.signed_in", visitor=(visitor or "unknown")[:12])
    return token


async def is_signed_in(db: Database, password_hash: str, token: str | None) -> bool:
    if not token:
        return False
    mine = (StaffSession.token_hash == hidden(token), StaffSession.password == hidden(password_hash))
    async with db.read() as session:
        query = select(StaffSession.token_hash).where(*mine, StaffSession.until > now())
        return await session.scalar(query) is not None


@retried
async def sign_out(db: Database, token: str | None) -> None:
    async with db.write() as session:
        await session.execute(delete(StaffSession).where(StaffSession.token_hash == hidden(token or "")))


async def _begin(db: Database, visitor: str) -> int:
    """Write the try down before it is made, and then look whether there were too many: of any number at the same time,
    in any number of processes, no more than TRIES find that there were not."""
    await _check(db, visitor, TRIES - 1)  # whoever has to wait anyway costs no write
    attempt = await _note(db, visitor)
    try:
        await _check(db, visitor, TRIES)
    except TooManyTries:
        await _forget(db, attempt)  # nothing was tried
        raise
    return attempt


async def _check(db: Database, visitor: str, most: int) -> None:
    query = select(StaffAttempt.at).where(StaffAttempt.visitor == visitor, StaffAttempt.at > now() - WINDOW)
    async with db.read() as session:
        times = (await session.scalars(query.order_by(StaffAttempt.at.desc()).limit(most + 1))).all()
    if len(times) > most:
        raise TooManyTries(max(1, round((times[TRIES - 1] + WINDOW - now()).total_seconds())))


@retried
async def _note(db: Database, visitor: str) -> int:
    async with db.write() as session:
        await session.execute(delete(StaffAttempt).where(StaffAttempt.at < now() - WINDOW))
        session.add(attempt := StaffAttempt(visitor=visitor))
        await session.flush()
        return attempt.id


@retried
async def _forget(db: Database, attempt: int) -> None:
    async with db.write() as session:
        await session.execute(delete(StaffAttempt).where(StaffAttempt.id == attempt))


@retried
async def _open(db: Database, attempt: int, token: str, password_hash: str, before: str | None) -> None:
    async with db.write() as session:
        await session.execute(delete(StaffAttempt).where(StaffAttempt.id == attempt))
        over = (StaffSession.until < now()) | (StaffSession.token_hash == hidden(before or ""))
        await session.execute(delete(StaffSession).where(over))
        made = StaffSession(token_hash=hidden(token), password=hidden(password_hash))
        made.until = now() + SESSION_LIFE
        session.add(made)
