"""Which state of the catalogue is in force: what was made from it may be shown as long as its revision stands."""

import asyncio
import time
from collections.abc import Hashable
from typing import Any, TypeVar

from sqlalchemy import func, select

from shop.db import Database
from shop.errors import DatabaseUnavailable
from shop.models import CatalogueChange

LOOKED_AGAIN = 0.5  # seconds; what another process changes is seen that much later
MOST_FACTS = 1000
Revision = tuple[int, int]
T = TypeVar("T")


class Catalogue:
    """Knows the revision without asking the database each time: it asks again when this process has changed books, and
    else twice a second."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self._asking = asyncio.Lock()
        self._known: Revision = (0, 0)
        self._looked_at = float("-inf")
        self._changes = -1
        self._failure, self._failed_at = DatabaseUnavailable(), float("-inf")
        self._facts: dict[Hashable, Any] = {}  # of the revision that is known

    async def revision(self) -> Revision:
        """Never older than what this process has committed, and at most half a second behind the others.
        Raises DatabaseUnavailable."""
        if self._is_old():
            came_at = time.monotonic()
            async with self._asking:
                if self._is_old():
                    await self._ask_unless_failed(came_at)
        return self._known

    def known(self, fact: Hashable) -> Any:
        """What `remember` was told of this revision; None if nothing was."""
        return self._facts.get(fact)

    def remember(self, fact: Hashable, value: T, made_at: Revision) -> T:
        """Keep what takes long to find out until the catalogue changes. `made_at`: the revision before it was found
        out."""
        has_room = fact in self._facts or len(self._facts) < MOST_FACTS
        if made_at == self._known and has_room:
            self._facts[fact] = value
        return value

    def _is_old(self) -> bool:
        return self._changes != Database.changes_of_books or time.monotonic() - self._looked_at > LOOKED_AGAIN

    async def _ask_unless_failed(self, came_at: float) -> None:
        """Whoever came while somebody asked in vain does not ask again: of many, the last would wait for all."""
        if self._failed_at >= came_at:
            raise DatabaseUnavailable(passing=self._failure.worth_repeating)
        try:
            await self._ask()
        except DatabaseUnavailable as failure:
            self._failure, self._failed_at = failure, time.monotonic()
            raise

    async def _ask(self) -> None:
        changes, moment = (
            Database.changes_of_books,
            time.monotonic(),
        )  # of before: what comes meanwhile is asked for again
        query = select(func.count(), func.coalesce(func.max(CatalogueChange.id), 0))
        async with self.db.glance() as session:
            count, newest = (await session.execute(query.select_from(CatalogueChange))).one()
        if (count, newest) != self._known:
            self._known, self._facts = (count, newest), {}
        self._changes, self._looked_at = changes, moment
