"""Importing a catalogue file, however large: in batches, with a report."""

import asyncio
import contextlib
import itertools
import pickle
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, BinaryIO, TextIO

from shop.book_row import BookRow, Problem, Record, shown
from shop.catalogue_file import TOGETHER, records
from shop.db import Database
from shop.files import keep, name_of
from shop.onix import Terms
from shop.stocking import Kind, Outcome, foresee, stock, wanted

FIRST_BATCH, MOST = 500, 3000  # books
HELD = 0.25  # seconds that a batch is to take: others who want to write wait for it
FREE = 0.02  # seconds between two batches: who waits for SQLite's lock looks every 5 ms whether it is free
SHOWN = 20  # problems and changes that the report names; the list has them all
WORDS = {"withdrawn": "sold again"}  # of what changes in a book that is changed
Progress = Callable[[str, int], None]  # what is being done, and up to which byte of the file


@dataclass(frozen=True)
class Wish:
    """How to import. `folder`: where the files of e-books lie, which are copied to `files`; without the two, they are
    those that are there."""

    dry_run: bool = False
    skip_bad: bool = False
    folder: Path | None = None
    files: Path | None = None
    terms: Terms = field(default_factory=Terms)


@dataclass
class Report:
    """What an import did, or would do. `listed` gets a line for each book that is not as it was, and each problem."""

    dry_run: bool = False
    listed: TextIO | None = None
    kinds: Counter[Kind] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)  # how many books change in which
    bad: int = 0  # books that cannot be imported
    problems: list[Problem] = field(default_factory=list)  # the first
    more_problems: int = 0
    refused: bool = False  # nothing was imported, since something is bad

    def note_bad(self, record: Record) -> None:
        self.bad += 1
        for problem in record.problems:
            if len(self.problems) < SHOWN:
                self.problems.append(problem)
            else:
                self.more_problems += 1
            self._list(str(problem))

    def note(self, record: Record, book: BookRow, outcome: Outcome) -> None:
        self.kinds[outcome.kind] += 1
        if outcome.kind is not Kind.CHANGED and not self.listed:
            return  # of a million books that are new, nobody asks in which columns
        changed = [WORDS.get(name, name) for name in outcome.changes if not name.startswith("search_")]
        if outcome.kind is Kind.CHANGED:
            self.fields.update(changed)
        if outcome.kind is not Kind.UNCHANGED:
            fields = f" {', '.join(changed)}" if outcome.kind is Kind.CHANGED else ""
            title = "" if "title" in book.silent else f" {shown(book.title)}"
            self._list(f"line {record.line}: {outcome.kind}{fields}:{title} {book.isbn or ''}".rstrip())

    def _list(self, line: str) -> None:
        if self.listed:
            self.listed.write(f"{line}\n")


async def import_file(
    db: Database,
    file: BinaryIO,
    wish: Wish | None = None,
    report: Report | None = None,
    progress: Progress = lambda _doing, _byte: None,
) -> Report:
    """Safe to repeat. Unless bad books are to be skipped, the whole file is read first, and nothing is imported if
    there is one. Each batch is one transaction; between two, others write. Raises OSError, DatabaseUnavailable."""
    wish, report, pace = wish or Wish(), report or Report(), _Pace()
    found = records(file, wish.folder, wish.terms)
    with TemporaryFile() as kept:
        if wish.skip_bad or wish.dry_run:
            good = _watched(found, file, "Comparing" if wish.dry_run else "Importing", progress)
        else:
            _check(found, file, kept, report, progress)
            good = _checked(kept, progress)
        while not report.refused and (batch := list(itertools.islice(good, pace.size))):
            await _import(db, batch, wish, report, pace)
    return report


def _check(
    found: Iterator[Record], file: BinaryIO, kept: IO[bytes], report: Report, progress: Progress
) -> None:
    """Read it all, and keep what it says: to read that again takes a third of the time, and is what was checked."""
    while some := list(itertools.islice(found, TOGETHER)):
        for record in some:
            if record.problems:
                report.note_bad(record)
        rows = [(record.line, tuple(record.book)) for record in some if record.book]
        pickle.dump((file.tell(), rows), kept, pickle.HIGHEST_PROTOCOL)
        progress("Checking", file.tell())
    report.refused = report.bad > 0
    kept.seek(0)


def _checked(kept: IO[bytes], progress: Progress) -> Iterator[Record]:
    with contextlib.suppress(EOFError):
        while True:
            byte, rows = pickle.load(kept)  # noqa: S301 (we have just written it)
            progress("Importing", byte)
            for line, values in rows:
                yield Record(line, BookRow._make(values), [])


def _watched(found: Iterator[Record], file: BinaryIO, doing: str, progress: Progress) -> Iterator[Record]:
    while some := list(itertools.islice(found, TOGETHER)):
        progress(doing, file.tell())
        yield from some


class _Pace:
    """How large the batches are, so that each takes about as long."""

    def __init__(self) -> None:
        self.size, self.ended = FIRST_BATCH, float("-inf")

    async def leave_room(self) -> None:
        await asyncio.sleep(self.ended + FREE - time.monotonic())

    def took(self, seconds: float) -> None:
        fitting = self.size * HELD / max(seconds, 0.001)
        self.size = round(min(MOST, 2 * self.size, max(FIRST_BATCH / 10, fitting)))
        self.ended = time.monotonic()


async def _import(db: Database, batch: Sequence[Record], wish: Wish, report: Report, pace: _Pace) -> None:
    good: list[tuple[Record, BookRow]] = []
    for record in batch:
        if record.book is None or record.problems:
            report.note_bad(record)
        else:
            good.append((record, await _with_file(record.book, wish)))
    rows = [wanted(row) for _, row in good]
    await pace.leave_room()
    begun = time.monotonic()
    outcomes = await (foresee if wish.dry_run else stock)(db, rows)
    pace.took(time.monotonic() - begun)
    for (record, row), outcome in zip(good, outcomes, strict=True):
        report.note(record, row, outcome)


async def _with_file(row: BookRow, wish: Wish) -> BookRow:
    if not (row.file and wish.folder and wish.files):
        return row
    source = wish.folder / row.file
    kept = asyncio.to_thread(name_of, source) if wish.dry_run else asyncio.to_thread(keep, source, wish.files)
    return row._replace(file=await kept)
