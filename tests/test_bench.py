"""The bench's own tools: what they make is what they say."""

import asyncio
import itertools
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from shop.catalogue_file import read_catalogue
from shop.search import search_text, search_title
from tools.bench.books import COLUMNS, bases, books, write_csv
from tools.bench.chart import svg
from tools.bench.costs_report import MIX, Cost
from tools.bench.costs_report import write as write_costs
from tools.bench.load import Load, get, once
from tools.bench.measured import Case, Figure, steadied


def test_made_books_have_the_words_that_the_shop_would_find() -> None:
    common = bases(None)[:50]
    for row in itertools.islice(books(common, 200), 0, 200, 7):
        book = dict(zip(COLUMNS, row, strict=True))
        said = [
            book[name] for name in ("title", "subtitle", "authors", "publisher", "category", "format", "isbn")
        ]
        assert book["search_title"] == search_title(*said[:2])
        assert set(book["search_text"].split()) == set(search_text(*said).split())


def test_real_rows_are_taken_and_multiplied(tmp_path: Path) -> None:
    real, made = tmp_path / "real.csv", tmp_path / "made.csv"
    real.write_text(
        'isbn13,title,authors,year\n9780141439518,"L\'Été, again","A. B, C. D",1813\n,No number,X,1\n'
    )
    write_csv(made, bases(real), 3)
    found = read_catalogue(made.read_bytes())
    assert {(book.title, book.authors, book.year) for book in found} == {
        ("L'Été, again", ("A. B", "C. D"), 1813)
    }
    assert found[0].isbn == "9780141439518"
    assert len({book.isbn for book in found}) == 3


@pytest.mark.parametrize(
    ("file", "says"),
    [
        (bytes(range(256)), "no CSV in UTF-8"),
        (b"isbn13,title,authors,price_cents\n9780141439518,L,A,12.50", "price_cents of L is 12.50"),
    ],
)
def test_rows_that_cannot_be_taken_are_told(tmp_path: Path, file: bytes, says: str) -> None:
    (tmp_path / "real.csv").write_bytes(file)
    with pytest.raises(ValueError, match=says):
        bases(tmp_path / "real.csv")


async def test_each_request_is_asked_once_and_answered_in_its_place() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            await reader.readuntil(b"\r\n\r\n")
            path = line.split()[1]
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(path), path))
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    load = await once(f"http://127.0.0.1:{port}", [get(f"/{n}") for n in range(50)], connections=4)
    server.close()
    assert [answer.body for answer in load.answers] == [f"/{n}".encode() for n in range(50)]
    assert load.errors == 0


def test_one_bad_second_of_bare_quart_makes_no_line_fast() -> None:
    case, load = Case("SQLite", 34, 1, ()), Load(100, 1, 2, 0)
    figures = [
        Figure("any", case, load, bare, size, None)
        for bare, size in ((4000, 12_000), (300, 12_500), (4200, 11_000), (9000, 0))
    ]
    assert [figure.bare for figure in steadied(figures)] == [4000, 4000, 4000, 9000]


def test_the_chart_can_be_drawn_with_what_was_left_out() -> None:
    drawn = svg({"shelf": 3.0, "cart & more": 0.05}, {"cart": [None, 1.0, 1.4]}, (34, 10_000, 1_000_000))
    words = [text.text for text in ElementTree.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text")]
    assert {"cart & more", "3.00", "0.050", "1,000,000 books"} <= set(words)


def test_a_day_follows_from_what_a_page_view_and_an_order_cost(tmp_path: Path) -> None:
    views = {name: Cost(name, 2.0, 0, 1000, {}, 1, 0) for name in MIX}
    bought = Cost("check out", 200.0, 3, 1000, {"GET /a": 2.0, "POST /a": 1.0}, 30, 4)
    write_costs(tmp_path, [*views.values(), bought], list(views), ["check out"])
    told = (tmp_path / "COSTS.md").read_text()
    assert "| **a page view**, mixed | 2.0 | 1.0 | 0.0 | 0.0 | 1,000 |" in told
    assert "most is `GET /a`: 2.0 times" in told
    assert "| orders | 12,000 | 0.4 |" in told  # 86,400 s, half of them, a third of the peak, 1.2 s for each
