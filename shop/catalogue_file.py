"""Read a catalogue of books from a CSV file, or say everything that is wrong with it."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from shop.book_row import OPTIONAL, REQUIRED, BookRow, Cells, Problem, book_row, shown

__all__ = ["BookRow", "CatalogueErrors", "Problem", "read_catalogue"]

LISTED = 100  # problems that a message shows
SEPARATORS = {"\t": "tabs", ";": "semicolons", "|": "bars"}  # of files that only call themselves CSV

Records = Iterator[tuple[int, list[str]]]


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
    """The books of a CSV file in UTF-8 whose first line names the columns; others than ours are ignored. The files
    that it names are looked for in its folder, if that is given.

    Raises CatalogueErrors with every problem of the file, in the order of its lines.
    """
    problems: list[Problem] = []
    records = _records(_decode(data), problems)
    columns = _columns(records, problems)
    books = [(line, book_row(cells)) for line, cells in _cells(records, columns, problems)]
    problems += _duplicates(books, problems)
    problems += _missing_files(books, folder) if folder else ()
    if not books and not problems:
        problems.append(Problem(1, None, "there are no books below the names of the columns"))
    if problems:
        raise CatalogueErrors(sorted(problems, key=lambda problem: problem.line))
    return [book for _, book in books]


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            whole = Problem(1, None, 'the file is UTF-16, not UTF-8: save it as "CSV UTF-8"')
            raise CatalogueErrors([whole]) from None
        raise CatalogueErrors(list(_not_utf8(data))) from None


def _not_utf8(data: bytes) -> Iterator[Problem]:
    for number, line in enumerate(data.splitlines(), 1):
        try:
            line.decode()
        except UnicodeDecodeError as error:
            byte = line[error.start]
            yield Problem(number, None, f'byte 0x{byte:02X} is not UTF-8: save the file as "CSV UTF-8"')


def _records(text: str, problems: list[Problem]) -> Records:
    """Each record that is not blank, with the line it begins on, up to the first that is not CSV."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problems.append(Problem(line, None, _not_csv(str(error))))
            return
        if any(cell.strip() for cell in cells):
            yield line, cells


def _not_csv(error: str) -> str:
    if "unexpected end" in error:
        return "a quotation mark opens a field here and none closes it"
    if "expected after" in error:
        return 'a quotation mark stands inside a quoted field: write it twice ("")'
    return f"this is not CSV ({error})"


def _columns(records: Records, problems: list[Problem]) -> list[str]:
    """The names in the first record. Without the columns that we need, the file is not read further."""
    line, names = next(records, (1, list[str]()))
    if problems:
        raise CatalogueErrors(problems)
    columns = [name.strip("\ufeff \t\r\n").lower() for name in names]
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
        known = (*REQUIRED, *OPTIONAL)
        problems += [Problem(line, name, "is there twice") for name in known if columns.count(name) > 1]
        return columns
    raise CatalogueErrors([Problem(line, None, reason)])


def _cells(records: Records, columns: list[str], problems: list[Problem]) -> Iterator[tuple[int, Cells]]:
    for line, values in records:
        if len(values) == len(columns):
            yield line, Cells(line, dict(zip(columns, values, strict=True)), problems)
        else:
            count = f"{len(values)} field{'' if len(values) == 1 else 's'}"
            problems.append(Problem(line, None, f"has {count} where the first line has {len(columns)}"))


def _missing_files(books: list[tuple[int, BookRow]], folder: Path) -> Iterator[Problem]:
    for line, book in books:
        if book.file and not (folder / book.file).is_file():
            yield Problem(line, "file", f"{shown(book.file)} is not there; it is looked for in {folder}")


def _duplicates(books: list[tuple[int, BookRow]], problems: list[Problem]) -> Iterator[Problem]:
    """Rows that name the same book: by ISBN, else by title and authors, as an import looks for it."""
    unsure = {problem.line for problem in problems if problem.column in ("isbn13", "title", "authors")}
    numbers: dict[str, int] = {}
    names: dict[tuple[str, ...], tuple[int, BookRow]] = {}
    for line, book in books:
        if line in unsure:
            continue
        if book.isbn and (first := numbers.setdefault(book.isbn, line)) != line:
            yield Problem(line, "isbn13", f"{book.isbn} is already on line {first}")
        key = tuple(text.casefold() for text in (book.title, *book.authors))
        first, other = names.setdefault(key, (line, book))
        if first != line and not (book.isbn and other.isbn):
            reason = f"{shown(book.title)} by the same authors is already on line {first}; give both an ISBN"
            yield Problem(line, "title", reason)
