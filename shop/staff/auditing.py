"""The audit as a page shows it: bounded in time, and each disagreement with what it is about."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select

from shop.audit import audit
from shop.db import Database, now
from shop.disagreement import Disagreement
from shop.errors import Conflict, ShopError
from shop.gateway import Gateway
from shop.models import Book, Order
from shop.settings import Settings
from shop.staff.apart import apart
from shop.words import _, gettext_noop

PATIENCE = timedelta(seconds=25)
_one_at_a_time = asyncio.Lock()


class About(StrEnum):
    ORDER = "order"
    BOOK = "book"
    STRIPE = "stripe"


class TookTooLong(ShopError):
    status = 503
    heading = gettext_noop("The audit takes too long for a page")

    def __init__(self) -> None:
        super().__init__(
            _(
                "It has not ended after %(seconds)s seconds. Nothing was changed. Run `shop audit` beside the shop.",
                seconds=PATIENCE.seconds,
            )
        )


@dataclass(frozen=True)
class Result:
    at: datetime
    found: Sequence[tuple[Disagreement, About]]


async def look(settings: Settings) -> Result:
    """Raises TookTooLong, Conflict where another is under way, PaymentUnavailable, DatabaseUnavailable."""
    if _one_at_a_time.locked():
        raise Conflict(_("An audit is under way already. Try again in a moment."))
    looking = asyncio.create_task(_one(settings))
    looking.add_done_callback(
        lambda task: task.cancelled() or task.exception()
    )  # though nobody waits any more
    ended, _still = await asyncio.wait({looking}, timeout=PATIENCE.total_seconds())
    if not ended:
        raise TookTooLong
    return looking.result()


async def _one(settings: Settings) -> Result:
    async with _one_at_a_time:
        return await apart(settings, lambda db: _look(db, settings))


async def _look(db: Database, settings: Settings) -> Result:
    gateway, at = Gateway.from_settings(settings), now()
    try:
        found = await audit(db, gateway)
        kinds = await _kinds(db, {disagreement.about for disagreement in found})
    finally:
        await gateway.close()
    return Result(at, [(each, kinds.get(each.about, About.STRIPE)) for each in found])


async def _kinds(db: Database, names: set[str]) -> dict[str, About]:
    async with db.read() as session:
        orders = await session.scalars(select(Order.public_id).where(Order.public_id.in_(names)))
        books = await session.scalars(select(Book.slug).where(Book.slug.in_(names)))
        return dict.fromkeys(books, About.BOOK) | dict.fromkeys(orders, About.ORDER)
