"""A catalogue file is read whole, or everything that is wrong with it is said."""

import csv
import io
from pathlib import Path

import pytest
from babel.numbers import list_currencies
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import isbn

from shop.book_row import CURRENCIES, OPTIONAL, REQUIRED
from shop.catalogue_file import BookRow, CatalogueErrors, read_catalogue
from shop.models import UNLIMITED, BookFormat
from shop.money import MAXIMUM

DEMO = Path("shop/data/demo_books.csv").read_bytes()
FLATLAND = {
    "isbn13": "9780486272634", "title": "Flatland", "authors": "Edwin A. Abbott", "price_cents": "500",
    "currency": "usd", "stock": "40",
}  # fmt: skip


OTHER = FLATLAND | {"isbn13": "9780807083697", "title": "Kindred", "authors": "Octavia E. Butler"}


def csv_of(*rows: dict[str, str]) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)))
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


def problems_of(data: bytes) -> list[str]:
    with pytest.raises(CatalogueErrors) as raised:
        read_catalogue(data)
    return [str(problem) for problem in raised.value.problems]


def test_the_demo_catalogue_is_read():
    books = read_catalogue(DEMO)
    assert len(books) == 35
    assert books[0] == BookRow(
        isbn="9781732265172",
        title="The Art of Doing Science and Engineering",
        subtitle="Learning to Learn",
        authors=("Richard W. Hamming",),
        publisher="Stripe Press",
        year=2020,
        first_published=1997,
        format=BookFormat.HARDCOVER,
        category="Thinking",
        price=2300,
        currency="usd",
        stock=24,
        blurb=books[0].blurb,
    )
    assert books[1].isbn is None
    assert books[10].authors == ("Erich Gamma", "Richard Helm", "Ralph Johnson", "John Vlissides")


def test_only_five_columns_are_needed_and_others_are_ignored():
    row = {name: FLATLAND[name] for name in REQUIRED} | {"colour": "green"}
    (book,) = read_catalogue(csv_of(row))
    assert (book.isbn, book.year, book.format, book.blurb) == (None, None, BookFormat.PAPERBACK, "")


EBOOK = FLATLAND | {"stock": "", "file": "ebooks/flatland.epub", "format": "ebook"}


def test_a_file_makes_an_e_book_that_is_never_sold_out():
    (book,) = read_catalogue(csv_of(EBOOK | {"format": ""}))
    assert (book.file, book.format, book.stock) == ("ebooks/flatland.epub", BookFormat.EBOOK, UNLIMITED)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"file": "../flatland.epub"}, "must be a path from the folder of this catalogue"),
        ({"file": "/etc/flatland.epub"}, "must be a path from the folder of this catalogue"),
        ({"file": "..\\flatland.epub"}, "must be a path from the folder of this catalogue"),
        ({"file": "flatland.exe"}, "is none of the kinds that are sold: .epub, .pdf"),
        ({"format": "paperback"}, "a paperback is no file"),
        ({"stock": "5"}, "must be empty for a file, which is never sold out"),
    ],
)
def test_what_no_e_book_can_be_is_named(changed, says):
    [problem] = problems_of(csv_of(EBOOK | changed))
    assert says in problem


def test_a_file_that_is_not_beside_the_catalogue_is_named(tmp_path):
    with pytest.raises(CatalogueErrors, match=r'line 2, column file: "ebooks/flatland.epub" is not there'):
        read_catalogue(csv_of(EBOOK), tmp_path)


def test_a_byte_order_mark_capital_column_names_and_blank_lines_are_no_fault():
    data = b"\xef\xbb\xbf" + csv_of(FLATLAND).replace(b"title", b" Title ") + b"\r\n,,,,,\r\n\r\n"
    assert read_catalogue(data)[0].title == "Flatland"


@pytest.mark.parametrize("written", ["0-486-27263-X", "978-0-486-27263-4", " 9780486272634 ", "048627263X"])
def test_an_isbn_is_kept_as_thirteen_digits(written):
    assert read_catalogue(csv_of(FLATLAND | {"isbn13": written}))[0].isbn == "9780486272634"


@pytest.mark.parametrize("written", ["ebook", "E-Book", "e book"])
def test_a_format_may_be_written_as_people_write_it(written):
    assert read_catalogue(csv_of(FLATLAND | {"format": written}))[0].format == BookFormat.EBOOK


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("price_cents", "12.50", '"12.50" is not a whole number of minor units (1250 for $12.50)'),
        ("price_cents", "-1", '"-1" is not a whole number of minor units (1250 for $12.50)'),
        ("price_cents", "٥", '"٥" is not a whole number of minor units (1250 for $12.50)'),
        ("price_cents", "100000000", '"100000000" is not between 0 and 99999999'),
        ("price_cents", "9" * 5000, f'"{"9" * 39}…" is not between 0 and 99999999'),
        ("price_cents", "", "is empty"),
        ("currency", "dem", '"dem" is not a currency that Stripe takes (usd, eur, jpy …)'),
        ("currency", "", "is empty"),
        ("stock", "many", '"many" is not a whole number of copies'),
        ("stock", "1000001", '"1000001" is not between 0 and 1000000'),
        ("isbn13", "9780486272635", '"9780486272635" has a wrong check digit'),
        ("isbn13", "97804862", '"97804862" is not an ISBN: it should have 13 digits, or 10'),
        (
            "isbn13",
            "4006381333931",
            '"4006381333931" is not an ISBN: it begins neither with 978 nor with 979',
        ),
        ("isbn13", "9.78049E+12", '"9.78049E+12" was shortened by a spreadsheet: make the column text'),
        ("isbn13", "none", '"none" is not an ISBN'),
        ("edition_year", "99", '"99" is not between 1450 and 2100'),
        ("edition_year", "c. 1990", '"c. 1990" is not a year'),
        ("first_published", "0", '"0" is not between 1 and 2100'),
        ("format", "scroll", '"scroll" is not a format: hardcover, paperback, ebook, audiobook'),
        ("title", " ", "is empty"),
        ("title", "\u200b", "is empty"),
        ("title", "x" * 301, "has 301 characters; at most 300 are allowed"),
        ("title", "Flat\x07land", "contains the control character U+0007"),
        ("title", "Flat\0land", "contains the control character U+0000"),
        ("title", "Flat\u202eland", "contains the control character U+202E"),
        ("authors", " ; ;", '"; ;" names nobody'),
        ("authors", "A; " * 200, "has 599 characters; at most 500 are allowed"),
        ("blurb", "x" * 10_001, "has 10001 characters; at most 10000 are allowed"),
    ],
)
def test_a_bad_cell_is_named_with_line_column_and_reason(column, value, reason):
    assert problems_of(csv_of(FLATLAND | {column: value})) == [f"line 2, column {column}: {reason}"]


def test_a_first_edition_is_not_after_this_one():
    row = FLATLAND | {"edition_year": "1992", "first_published": "1993"}
    assert problems_of(csv_of(row)) == ["line 2, column first_published: 1993 is after edition_year 1992"]


def test_a_price_in_a_currency_of_three_decimals_ends_in_nought():
    assert read_catalogue(csv_of(FLATLAND | {"currency": "KWD", "price_cents": "4700"}))[0].currency == "kwd"
    said = problems_of(csv_of(FLATLAND | {"currency": "kwd", "price_cents": "4701"}))
    assert said == ['line 2, column price_cents: "4701" must end in 0: Stripe takes kwd in steps of ten']


def test_every_problem_of_the_file_is_reported_in_the_order_of_the_lines():
    rows = [FLATLAND | {"stock": "x", "price_cents": "y"}, OTHER, FLATLAND | {"title": "", "isbn13": ""}]
    data = csv_of(*rows) + b"too,few\r\n"
    starts = [problem.split(": ")[0] for problem in problems_of(data)]
    assert starts == ["line 2, column price_cents", "line 2, column stock", "line 4, column title", "line 5"]


def test_of_very_many_problems_the_message_shows_the_first_and_counts_the_rest():
    with pytest.raises(CatalogueErrors) as raised:
        read_catalogue(csv_of(*[FLATLAND | {"stock": "x"}] * 103))
    lines = str(raised.value).splitlines()
    assert len(raised.value.problems) == 205  # each but the first is a duplicate, too
    assert len(lines) == 101
    assert lines[-1] == "… and 105 more problems"


def test_a_line_number_is_that_of_the_line_where_the_row_begins():
    rows = [
        FLATLAND | {"blurb": 'A "square"\ntells\r\nhis story.'},
        FLATLAND | {"isbn13": "", "title": "B", "stock": "x"},
    ]
    assert problems_of(csv_of(*rows)) == ['line 5, column stock: "x" is not a whole number of copies']
    assert read_catalogue(csv_of(rows[0]))[0].blurb == 'A "square"\ntells\nhis story.'


def test_the_same_isbn_twice_names_both_lines():
    rows = [FLATLAND, FLATLAND | {"title": "Flatland again", "isbn13": "0-486-27263-X"}]
    assert problems_of(csv_of(*rows)) == ["line 3, column isbn13: 9780486272634 is already on line 2"]


def test_without_isbn_the_same_title_and_authors_twice_name_both_lines():
    reason = '"FLATLAND" by the same authors is already on line 2; give both an ISBN'
    for first in (FLATLAND, FLATLAND | {"isbn13": ""}):
        rows = [first, FLATLAND | {"isbn13": "", "title": "FLATLAND"}]
        assert problems_of(csv_of(*rows)) == [f"line 3, column title: {reason}"]


def test_two_editions_of_a_book_have_an_isbn_each():
    assert len(read_catalogue(csv_of(FLATLAND, FLATLAND | {"isbn13": "9780691165554"}))) == 2


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "line 1: the file is empty; its first line must name the columns"),
        (b"\n \n", "line 1: the file is empty; its first line must name the columns"),
        (b",".join(map(str.encode, REQUIRED)), "line 1: there are no books below the names of the columns"),
        (
            b"\ntitle,authors,price",
            'line 2: missing columns: price_cents, currency, stock; the file has "title", "auth',
        ),
        (
            b";".join(map(str.encode, REQUIRED)),
            "line 1: the columns are separated by semicolons: save the file with",
        ),
        (
            b"\t".join(map(str.encode, REQUIRED)),
            "line 1: the columns are separated by tabs: save the file with",
        ),
        (b"sep=;\ntitle;authors", "line 1: the columns are separated by semicolons: save the file with"),
        (csv_of(FLATLAND).decode().encode("utf-16"), "line 1: the file is UTF-16, not UTF-8: save it as"),
        (csv_of(FLATLAND) + "Gödel".encode("latin-1"), "line 3: byte 0xF6 is not UTF-8: save the file as"),
        (csv_of(FLATLAND) + b'"9780', "line 3: a quotation mark opens a field here and none closes it"),
        (
            csv_of(FLATLAND) + b'"a"b"',
            "line 3: a quotation mark stands inside a quoted field: write it twice",
        ),
        (
            csv_of(FLATLAND) + b"x" * 140_000,
            "line 3: this is not CSV (field larger than field limit (131072))",
        ),
        (csv_of(FLATLAND) + b"one", "line 3: has 1 field where the first line has 6"),
        (csv_of(FLATLAND) + b"1,2,3,4,5,6,7", "line 3: has 7 fields where the first line has 6"),
        (csv_of(FLATLAND).replace(b"isbn13", b"title"), "line 1, column title: is there twice"),
    ],
)
def test_a_file_that_is_no_catalogue_gets_one_clear_sentence(data, said):
    (problem,) = problems_of(data)
    assert problem.startswith(said)


def test_every_currency_is_one_that_babel_can_write():
    assert {currency.upper() for currency in CURRENCIES} <= list_currencies()


cell = st.text(max_size=12) | st.sampled_from([*FLATLAND.values(), "12.50", '"', ";", "\n", "\0", "kwd", "0"])
tables = st.lists(st.lists(cell, min_size=1, max_size=8), max_size=5).map(
    lambda rows: "\n".join(",".join(row) for row in [[*FLATLAND], *rows]).encode(errors="replace")
)


@settings(max_examples=400, deadline=None)
@given(st.binary(max_size=200) | tables | st.binary(max_size=60).map(lambda tail: csv_of(FLATLAND) + tail))
def test_any_bytes_are_a_catalogue_or_have_problems_that_can_be_said(data):
    try:
        said = ["" for _ in read_catalogue(data)]
    except CatalogueErrors as errors:
        said = str(errors).splitlines()
    assert said
    assert all(line.isprintable() for line in said)


letters = st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Zl", "Zp"])
one_line = st.text(letters, max_size=40).map(lambda text: " ".join(text.split()))
name = one_line.filter(lambda text: ";" not in text and any(map(str.isalnum, text)))
years = st.none() | st.integers(1450, 2100)
book_rows = st.builds(
    BookRow,
    isbn=st.none() | st.integers(0, 10**9 - 1).map(lambda n: isbn.to_isbn13(f"{n:09}0")),
    title=name,
    subtitle=one_line,
    authors=st.lists(name, min_size=1, max_size=4).map(tuple),
    publisher=one_line,
    year=years,
    first_published=st.none() | st.integers(1, 1450),
    category=one_line,
    price=st.integers(0, MAXIMUM // 10).map(lambda tens: tens * 10),
    currency=st.sampled_from(sorted(CURRENCIES)),
    stock=st.integers(0, 10**6),
    blurb=st.lists(one_line, max_size=3).map(lambda lines: "\n".join(lines).strip()),
    file=st.none(),
    withdrawn=st.just(False),
    silent=st.just(frozenset()),
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        book_rows,
        min_size=1,
        max_size=4,
        unique_by=(lambda row: row.isbn or row, lambda row: row.title.casefold()),
    )
)
def test_books_written_as_csv_are_read_as_they_were(books):
    def written(book: BookRow) -> dict[str, str]:
        cells = dict(
            zip(("isbn13", "edition_year", "price_cents"), (book.isbn, book.year, book.price), strict=True)
        )
        cells |= {name: getattr(book, name) for name in (*REQUIRED, *OPTIONAL) if name not in cells}
        return {name: "" if value is None else str(value) for name, value in cells.items()} | {
            "authors": "; ".join(book.authors)
        }

    assert read_catalogue(csv_of(*map(written, books))) == books
