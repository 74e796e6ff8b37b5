"""Books that a catalogue file holds twice. What was seen is kept in a temporary file, however many books there are."""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from shop.book_row import Problem, Record, shown

UNSURE = frozenset(("isbn13", "title", "authors", None))


class Key(NamedTuple):
    """What a record is known by: an ISBN, or the hash of a title with its authors. (That two of a million have the
    same 64 bits happens once in thirty million imports, and then to that attempt alone.)"""

    key: int
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
        for table in ("isbns", "names"):
            self.seen.execute(
                f"CREATE TABLE {table} (key INTEGER PRIMARY KEY, line INT, isbn INT, number INT)"
            )
        self.seen.execute("BEGIN")
        self.number = 0
        self.all_numbered = True  # whether each record so far has an ISBN

    def __del__(self) -> None:
        self.seen.close()

    def note(self, records: Sequence[Record]) -> None:
        """Add to the problems of each what came before, here or earlier. They come by the hundred, since mostly
        nothing is there twice, and one look then tells that of all. Where each book has an ISBN, titles may come
        again."""
        before, isbns, names = self.number, list[Key](), list[Key]()
        for record in records:
            self.number += 1
            self._list(record, isbns, names)
        again, alike = self._add("isbns", isbns), self._add("names", names)
        for key in isbns if again else ():
            records[key.number - before - 1].problems.extend(self._same_isbn(key))
        for key in names if alike and not self.all_numbered else ():
            record = records[key.number - before - 1]
            record.problems.extend(self._same_name(record, key))

    def _list(self, record: Record, isbns: list[Key], names: list[Key]) -> None:
        book, line, number = record.book, record.line, self.number
        if book is None or (record.problems and any(p.column in UNSURE for p in record.problems)):
            return
        has_isbn = bool(book.isbn)
        if book.isbn:
            isbns.append(Key(int(book.isbn), line, has_isbn, number))
        else:
            self.all_numbered = False
        if "title" not in book.silent:
            name = "\0".join((book.title, *book.authors)).casefold()
            names.append(Key(hash(name), line, has_isbn, number))

    def _add(self, table: str, keys: Sequence[Key]) -> bool:
        """Whether one was there, or comes twice."""
        insert = f"INSERT OR IGNORE INTO {table} VALUES (?, ?, ?, ?)"  # noqa: S608 (one of our two)
        return self.seen.executemany(insert, keys).rowcount < len(keys)

    def _first(self, table: str, key: Key) -> Key:
        query = f"SELECT key, line, isbn, number FROM {table} WHERE key = ?"  # noqa: S608
        return Key(*self.seen.execute(query, (key.key,)).fetchone())

    def _same_isbn(self, key: Key) -> Iterator[Problem]:
        first = self._first("isbns", key)
        if first.number != key.number:
            yield Problem(key.line, "isbn13", f"{key.key} is already on line {first.line}")

    def _same_name(self, record: Record, key: Key) -> Iterator[Problem]:
        first = self._first("names", key)
        if record.book and first.number != key.number and not (key.isbn and first.isbn):
            title = shown(record.book.title)
            reason = f"{title} by the same authors is already on line {first.line}; give both an ISBN"
            yield Problem(key.line, "title", reason)
