"""Makes happen what is due: before every request, and in the background when nobody asks."""

from quart import Quart

from . import clock
from .api import balance_transactions, bank_debits, checkout_sessions, disputes, refunds, releases
from .call import Call
from .settings import SandboxSettings
from .store import Store
from .timers import Later

ACTIONS = {
    Later.BALANCE: balance_transactions.fill,
    Later.DEADLINE: disputes.miss,
    Later.DEBIT: bank_debits.settle,
    Later.DISPUTE: disputes.settle,
    Later.EXPIRY: checkout_sessions.expire,
    Later.LAPSE: releases.lapse,
    Later.REFUND: refunds.settle,
}
IN_THEIR_TIME = (Later.DEADLINE, Later.EXPIRY, Later.LAPSE)
"""Ends, not things to settle: they come in their own time only."""


def attach(app: Quart) -> None:
    """Requests see what is due by now as done, whether or not anything runs in the background."""

    @app.before_request
    async def catch_up() -> None:
        settle(app.extensions["store"], app.extensions["settings"])


def settle(store: Store, settings: SandboxSettings, everything: bool = False) -> int:
    """How many changes there were. `everything`: what is not due yet, too."""
    due = "SELECT * FROM timers WHERE due <= ? AND NOT (due > ? AND kind IN (?, ?, ?)) ORDER BY due, id"
    values = (
        float("inf") if everything else clock.time(),
        clock.time(),
        *(each.value for each in IN_THEIR_TIME),
    )
    if store.db.execute(f"{due} LIMIT 1", values).fetchone() is None:
        return 0
    with store.transaction():
        rows = store.db.execute(due, values).fetchall()
        for row in rows:
            store.db.execute("DELETE FROM timers WHERE id = ?", (row["id"],))
            ACTIONS[Later(row["kind"])](Call(store, settings), row["target"])
    return len(rows)


def next_due(store: Store) -> float | None:
    row = store.db.execute("SELECT min(due) AS due FROM timers").fetchone()
    due: float | None = row["due"]
    return due
