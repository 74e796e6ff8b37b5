"""The command `shop import`: books come in from a file."""

import argparse
import contextlib
import gc
import itertools
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from shop.checks import ConfigurationError
from shop.settings import Settings

if TYPE_CHECKING:
    from shop.db import Database
    from shop.importing import Progress, Report

WIDTH = 30  # of the bar
PAGE_CACHE = 16  # MB: a batch changes thousands of pages, and what does not fit is written twice


def add_to(commands: Any) -> None:
    stock = commands.add_parser(
        "import",
        help="read books from a CSV or ONIX file",
        description="Add the books of a file to the catalogue, or bring them up to date: keyed by ISBN, else by title "
        "and authors. Safe to repeat, and beside the running shop. CSV has columns as in shop/data/demo_books.csv; an "
        "e-book that stands under `file`, by its path from the CSV file, is copied to FILES_PATH. ONIX is 3.0, with "
        "reference or short tags; its updates change what they name, its deletions take a book off the shelf. The "
        "whole file is read first, and one bad book keeps all of them out, unless --skip-bad is given.",
        epilog="Exit code: 0 if every book is good, 1 if one is bad (with --skip-bad the others have been imported), "
        "2 if the file or the database cannot be used.",
    )
    stock.add_argument("file", type=Path, metavar="FILE", help="CSV in UTF-8, or ONIX 3")
    stock.add_argument(
        "--dry-run", action="store_true", help="say what would change, and write nothing to the catalogue"
    )
    stock.add_argument("--skip-bad", action="store_true", help="import what is good, and say what is not")
    stock.add_argument(
        "--list", type=Path, metavar="FILE", help="write every change and every problem there, a line each"
    )
    stock.add_argument(
        "--currency", type=_currency, metavar="EUR", help="of an ONIX product's prices, take those in it"
    )
    stock.add_argument(
        "--copies",
        type=_copies,
        default=0,
        metavar="N",
        help="copies of a new book that an ONIX file calls available without a number (default 0: sold out)",
    )
    stock.set_defaults(command=_import)


def _currency(text: str) -> str:
    from shop.book_row import CURRENCIES

    if text.lower() not in CURRENCIES:
        raise argparse.ArgumentTypeError(f"{text} is not a currency that Stripe takes (usd, eur, jpy …)")
    return text.lower()


def _copies(text: str) -> int:
    from shop.book_row import HIGHEST_STOCK

    if not (text.isascii() and text.isdigit() and int(text[:9]) <= HIGHEST_STOCK):
        raise argparse.ArgumentTypeError(f"{text} is no number of copies up to {HIGHEST_STOCK}")
    return int(text[:9])


def _import(arguments: argparse.Namespace) -> int:
    settings = Settings.from_env()
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(arguments.file.open("rb"))
            size = file.seek(0, 2)
            file.seek(0)
            if arguments.list and arguments.list.exists() and arguments.list.samefile(arguments.file):
                raise ConfigurationError(
                    f"{arguments.list} is what is to be imported: list into another file."
                )
            listed = (
                stack.enter_context(arguments.list.open("w", encoding="utf-8")) if arguments.list else None
            )
        except OSError as error:
            raise ConfigurationError(
                f"{error.filename or arguments.file} cannot be used: {error.strerror}."
            ) from error
        report = _report(arguments, settings, file, size, listed)
    _tell(report, arguments)
    return 1 if report.bad else 0


def _report(
    arguments: argparse.Namespace, settings: Settings, file: BinaryIO, size: int, listed: Any
) -> "Report":
    from shop.commands import with_database
    from shop.errors import DatabaseUnavailable
    from shop.importing import Report, Wish, import_file
    from shop.migrating import migrate
    from shop.onix import Terms

    terms = Terms(arguments.currency, arguments.copies)
    wish = Wish(arguments.dry_run, arguments.skip_bad, arguments.file.parent, settings.files, terms)

    async def work(db: "Database") -> Report:
        await migrate(db)
        with _bar(size) as progress:
            return await import_file(db, file, wish, Report(arguments.dry_run, listed), _tidying(progress))

    try:
        return with_database(settings, work, PAGE_CACHE)
    except (OSError, DatabaseUnavailable) as error:
        reason = error.heading if isinstance(error, DatabaseUnavailable) else error
        raise ConfigurationError(
            f"The import has stopped ({reason}). What has come in stays: mend it and repeat the import."
        ) from error


def _tidying(progress: "Progress") -> "Progress":
    """A batch leaves little garbage, but that holds all its rows. To look for it as often as Python does takes a tenth
    of the time; to leave it lie, a hundred bytes a row."""
    gc.collect()
    gc.freeze()
    gc.disable()
    told = itertools.count(1)

    def tell(doing: str, byte: int) -> None:
        progress(doing, byte)
        if next(told) % 5 == 0:
            gc.collect()

    return tell


@contextlib.contextmanager
def _bar(size: int) -> Any:
    """How far it is, on one line that goes away; only where somebody is watching."""
    watched = sys.stderr.isatty()

    def draw(doing: str, byte: int) -> None:
        part = min(1, byte / max(1, size))
        if watched:
            bar = "█" * int(part * WIDTH)
            sys.stderr.write(f"\r{doing:<9} {bar:·<{WIDTH}} {part:4.0%}")
            sys.stderr.flush()

    try:
        yield draw
    finally:
        if watched:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def _tell(report: "Report", arguments: argparse.Namespace) -> None:
    from shop.importing import SHOWN
    from shop.stocking import Kind

    for problem in report.problems:
        print(problem, file=sys.stderr)
    if report.more_problems:
        where = f"in {arguments.list}" if arguments.list else "with --list FILE you get them all"
        print(f"… and {report.more_problems} more than these {SHOWN}: {where}", file=sys.stderr)
    if report.refused:
        print(
            f"Nothing was imported from {arguments.file}, since {_entries(report.bad)} bad. Mend the file, or "
            "import the others with --skip-bad.",
            file=sys.stderr,
        )
        return
    counts = report.kinds
    fields = ", ".join(f"{name} {count}" for name, count in report.fields.most_common())
    lines = [
        ("Added", counts[Kind.ADDED], ""),
        ("Changed", counts[Kind.CHANGED], f"({fields})" if fields else ""),
        ("Withdrawn", counts[Kind.WITHDRAWN], ""),
        ("Unchanged", counts[Kind.UNCHANGED], ""),
        ("Not ours", counts[Kind.UNKNOWN], "(changes and deletions of books that we do not have)"),
        ("Bad", report.bad, "(not imported)"),
    ]
    print("A dry run: nothing was written. An import would make it so:" if report.dry_run else "Imported:")
    for name, count, words in lines:
        if count or name in ("Added", "Changed"):
            print(f"  {name:<10} {count:>7,}  {words}".rstrip())


def _entries(count: int) -> str:
    return "1 entry is" if count == 1 else f"{count:,} entries are"
