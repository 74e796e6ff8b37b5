"""ONIX 3.0 comes in by the same door as CSV, with either kind of tags."""

import io
from pathlib import Path

import pytest

from shop.book_row import BookRow
from shop.catalogue_file import records
from shop.models import BookFormat
from shop.onix import Terms

HERE = Path(__file__).parent / "onix"
FULL = (HERE / "reference.xml").read_text()
FORM, ISBN = "<ProductForm>BB</ProductForm>", "9780486282114"


def read(text: str | bytes, terms: Terms | None = None) -> tuple[list[BookRow], list[str]]:
    """The good books, and what is said of the others."""
    data = text if isinstance(text, bytes) else text.encode()
    found = list(records(io.BytesIO(data), None, terms))
    good = [record.book for record in found if record.book and not record.problems]
    return good, [str(problem) for record in found for problem in record.problems]


def changed(old: str, new: str, terms: Terms | None = None) -> tuple[list[BookRow], list[str]]:
    assert old in FULL
    return read(FULL.replace(old, new), terms)


@pytest.mark.parametrize("name", ["reference.xml", "short.xml"])
def test_a_product_is_read_with_reference_and_with_short_tags(name: str) -> None:
    (book, update, deletion), problems = read((HERE / name).read_bytes())
    assert not problems
    assert book == BookRow(
        isbn=ISBN,
        title="The Modern Prometheus",
        subtitle="Frankenstein’s Story",
        authors=("Mary Shelley", "Ann Editor (editor)"),
        publisher="Dover",
        year=1994,
        first_published=1818,
        format=BookFormat.HARDCOVER,
        category="Fiction",
        price=650,
        currency="usd",
        stock=12,
        blurb="A student makes a man,\n\nand will not look at him & his.",
    )
    assert (update.isbn, update.price, update.silent >= {"title", "stock"}) == ("9780486272634", 575, True)
    assert (deletion.isbn, deletion.withdrawn, "price" in deletion.silent) == ("9780807083697", True, True)


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1", "windows-1252"])
def test_the_declared_encoding_counts(encoding: str) -> None:
    text = FULL.replace("’", "é").replace("UTF-8", encoding)
    assert read(text.encode(encoding))[0][0].subtitle == "Frankensteinés Story"


@pytest.mark.parametrize(
    ("form", "format"),
    [
        ("BC", "paperback"),
        ("BH", "hardcover"),
        ("EA", "ebook"),
        ("AJ", "audiobook"),
        ("ED</ProductForm><ProductFormDetail>A103</ProductFormDetail><ProductForm>", "audiobook"),
    ],
)
def test_forms_of_products_are_formats_of_books(form: str, format: str) -> None:
    [book, *_], problems = changed(FORM, f"<ProductForm>{form}</ProductForm>")
    assert (book.format, problems) == (format, [])


@pytest.mark.parametrize(
    ("state", "stock", "withdrawn"),
    [("20", "3", False), ("23", "3", False), ("10", "0", False), ("43", "0", True), ("99", "0", False)],
)
def test_availability_says_whether_it_is_sold(state: str, stock: str, withdrawn: bool) -> None:
    text = FULL.replace("<Stock><OnHand>7</OnHand></Stock>", "").replace(
        "<Stock><OnHand>5</OnHand></Stock>", ""
    )
    text = text.replace(">21</ProductAvailability>", f">{state}</ProductAvailability>")
    [book, *_], problems = read(text, Terms(copies=3))
    assert (str(book.stock), book.withdrawn, "stock" in book.silent, problems) == (stock, withdrawn, True, [])


def test_of_several_currencies_one_is_chosen() -> None:
    other = "<Price><PriceAmount>700</PriceAmount><CurrencyCode>JPY</CurrencyCode></Price>"
    old = "<Price><PriceAmount>6.00</PriceAmount></Price>"
    assert changed(old, other, Terms("jpy"))[0][0].price == 700
    [problem] = changed(old, other)[1]
    assert problem.endswith("element Price: there are prices in JPY and USD: choose with --currency")
    [said, *_] = changed(old, other, Terms("eur"))[1]
    assert "there is no retail price in EUR of today (PriceType 02, 04" in said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (f"<IDValue>{ISBN}</IDValue>", "", "ProductIdentifier: there is no ISBN (ProductIDType 15)"),
        (ISBN, "9780486282115", 'ProductIdentifier: "9780486282115" has a wrong check digit'),
        (FORM, "<ProductForm>ZE</ProductForm>", 'ProductForm: "ZE" is no book'),
        (">6.5<", ">6.505<", 'Price: "6.505" is no amount in "USD"'),
        ("Modern  Prometheus", "x" * 300, "TitleDetail: has 304 characters; at most 300 are allowed"),
        (">03</NotificationType>", ">88</NotificationType>", 'NotificationType: "88" says of no book'),
        ("9780486272634", ISBN, f"ProductIdentifier: {ISBN} is already on line 9"),
    ],
)
def test_a_bad_product_is_named_with_line_element_and_reason(old: str, new: str, said: str) -> None:
    good, [problem] = changed(old, new)
    assert said in problem
    assert problem.startswith(("line 9, element ", "line 97, element "))
    assert len(good) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("plain &lt;b&gt;bold&lt;/b&gt; &amp;amp; more&lt;br/&gt;&lt;script&gt;x()&lt;/script&gt;end",
         "plain bold & more\n\nend"),
        ("<![CDATA[<p>One &eacute;</p><p>two</p>]]>", "One é\n\ntwo"),
        ("if a &lt; b &amp; c &gt; d", "if a < b & c > d"),
    ],
)  # fmt: skip
def test_a_description_is_told_without_its_markup(text: str, said: str) -> None:
    old = FULL[
        FULL.index("<p>A student") : FULL.index("</Text>\n      </TextContent>\n    </CollateralDetail>")
    ]
    assert changed(old, text)[0][0].blurb == said


BOMB = '<!DOCTYPE ONIXMessage [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("<ONIXMessage", f"{BOMB}<ONIXMessage", "it declares entities of its own, which is not safe to read"),
        ("<ONIXMessage", '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><ONIXMessage', "it declares entities"),
        ('release="3.0"', 'release="2.1"', "this is ONIX 2.1: ask for ONIX 3.0"),
        (FULL[FULL.index("<ONIX") :], "<html/>", "this is XML, but no ONIX message: it begins with <html>"),
        ("</Header>", "</Head>", "this is not XML from here on (mismatched tag); what follows was not read"),
        ("Mary", "&bogus;", "this is not XML from here on (undefined entity); what follows was not read"),
        ("Mary", "<i>" * 99 + "</i>" * 99, "elements lie in one another too deep"),
        ("UTF-8", "klingon", "the encoding cannot be read"),
        (FULL[FULL.index("  <Product>") :], "</ONIXMessage>", "there are no books in this ONIX message"),
    ],
)  # fmt: skip
def test_a_message_that_is_not_safe_or_none_gets_one_clear_sentence(old: str, new: str, said: str) -> None:
    good, [problem] = changed(old, new)
    assert said in problem
    assert not good


def test_of_a_deletion_only_the_isbn_counts() -> None:
    deleted = FULL.replace(">03</NotificationType>", ">05</NotificationType>")
    [book, *_], problems = read(deleted.replace(">1994", ">9999").replace(FORM, "").replace(">6.5<", ">x<"))
    assert (book.withdrawn, problems) == (True, [])


def test_what_stands_before_a_fault_is_read() -> None:
    good, [problem] = changed("colophon.3", "<i>" * 99)
    assert [book.isbn for book in good] == [ISBN, "9780486272634"]
    assert problem.startswith("line 10")


def test_a_doctype_that_declares_nothing_here_is_no_fault_and_its_letters_are_known() -> None:
    doctype = '<!DOCTYPE ONIXMessage SYSTEM "http://www.editeur.org/onix/3.0/reference.dtd">\n<ONIXMessage'
    text = FULL.replace("<ONIXMessage", doctype).replace("Mary", "Mar&yacute;")
    assert read(text)[0][0].authors[0] == "Marý Shelley"


def test_a_product_without_end_is_not_read_to_its_end() -> None:
    [problem] = changed("Mary", "Mary" * 600_000)[1]
    assert "the product that begins on line 9 has no end in sight" in problem
    [problem] = changed("Mary", f"<!-- {'Mary' * 600_000} -->Mary")[1]
    assert "a tag or a comment has no end in sight" in problem
