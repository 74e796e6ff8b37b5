"""What goes back to the client, before it is an HTTP response."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Answer:
    status: int
    body: str
    began: bool = False
    """The endpoint had begun to act: kept for the idempotency key, and not to be retried."""
    headers: dict[str, str] = field(default_factory=dict)
    original: str | None = None
    """The request id of the first run, when this is a replay."""
