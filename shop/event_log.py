"""What became of Stripe's events, for whoever runs the shop to look at. An event that has had its effect is noted in
the commit of the effect: that is what keeps it from having it twice."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, exists, insert, select, tuple_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from shop.db import Database, changed, retried, table
from shop.models import EventOutcome, StripeEvent

if TYPE_CHECKING:
    import stripe

PAGE_SIZE = 50
EVENTS = table(StripeEvent)
THIS_EVENT = EVENTS.c.id == bindparam("event")
# For whoever asks for something else beside.
OUTCOME = select(EVENTS.c.outcome).where(THIS_EVENT).scalar_subquery()
TOLD = ("id", "type", "outcome", "about", "error")
INSERTING = insert(EVENTS).from_select(
    TOLD,
    select(*(bindparam(name, type_=EVENTS.c[name].type) for name in TOLD)).where(~exists().where(THIS_EVENT)),
)
CHANGING = update(EVENTS).where(THIS_EVENT, EVENTS.c.outcome != EventOutcome.HANDLED)


async def note_handled(session: AsyncSession, event: "stripe.Event", about: str | None) -> None:
    await _note(session, event, EventOutcome.HANDLED, about, None)


@retried
async def note(
    db: Database, event: "stripe.Event", outcome: EventOutcome, about: str | None, error: str | None = None
) -> None:
    """Of an event without an effect; one that has had it stays as it is."""
    with suppress(IntegrityError):  # it came twice at the same moment
        async with db.write() as session:
            await _note(session, event, outcome, about, error)


@dataclass(frozen=True)
class Page:
    events: Sequence[StripeEvent]
    older: str | None = None  # the event after which there are more


async def list_events(db: Database, outcome: str, before: str) -> Page:
    """The newest first."""
    moment = (StripeEvent.received_at, StripeEvent.id)
    query = select(StripeEvent).order_by(*(column.desc() for column in moment)).limit(PAGE_SIZE + 1)
    if outcome in list(EventOutcome):
        query = query.where(StripeEvent.outcome == EventOutcome(outcome))
    async with db.read() as session:
        if last := await session.get(StripeEvent, before):
            query = query.where(tuple_(*moment) < (last.received_at, last.id))
        found = (await session.scalars(query)).all()
    shown = found[:PAGE_SIZE]
    return Page(shown, shown[-1].id if len(found) > PAGE_SIZE else None)


async def _note(
    session: AsyncSession, event: "stripe.Event", outcome: EventOutcome, about: str | None, error: str | None
) -> None:
    said = {"event": event.id, "outcome": outcome, "about": about, "error": error}
    if not await changed(session, INSERTING, {"id": event.id, "type": event.type, **said}):
        await session.execute(CHANGING, said)
