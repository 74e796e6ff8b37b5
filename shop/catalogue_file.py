"""Read a catalogue of books from a file, CSV or ONIX, book by book, or say everything that is wrong with it."""

import io
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from shop.book_row import BookRow, Problem, Record, shown
from shop.csv_file import csv_records
from shop.onix import Terms, in_its_words, onix_records
from shop.twice import Twice

__all__ = ["BookRow", "CatalogueErrors", "Problem", "read_catalogue", "records"]

LISTED = 100  # problems that a message shows
TOGETHER = 500  # records that are looked at in one go
SPACE = b" \t\r\n"
MARKS = b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"  # that a file in UTF-8 or UTF-16 may begin with


class CatalogueErrors(Exception):
    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__(problems)

    def __str__(self) -> str:
        """One problem a line; of very many, the first."""
        rest = len(self.problems) - LISTED
        more = [f"… and {rest} more problem{'s' if rest > 1 else ''}"] if rest > 0 else []
        return "\n".join([*map(str, self.problems[:LISTED]), *more])


def read_catalogue(data: bytes, folder: Path | None = None) -> list[BookRow]:
    """All the books of a small file. Raises CatalogueErrors with every problem, in the order of the lines."""
    found = list(records(io.BytesIO(data), folder))
    if problems := [problem for record in found for problem in record.problems]:
        raise CatalogueErrors(problems)
    return [record.book for record in found if record.book]


def records(file: BinaryIO, folder: Path | None = None, terms: Terms | None = None) -> Iterator[Record]:
    """What the file says, in constant memory. `folder`: where the files of e-books are looked for, if that is given."""
    start, seen = file.tell(), Twice()
    head = file.read(512)
    file.seek(start)
    xml, empty = _is_xml(head), True
    found = onix_records(file, terms or Terms()) if xml else csv_records(file)
    while some := list(itertools.islice(found, TOGETHER)):
        empty = False
        if folder:
            for record in some:
                record.problems.extend(_missing_file(record, folder))
        seen.note(some)
        for record in some:
            if xml and record.problems:
                record.problems[:] = map(in_its_words, record.problems)
            yield record
    if empty:
        where = "in this ONIX message" if xml else "below the names of the columns"
        yield Record(1, None, [Problem(1, None, f"there are no books {where}")])


def _is_xml(head: bytes) -> bool:
    """No CSV of ours begins with <, since its first line names the columns."""
    for mark in MARKS:
        head = head.removeprefix(mark)
    return head.replace(b"\0", b"").lstrip(SPACE).startswith(b"<")


def _missing_file(record: Record, folder: Path) -> Iterator[Problem]:
    book = record.book
    if book and book.file and not (folder / book.file).is_file():
        yield Problem(record.line, "file", f"{shown(book.file)} is not there; it is looked for in {folder}")
