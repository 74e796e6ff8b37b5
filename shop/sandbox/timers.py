"""What is to happen a little later. `settle.py` makes it happen; what is due survives a restart."""

from enum import Enum

from . import clock
from .call import Call

AUTHORIZED_FOR = 7 * 86400
"""Seconds that a card's authorisation can be captured."""
NEVER = 1e12
"""A due time that does not come by itself: the control plane settles it."""


class Later(Enum):
    BALANCE = "balance"
    """A charge gets its balance transaction."""
    DEBIT = "debit"
    """A bank debit comes in, or fails."""
    DEADLINE = "deadline"
    """The last moment for the evidence of a dispute."""
    DISPUTE = "dispute"
    """A bank decides on the evidence of a dispute."""
    EXPIRY = "expiry"
    """A Checkout Session that is still open expires."""
    LAPSE = "lapse"
    """An authorisation that nobody captured ends."""
    REFUND = "refund"
    """A refund reaches the card, or fails."""


def start(call: Call, what: Later, target: str, by_itself: bool = True, due: float | None = None) -> None:
    """`target` is the id of the object that will change, `due` (Unix time) when, if not soon."""
    if due is None:
        due = clock.time() + call.settings.settle_after if by_itself else NEVER
    call.store.db.execute(
        "INSERT INTO timers (due, kind, target) VALUES (?, ?, ?)", (due, what.value, target)
    )
