"""What an ONIX 3 product says of a book, as one row of a catalogue. The numbers are those of ONIX's code lists."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import BinaryIO
from xml.etree.ElementTree import Element

from shop.book_row import Cells, Problem, Record, book_row, shown
from shop.models import BookFormat
from shop.onix_message import NotOnix, Product, products
from shop.onix_supply import supply
from shop.plain_text import plain_text

ELEMENTS = {
    "isbn13": "ProductIdentifier", "title": "TitleDetail", "subtitle": "Subtitle", "authors": "Contributor",
    "publisher": "PublisherName", "edition_year": "PublishingDate", "first_published": "PublishingDate",
    "format": "ProductForm", "category": "Subject", "price_cents": "Price", "currency": "Price", "stock": "Stock",
    "blurb": "TextContent", "notification": "NotificationType",
}  # fmt: skip
# List 1. What is not named here (test records, notices of a sale) is none for us.
WHOLE, PARTIAL, DELETED = ("01", "02", "03"), ("04", "12", "13", "14"), "05"
# The blocks that an update may leave away, and what a book keeps then.
BLOCKS = {
    "DescriptiveDetail": ("title", "subtitle", "authors", "format", "category"),
    "CollateralDetail": ("blurb",),
    "PublishingDetail": ("publisher", "year", "first_published"),
    "ProductSupply": ("price", "currency", "stock", "withdrawn"),
}
EVERYTHING = frozenset(name for names in BLOCKS.values() for name in names)
ROLES = {  # list 17: whom we name, and how
    "A01": "", "A02": "", "A09": "", "A12": "illustrator", "B01": "editor", "B06": "translator", "E07": "reader",
}  # fmt: skip
STAND_IN = {"title": "-", "authors": "-", "price_cents": "0", "currency": "usd", "stock": "0"}
HARDCOVERS = ("BB", "BG", "BH")  # list 150
AUDIO_FILES = ("AJ", "AN", "AO")
MOST_LETTERS = 500  # of all the authors


@dataclass(frozen=True)
class Terms:
    """What the file does not say, and the shop has to."""

    currency: str | None = None  # of the prices to take, where a product has several
    copies: int = 0  # of a new book, where the file does not tell


def onix_records(file: BinaryIO, terms: Terms) -> Iterator[Record]:
    header: Mapping[str, str] = {}
    try:
        for product in products(file):
            if product.element.tag == "Header":
                header = {part.tag: (part.text or "").strip() for part in product.element}
            elif product.element.tag == "Product":
                yield _record(product, terms, header)
    except NotOnix as error:
        yield Record(error.line, None, [Problem(error.line, None, error.reason)])


def in_its_words(problem: Problem) -> Problem:
    """A problem as somebody reads it who looks at the message."""
    name = ELEMENTS.get(problem.column or "", problem.column)
    return replace(problem, column=name, kind="element")


def _record(product: Product, terms: Terms, header: Mapping[str, str]) -> Record:
    element = product.element
    cells = Cells(product.line, {"isbn13": _isbn(element), **STAND_IN}, [])
    kind = _said(element, "NotificationType")
    if not cells.has("isbn13"):
        cells.refuse("isbn13", "there is no ISBN (ProductIDType 15), by which the book would be known")
    if kind not in (*WHOLE, *PARTIAL, DELETED):
        cells.refuse("notification", f"{shown(kind)} says of no book that it is to be sold: 03, 04 and 05 do")
    silent, withdrawn = _silent(element, kind), kind == DELETED
    if "title" not in silent:
        cells.values |= _descriptive(element, cells)
    if "price" not in silent:
        found = supply(element, cells, terms.currency, header)
        cells.values |= found.cells | (
            {} if "stock" in found.cells else {"stock": str(found.available * terms.copies)}
        )
        withdrawn, silent = found.withdrawn, silent | found.silent
    if kind != DELETED:
        cells.values |= {"publisher": _publisher(element), "blurb": _blurb(element), **_years(element)}
    row = book_row(cells)
    if row.format in (BookFormat.EBOOK, BookFormat.AUDIOBOOK) and "stock" in silent:
        row = row._replace(stock=0)  # there is no file yet that could be sold
    return Record(product.line, row._replace(withdrawn=withdrawn, silent=silent), cells.problems)


def _silent(product: Element, kind: str) -> frozenset[str]:
    """The fields that a deletion or an update says nothing of."""
    if kind == DELETED:
        return EVERYTHING - {"withdrawn"}
    absent = [names for block, names in BLOCKS.items() if kind in PARTIAL and product.find(block) is None]
    return frozenset(name for names in absent for name in names)


def _isbn(product: Element) -> str:
    """List 5: 15 is ISBN-13, 03 GTIN-13, which of a book is the same, 02 ISBN-10."""
    numbers = {
        _said(part, "ProductIDType"): _said(part, "IDValue") for part in product.findall("ProductIdentifier")
    }
    return numbers.get("15") or numbers.get("03") or numbers.get("02") or ""


def _descriptive(product: Element, cells: Cells) -> dict[str, str]:
    block = product.find("DescriptiveDetail")
    detail = block if block is not None else Element("DescriptiveDetail")
    title, subtitle = _title(detail)
    authors = _authors(detail) or _publisher(product).replace(";", ",")
    return {
        "title": title,
        "subtitle": subtitle,
        "authors": authors,
        "format": _format(detail, cells),
        "category": _category(detail),
    }


def _title(detail: Element) -> tuple[str, str]:
    """The distinctive title (list 15: 01) at the level of the product (list 149: 01)."""
    for title in detail.findall("TitleDetail"):
        for part in title.findall("TitleElement"):
            if _said(title, "TitleType") == "01" and _said(part, "TitleElementLevel") == "01":
                split = f"{_said(part, 'TitlePrefix')} {_said(part, 'TitleWithoutPrefix')}".strip()
                return _said(part, "TitleText") or split, _said(part, "Subtitle")
    return "", ""


def _authors(detail: Element) -> str:
    """As the demo catalogue has them: names, and after those who did not write, what they did."""
    people = sorted(
        detail.findall("Contributor"), key=lambda person: int(_digits(person, "SequenceNumber") or 0)
    )
    named = []
    for person in people:
        role, name = _said(person, "ContributorRole"), _name(person).replace(";", ",")
        if name and role in ROLES:
            named.append(f"{name} ({ROLES[role]})" if ROLES[role] else name)
    named = list(dict.fromkeys(named)) or [
        name for person in people if (name := _name(person).replace(";", ","))
    ]
    while len("; ".join(named)) > MOST_LETTERS and len(named) > 1:
        named.pop()
    return "; ".join(named)


def _name(person: Element) -> str:
    parts = (_said(person, name) for name in ("NamesBeforeKey", "PrefixToKey", "KeyNames"))
    family, _, given = _said(person, "PersonNameInverted").partition(",")
    return (
        _said(person, "PersonName")
        or " ".join(part for part in parts if part)
        or f"{given.strip()} {family}".strip()
        or _said(person, "CorporateName")
    )


def _format(detail: Element, cells: Cells) -> str:
    form, fine = _said(detail, "ProductForm"), _said(detail, "ProductFormDetail")
    if form.startswith("A") or (form.startswith("E") and fine.startswith("A")):
        return BookFormat.AUDIOBOOK
    if form.startswith("E"):
        return BookFormat.EBOOK
    if form.startswith("B"):
        return BookFormat.HARDCOVER if form in HARDCOVERS else BookFormat.PAPERBACK
    cells.refuse("format", f"{shown(form)} is no book: B…, E… and A… are")
    return ""


def _category(detail: Element) -> str:
    """The first part of the main subject's heading, since the shelf has a link for each."""
    subjects = [part for part in detail.findall("Subject") if _said(part, "SubjectHeadingText")]
    subjects.sort(key=lambda part: part.find("MainSubject") is None)
    heading = _said(subjects[0], "SubjectHeadingText").split(" / ")[0].strip() if subjects else ""
    return (heading.capitalize() if heading.isupper() else heading)[:100]


def _publisher(product: Element) -> str:
    detail = product.find("PublishingDetail")
    names = ("Publisher/PublisherName", "Imprint/ImprintName")
    return next((said for name in names if detail is not None and (said := _said(detail, name))), "")


def _years(product: Element) -> dict[str, str]:
    """List 163: 01 is when this edition comes out, 11 when the work first did."""
    dates = {
        _said(part, "PublishingDateRole"): _said(part, "Date")
        for part in product.findall("PublishingDetail/PublishingDate")
    }
    years = {role: found[0] for role, date in dates.items() if (found := re.match("[0-9]{4}", date))}
    return {"edition_year": years.get("01", ""), "first_published": years.get("11", "")}


def _blurb(product: Element) -> str:
    """List 153: 03 is the description, 02 a short one."""
    contents = reversed(product.findall("CollateralDetail/TextContent"))  # the first of a kind counts
    texts = {_said(part, "TextType"): part.find("Text") for part in contents}
    return next((plain_text(text) for kind in ("03", "02") if (text := texts.get(kind)) is not None), "")


def _said(element: Element, path: str) -> str:
    return " ".join((element.findtext(path) or "").split())


def _digits(element: Element, path: str) -> str:
    return said if (said := _said(element, path)).isascii() and said.isdigit() and len(said) < 9 else ""
