"""Read the books of a CSV file in UTF-8 whose first line names the columns; others than ours are ignored."""

import csv
import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from shop.book_row import OPTIONAL, REQUIRED, Cells, Problem, Record, book_row, shown

SEPARATORS = {"\t": "tabs", ";": "semicolons", "|": "bars"}  # of files that only call themselves CSV
NOT_UTF8 = re.compile(r"[\udc80-\udcff]")  # bytes, as the decoder hands them on

Lines = Iterator[tuple[int, list[str] | Problem]]


def csv_records(file: BinaryIO) -> Iterator[Record]:
    """Without the columns that we need, the file is not read further."""
    head = file.read(2)
    file.seek(-len(head), io.SEEK_CUR)
    if head in (b"\xff\xfe", b"\xfe\xff"):
        yield _bad(Problem(1, None, 'the file is UTF-16, not UTF-8: save it as "CSV UTF-8"'))
        return
    text = io.TextIOWrapper(file, "utf-8-sig", errors="surrogateescape", newline="")
    try:
        lines = _lines(text)
        line, names = next(lines, (1, list[str]()))
        wrong = names if isinstance(names, Problem) else _wrong_columns(line, names)
        if wrong:
            yield _bad(wrong)
            return
        assert isinstance(names, list)
        columns = _clean(names)
        for line, values in lines:
            yield _record(line, values, columns)
    finally:
        text.detach()


def _lines(text: io.TextIOWrapper) -> Lines:
    """Each record that is not blank, or what is wrong with it, with the line it begins on."""
    reader = csv.reader(text, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            lost = f"; the lines up to {reader.line_num} were taken for it" if reader.line_num > line else ""
            yield line, Problem(line, None, _not_csv(str(error)) + lost)
            continue
        joined = "".join(cells)
        if not joined.isprintable() and (found := NOT_UTF8.search(joined)):
            byte = f"0x{ord(found[0]) - 0xDC00:02X}"
            yield line, Problem(line, None, f'byte {byte} is not UTF-8: save the file as "CSV UTF-8"')
        elif joined.strip():
            yield line, cells


def _not_csv(error: str) -> str:
    if "unexpected end" in error:
        return "a quotation mark opens a field here and none closes it"
    if "expected after" in error:
        return 'a quotation mark stands inside a quoted field: write it twice ("")'
    return f"this is not CSV ({error})"


def _clean(names: list[str]) -> list[str]:
    return [name.strip("\ufeff \t\r\n").lower() for name in names]


def _wrong_columns(line: int, names: list[str]) -> Problem | None:
    columns = _clean(names)
    used = [said for mark, said in SEPARATORS.items() if len(names) == 1 and mark in names[0]]
    missing = [name for name in REQUIRED if name not in columns]
    if not names:
        reason = f"the file is empty; its first line must name the columns {', '.join(REQUIRED)}"
    elif used:
        reason = f"the columns are separated by {used[0]}: save the file with commas between them"
    elif missing:
        there = ", ".join([*map(shown, columns[:30]), *("…" for _ in columns[30:31])])
        reason = f"missing columns: {', '.join(missing)}; the file has {there}"
    else:
        twice = next((name for name in (*REQUIRED, *OPTIONAL) if columns.count(name) > 1), None)
        return Problem(line, twice, "is there twice") if twice else None
    return Problem(line, None, reason)


def _record(line: int, values: list[str] | Problem, columns: list[str]) -> Record:
    if isinstance(values, Problem):
        return _bad(values)
    if len(values) != len(columns):
        count = f"{len(values)} field{'' if len(values) == 1 else 's'}"
        return _bad(Problem(line, None, f"has {count} where the first line has {len(columns)}"))
    cells = Cells(line, dict(zip(columns, values, strict=True)), [])
    return Record(line, book_row(cells), cells.problems)


def _bad(problem: Problem) -> Record:
    return Record(problem.line, None, [problem])
