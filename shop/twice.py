"""Books that a catalogue file holds twice. What was seen is kept in a temporary file, however many books there are."""

import sqlite3
from collections.abc import Iterator
from hashlib import blake2b

from shop.book_row import Problem, Record, shown

UNSURE = frozenset(("isbn13", "title", "authors", None))


class Twice:
    """Finds records that name the same book: by ISBN, else by title and authors, as an import looks for it."""

    def __init__(self) -> None:
        # A file of SQLite's own, gone when it is closed.
        self.seen = sqlite3.connect("", isolation_level=None)
        self.seen.execute("PRAGMA journal_mode=OFF")
        self.seen.execute("CREATE TABLE seen (key BLOB PRIMARY KEY, line INT, isbn INT) WITHOUT ROWID")

    def __del__(self) -> None:
        self.seen.close()

    def found(self, record: Record) -> Iterator[Problem]:
        book, line = record.book, record.line
        if book is None or any(problem.column in UNSURE for problem in record.problems):
            return
        if book.isbn and (first := self._first(book.isbn.encode(), line, True)):
            yield Problem(line, "isbn13", f"{book.isbn} is already on line {first[0]}")
        if "title" in book.silent:
            return
        names = "\0".join(text.casefold() for text in (book.title, *book.authors))
        key = blake2b(names.encode(errors="replace"), digest_size=16).digest()
        first = self._first(key, line, bool(book.isbn))
        if first and not (book.isbn and first[1]):
            reason = (
                f"{shown(book.title)} by the same authors is already on line {first[0]}; give both an ISBN"
            )
            yield Problem(line, "title", reason)

    def _first(self, key: bytes, line: int, isbn: bool) -> tuple[int, int] | None:
        """The line that had the key before, and whether with an ISBN."""
        added = self.seen.execute("INSERT OR IGNORE INTO seen VALUES (?, ?, ?)", (key, line, isbn))
        if added.rowcount:
            return None
        first: tuple[int, int] = self.seen.execute(
            "SELECT line, isbn FROM seen WHERE key = ?", (key,)
        ).fetchone()
        return first
