"""A file under another name, until it is whole; and signals, which end the making of it and leave nothing behind."""

import os
import re
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

from shop.errors import NothingDone

ENDING = (signal.SIGINT, signal.SIGTERM)
OF_SQLITE = ("", "-journal", "-wal", "-shm")  # what it makes beside a database


@contextmanager
def aside(file: Path) -> Iterator[Path]:
    """A new file in the same folder, for its owner's eyes only, and gone at the end unless it was renamed. Those of
    processes that were killed are cleared away. Raises OSError."""
    begin = (
        f".{file.name[:50]}."  # the name has a process's number and the like to come, and 255 bytes in all
    )
    for pid in _dead(file.parent, begin):
        _remove(file.parent, f"{begin}{pid}")
    partial = file.with_name(f"{begin}{os.getpid()}")
    try:
        os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        yield partial
    finally:
        _remove(file.parent, partial.name)


@contextmanager
def breakable() -> Iterator[Callable[[], None]]:
    """SIGTERM and Ctrl-C raise NothingDone, where they would end the process at once or with a traceback. Once what it
    gives is called they do nothing, since something is being done then."""
    if threading.current_thread() is not threading.main_thread():
        yield lambda: None
        return

    def end(_: int, __: FrameType | None) -> NoReturn:
        ignore()  # nothing is to break off the tidying up
        raise NothingDone("It was broken off.")

    def ignore() -> None:
        for number in ENDING:
            signal.signal(number, signal.SIG_IGN)

    before = {number: signal.signal(number, end) for number in ENDING}
    try:
        yield ignore
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _dead(folder: Path, begin: str) -> set[int]:
    """The processes that have begun a file and are no more; one that had our number, as in a container, is none."""
    named = re.compile(re.escape(begin) + r"(\d{1,9})(?:" + "|".join(OF_SQLITE) + ")")
    found = {int(match[1]) for name in os.listdir(folder) if (match := named.fullmatch(name))}
    return {pid for pid in found if pid == os.getpid() or not _lives(pid)}


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _remove(folder: Path, name: str) -> None:
    for suffix in OF_SQLITE:
        with suppress(OSError):
            (folder / (name + suffix)).unlink()
