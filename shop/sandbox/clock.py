"""The sandbox's own time, which can be moved: idempotency keys, sessions, retries and timers go by it. Signatures of
webhooks do not: whoever checks them has a clock of their own."""

import sqlite3
import time as real
from contextvars import ContextVar

from quart import Quart


class Clock:
    """Kept in the database, so that a restart does not turn it back."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        row = db.execute("SELECT ahead, stopped FROM clock").fetchone()
        self.ahead: float = row["ahead"] if row else 0
        """Seconds before the real time."""
        self.stopped: float | None = row["stopped"] if row else None
        """The Unix time at which it stands, if it does."""

    def time(self) -> float:
        return real.time() + self.ahead if self.stopped is None else self.stopped

    def set(self, moment: float) -> None:
        """Go on, or stand still, from this Unix time."""
        if self.stopped is None:
            self._keep(moment - real.time(), None)
        else:
            self._keep(self.ahead, moment)

    def freeze(self) -> None:
        self._keep(self.ahead, self.time())

    def run(self) -> None:
        """Go on from where it stands."""
        self._keep(self.time() - real.time(), None)

    def reset(self) -> None:
        """Back to the real time."""
        self._keep(0, None)

    def _keep(self, ahead: float, stopped: float | None) -> None:
        self.ahead, self.stopped = ahead, stopped
        self.db.execute("DELETE FROM clock")
        self.db.execute("INSERT INTO clock (ahead, stopped) VALUES (?, ?)", (ahead, stopped))


_current: ContextVar[Clock | None] = ContextVar("clock", default=None)


def time() -> float:
    """Now, in Unix time, by the clock of the sandbox whose request or worker asks."""
    clock = _current.get()
    return clock.time() if clock else real.time()


def attach(app: Quart) -> None:
    """Let all that the app does go by its clock."""
    clock = app.extensions["clock"] = Clock(app.extensions["store"].db)

    @app.before_request
    async def use() -> None:
        _current.set(clock)

    app.before_serving(use)
