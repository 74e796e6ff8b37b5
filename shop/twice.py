"""Books that a catalogue file holds twice. What was seen is kept in a temporary file, however many books there are."""

import sqlite3
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import NamedTuple

from shop.book_row import Problem, Record, shown

UNSURE = frozenset(("isbn13", "title", "authors", None))


class Key(NamedTuple):
    """What a record is known by: an ISBN, or a title with its authors."""

    key: bytes
    line: int
    isbn: bool  # whether the record has one
    number: int  # of the record, since many may stand on one line


class Twice:
    """Finds records that name the same book: by ISBN, else by title and authors, as an import looks for it."""

    def __init__(self) -> None:
        # A file of SQLite's own, gone when it is closed; used by one thread at a time.
        self.seen = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self.seen.execute("PRAGMA journal_mode=OFF")
        self.seen.execute("PRAGMA cache_size=-16000")
        self.seen.execute(
            "CREATE TABLE seen (key BLOB PRIMARY KEY, line INT, isbn INT, number INT) WITHOUT ROWID"
        )
        self.seen.execute("BEGIN")
        self.number = 0

    def __del__(self) -> None:
        self.seen.close()

    def note(self, records: Sequence[Record]) -> None:
        """Add to the problems of each what came before, here or earlier. They come by the hundred, since mostly
        nothing is there twice, and one look then tells that of all."""
        keys = [self._keys(record) for record in records]
        flat = [key for pair in keys for key in pair]
        added = self.seen.executemany("INSERT OR IGNORE INTO seen VALUES (?, ?, ?, ?)", flat).rowcount
        if added < len(flat):
            for record, pair in zip(records, keys, strict=True):
                record.problems.extend(self._problems(record, pair))

    def _keys(self, record: Record) -> list[Key]:
        self.number += 1
        book, line, number = record.book, record.line, self.number
        if book is None or (record.problems and any(p.column in UNSURE for p in record.problems)):
            return []
        isbn = bool(book.isbn)
        keys = [Key(book.isbn.encode(), line, isbn, number)] if book.isbn else []
        if "title" not in book.silent:
            names = "\0".join((book.title, *book.authors)).casefold()
            key = blake2b(names.encode(errors="replace"), digest_size=16).digest()
            keys.append(Key(key, line, isbn, number))
        return keys

    def _problems(self, record: Record, keys: Sequence[Key]) -> Iterator[Problem]:
        book = record.book
        for key in keys:
            query = "SELECT line, isbn, number FROM seen WHERE key = ?"
            line, isbn, number = self.seen.execute(query, (key.key,)).fetchone()
            if book is None or number == key.number:
                continue
            if book.isbn and key.key == book.isbn.encode():
                yield Problem(key.line, "isbn13", f"{book.isbn} is already on line {line}")
            elif not (key.isbn and isbn):
                reason = (
                    f"{shown(book.title)} by the same authors is already on line {line}; give both an ISBN"
                )
                yield Problem(key.line, "title", reason)
