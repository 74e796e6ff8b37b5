"""What log lines are about: the request or the job, and the cart, order and intent that it turns out to concern.

Steps that are started on the way (`web.finish`) share the subject: what they find out, later lines of the request tell
as well."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from structlog.typing import EventDict, WrappedLogger

_subject: ContextVar[dict[str, str]] = ContextVar("subject")


@contextmanager
def about(**known: str) -> Iterator[None]:
    """A subject of its own for what happens in the block."""
    token = _subject.set(known)
    try:
        yield
    finally:
        _subject.reset(token)


def concerns(**found: str | None) -> None:
    """Name what the request has turned out to be about: cart, order, intent, session, …"""
    if (subject := _subject.get(None)) is not None:
        subject.update((name, value) for name, value in found.items() if value)


def name_subject(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """For structlog: the line's own fields win."""
    return {**_subject.get({}), **event}
