"""One book of a catalogue file: its cells, the rules for each of them, and the book that they describe."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import NamedTuple

from stdnum import exceptions, isbn

from shop.files import TYPES
from shop.models import UNLIMITED, BookFormat
from shop.money import MAXIMUM, THREE_DECIMAL

REQUIRED = ("title", "authors", "price_cents", "currency", "stock")
OPTIONAL = (
    "isbn13", "subtitle", "publisher", "edition_year", "first_published", "format", "category", "blurb",
    "file",
)  # fmt: skip
HIGHEST_STOCK = 1_000_000
NAMED = {format.value: format for format in BookFormat}
ISBN13 = re.compile("97[89][0-9]{10}")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

# docs.stripe.com/currencies
_CURRENCIES = """
aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn bzd cad
cdf chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd
hnl htg huf idr ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl
mga mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg
qar ron rsd rub rwf sar sbd scr sek sgd shp sle sos srd std szl thb tjs tnd top try ttd twd tzs uah
ugx usd uyu uzs vnd vuv wst xaf xcd xof xpf yer zar zmw
"""
CURRENCIES = frozenset(_CURRENCIES.split())


class BookRow(NamedTuple):
    isbn: str | None  # 13 digits
    title: str
    subtitle: str
    authors: tuple[str, ...]
    publisher: str
    year: int | None  # of this edition
    first_published: int | None
    format: BookFormat  # paperback, where the file does not say
    category: str
    price: int  # in minor units
    currency: str  # lower-case ISO 4217
    stock: int
    blurb: str
    file: str | None = None  # of an e-book: a path from the catalogue file's folder
    withdrawn: bool = False  # no longer sold
    # Fields that the file says nothing of: they stay as they are, and what stands here for them means nothing. Where
    # the title is one, the row changes a book or withdraws it, and makes none.
    silent: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Problem:
    line: int  # of the file, where the row begins
    column: str | None
    reason: str
    kind: str = "column"  # in ONIX: element

    def __str__(self) -> str:
        column = f", {self.kind} {self.column}" if self.column else ""
        return f"line {self.line}{column}: {self.reason}"


class Record(NamedTuple):
    """What a catalogue file says of one book: it is imported if there are no problems."""

    line: int  # where it begins
    book: BookRow | None  # None where it cannot be read at all
    problems: list[Problem]


@dataclass(slots=True)
class Cells:
    """One record by column, and what is wrong with it."""

    line: int
    values: dict[str, str]
    problems: list[Problem]

    def refuse(self, column: str, reason: str) -> None:
        self.problems.append(Problem(self.line, column, reason))

    def has(self, column: str) -> bool:
        return bool(self.values.get(column, "").strip())

    def text(self, column: str, longest: int, *, needed: bool = False) -> str:
        """The cell on one line, or empty and refused."""
        written = self.values.get(column, "")
        if not (written or needed):
            return ""
        if written.isprintable() and "  " not in written and 0 < len(value := written.strip()) <= longest:
            return value  # as most are
        return self._checked(column, written, " ".join(written.split()), longest, needed)

    def lines(self, column: str, longest: int) -> str:
        written = self.values.get(column, "")
        value = written.replace("\r\n", "\n").replace("\r", "\n").strip()
        return self._checked(column, written, value, longest, False)

    def whole(self, column: str, least: int, most: int, what: str) -> int | None:
        """The whole number of a cell, or None for an empty or refused one."""
        value = self.values.get(column, "").strip()
        if not value and column not in REQUIRED:
            return None
        if not (value.isascii() and value.isdigit()):
            self.refuse(column, f"{shown(value)} is not {what}" if value else "is empty")
        elif not least <= (number := int(value) if len(value) < 20 else most + 1) <= most:
            self.refuse(column, f"{shown(value)} is not between {least} and {most}")
        else:
            return number
        return None

    def _checked(self, column: str, written: str, value: str, longest: int, needed: bool) -> str:
        plain = written.isprintable()  # most are, and what is has no control character
        if not plain and (found := CONTROL.search(written)):
            self.refuse(column, f"contains the control character U+{ord(found[0]):04X}")
        elif needed and not (value if plain else _is_visible(value)):
            self.refuse(column, "is empty")
        elif len(value) > longest:
            self.refuse(column, f"has {len(value)} characters; at most {longest} are allowed")
        else:
            return value
        return ""


def _is_visible(value: str) -> bool:
    return any(letter.isprintable() and not letter.isspace() for letter in value)


def book_row(cells: Cells) -> BookRow:
    """The book of a record; where something was refused, a stand-in that nobody will see."""
    currency, year = _currency(cells), cells.whole("edition_year", 1450, 2100, "a year")
    return BookRow(
        isbn=_isbn(cells),
        title=cells.text("title", 300, needed=True),
        subtitle=cells.text("subtitle", 300),
        authors=_authors(cells),
        publisher=cells.text("publisher", 200),
        year=year,
        first_published=_first_published(cells, year),
        format=_format(cells),
        category=cells.text("category", 100),
        price=_price(cells, currency),
        currency=currency,
        stock=_stock(cells),
        blurb=cells.lines("blurb", 10_000),
        file=_file(cells),
    )


def _isbn(cells: Cells) -> str | None:
    """ISBN-13 without hyphens, also from an ISBN-10."""
    written = cells.text("isbn13", 40)
    if not written:
        return None
    number = written.replace("-", "")
    if ISBN13.fullmatch(number) and _adds_up(number.encode()):  # most are so, and the library is slow
        return number
    try:
        return isbn.to_isbn13(isbn.validate(written))
    except exceptions.InvalidChecksum:
        reason = "has a wrong check digit"
    except exceptions.InvalidLength:
        reason = "is not an ISBN: it should have 13 digits, or 10"
    except exceptions.InvalidComponent:
        reason = "is not an ISBN: it begins neither with 978 nor with 979"
    except exceptions.ValidationError:
        shortened = re.fullmatch(r"[0-9]+[.,]?[0-9]*[eE]\+?[0-9]+", written)
        reason = "was shortened by a spreadsheet: make the column text" if shortened else "is not an ISBN"
    cells.refuse("isbn13", f"{shown(written)} {reason}")
    return None


def _adds_up(digits: bytes) -> bool:
    """That they are letters of ASCII adds 1200, which leaves the last digit as it is."""
    return (sum(digits[::2]) + 3 * sum(digits[1::2])) % 10 == 0


def _authors(cells: Cells) -> tuple[str, ...]:
    written = cells.text("authors", 500, needed=True)
    authors = tuple([name for part in written.split(";") if (name := part.strip())])
    if written and not authors:
        cells.refuse("authors", f"{shown(written)} names nobody")
    return authors


def _first_published(cells: Cells, year: int | None) -> int | None:
    first = cells.whole("first_published", 1, 2100, "a year")
    if first and year and first > year:
        cells.refuse("first_published", f"{first} is after edition_year {year}")
    return first


def _format(cells: Cells) -> BookFormat:
    written, is_file = cells.text("format", 40), cells.has("file")
    unsaid = BookFormat.EBOOK if is_file else BookFormat.PAPERBACK
    name = written.lower().replace("-", "").replace(" ", "")
    named = NAMED.get(name) if name else unsaid
    if named is None:
        cells.refuse("format", f"{shown(written)} is not a format: {', '.join(BookFormat)}")
        return unsaid
    if is_file and named not in (BookFormat.EBOOK, BookFormat.AUDIOBOOK):
        cells.refuse("format", f"a {named} is no file: write ebook or audiobook, or leave the file away")
    return named


def _file(cells: Cells) -> str | None:
    """A path that stays in the folder of the catalogue; whether it is there is seen where the folder is known."""
    written = cells.text("file", 200)
    if not written:
        return None
    path = PurePosixPath(written)
    if path.is_absolute() or ".." in path.parts or "\\" in written:
        cells.refuse(
            "file", f"{shown(written)} must be a path from the folder of this catalogue, like ebooks/one.epub"
        )
    elif path.suffix.lower() not in TYPES:
        cells.refuse("file", f"{shown(written)} is none of the kinds that are sold: {', '.join(TYPES)}")
    else:
        return written
    return None


def _stock(cells: Cells) -> int:
    if not cells.has("file"):
        return cells.whole("stock", 0, HIGHEST_STOCK, "a whole number of copies") or 0
    if cells.has("stock"):
        cells.refuse("stock", "must be empty for a file, which is never sold out")
    return UNLIMITED


def _currency(cells: Cells) -> str:
    written = cells.text("currency", 40, needed=True)
    if written and written.lower() not in CURRENCIES:
        cells.refuse("currency", f"{shown(written)} is not a currency that Stripe takes (usd, eur, jpy …)")
    return written.lower()


def _price(cells: Cells, currency: str) -> int:
    price = cells.whole("price_cents", 0, MAXIMUM, "a whole number of minor units (1250 for $12.50)")
    if price and price % 10 and currency in THREE_DECIMAL:
        cells.refuse(
            "price_cents", f"{shown(str(price))} must end in 0: Stripe takes {currency} in steps of ten"
        )
    return price or 0


def shown(value: str) -> str:
    """A value as a message quotes it: short, and with nothing that a terminal would act on."""
    clipped = value if len(value) <= 40 else value[:39] + "…"
    return (
        '"' + "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in clipped) + '"'
    )
