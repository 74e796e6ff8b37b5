"""`shop import FILE`: keyed by ISBN, all or nothing, safe to repeat."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import select

from shop.cli import main
from shop.models import Book
from shop.stocking import DEMO_BOOKS, import_catalogue
from tests.conftest import ShopUnderTest

HEAD = "isbn13,title,authors,price_cents,currency,stock\n"


async def books(shop: ShopUnderTest) -> dict[str, Book]:
    async with shop.db.read() as session:
        return {book.slug: book for book in await session.scalars(select(Book))}


def written(*rows: str) -> bytes:
    return (HEAD + "".join(f"{row}\n" for row in rows)).encode()


async def test_importing_again_changes_nothing(shop: ShopUnderTest) -> None:
    before = {slug: book.id for slug, book in (await books(shop)).items()}
    stocked = await import_catalogue(shop.db, DEMO_BOOKS.read_bytes())
    assert (stocked.added, stocked.updated) == (0, 35)
    assert {slug: book.id for slug, book in (await books(shop)).items()} == before


async def test_a_book_is_known_by_its_isbn_and_keeps_its_address(shop: ShopUnderTest) -> None:
    await import_catalogue(shop.db, written("978-0-486-27263-4,Flatland!,E. A. Abbott,600,usd,3"))
    book = (await books(shop))["flatland"]
    assert (book.title, book.price, book.stock) == ("Flatland!", 600, 3)


async def test_a_book_without_isbn_is_known_by_title_and_authors(shop: ShopUnderTest) -> None:
    row = ",The Making of Prince of Persia,Jordan Mechner,2600,usd,1"
    stocked = await import_catalogue(shop.db, written(row))
    assert (stocked.added, stocked.updated) == (0, 1)
    assert (await books(shop))["the-making-of-prince-of-persia"].price == 2600


async def test_two_editions_of_one_title_have_two_addresses(shop: ShopUnderTest) -> None:
    await import_catalogue(shop.db, written("9780141439464,Flatland,Edwin A. Abbott,900,usd,3"))
    assert {"flatland", "flatland-2"} <= (await books(shop)).keys()


@pytest.mark.parametrize("title", ["戦争と平和", "!!!", "É"])
async def test_a_title_in_any_script_gets_an_address(shop: ShopUnderTest, title: str) -> None:
    await import_catalogue(shop.db, written(f"9780141439464,{title},Somebody,900,usd,3"))
    [slug] = [slug for slug, book in (await books(shop)).items() if book.title == title]
    assert slug in ("9780141439464", "e")


def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, data: bytes | None) -> int:
    monkeypatch.setenv("INSTANCE_PATH", str(tmp_path))
    (tmp_path / "books.csv").write_bytes(data) if data is not None else None
    return main(["import", str(tmp_path / "books.csv")])


def test_the_command_says_what_it_did(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "the-last-page.epub").write_bytes(b"an e-book")
    assert run(monkeypatch, tmp_path, DEMO_BOOKS.read_bytes()) == 0
    assert capsys.readouterr().out == "Books added: 35, brought up to date: 0.\n"


def test_an_e_book_is_copied_under_a_name_that_its_content_gives_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head, row = HEAD.replace("\n", ",file\n"), ",On Ends,Somebody,400,usd,,one.epub\n"
    for content in (b"first", b"first", b"second"):
        (tmp_path / "one.epub").write_bytes(content)
        assert run(monkeypatch, tmp_path, f"{head}{row}".encode()) == 0
    assert run(monkeypatch, tmp_path, written(",On Ends,Somebody,500,usd,7")) == 0  # it is an e-book still
    kept = sorted(path.read_bytes() for path in (tmp_path / "files").iterdir())
    assert kept == [b"first", b"second"]
    with sqlite3.connect(tmp_path / "shop.db") as database:
        [(name, price)] = database.execute("SELECT file, price FROM books")
    database.close()
    assert (tmp_path / "files" / name).read_bytes() == b"second"
    assert (price, name[-5:]) == (500, ".epub")


def test_a_bad_row_imports_nothing_and_names_line_column_and_reason(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = "9780141439464,Flatland,E. A. Abbott,900,usd,3", "9780141439465,Other,Somebody,9.00,usd,3"
    assert run(monkeypatch, tmp_path, written(good, bad)) == 1
    said = capsys.readouterr().err
    assert "Nothing was imported" in said
    assert "line 3, column isbn13" in said
    assert "line 3, column price_cents" in said
    assert run(monkeypatch, tmp_path, written(good)) == 0
    assert capsys.readouterr().out == "Books added: 1, brought up to date: 0.\n"


def test_a_file_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, tmp_path, None) == 2
    assert capsys.readouterr().err.count("\n") == 1
