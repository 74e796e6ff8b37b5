"""`shop import FILE`: keyed by ISBN, all of it unless bad books are to be skipped, safe to repeat."""

import asyncio
import contextlib
import io
import os
import sqlite3
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import select
from stdnum import isbn

from shop.cli import main
from shop.importing import Report, Wish, import_file
from shop.models import Book
from shop.settings import ROOT
from shop.stocking import DEMO_BOOKS, Kind
from tests.conftest import ShopUnderTest
from tests.shelving import search, titles
from tests.shopper import Shopper, text
from tools.bench.others import memory_of

DATABASE = "sqlite"
ONIX = (ROOT / "tests/onix/reference.xml").read_bytes()
HEAD = "isbn13,title,authors,price_cents,currency,stock\n"


async def books(shop: ShopUnderTest) -> dict[str, Book]:
    async with shop.db.read() as session:
        return {book.slug: book for book in await session.scalars(select(Book))}


def written(*rows: str) -> bytes:
    return (HEAD + "".join(f"{row}\n" for row in rows)).encode()


async def load(shop: ShopUnderTest, data: bytes, wish: Wish | None = None) -> Report:
    return await import_file(shop.db, io.BytesIO(data), wish)


async def test_importing_again_changes_nothing(shop: ShopUnderTest) -> None:
    before = {slug: book.id for slug, book in (await books(shop)).items()}
    report = await load(shop, DEMO_BOOKS.read_bytes())
    assert report.kinds == {Kind.UNCHANGED: 35}
    assert {slug: book.id for slug, book in (await books(shop)).items()} == before


async def test_a_book_is_known_by_its_isbn_and_keeps_its_address(shop: ShopUnderTest) -> None:
    report = await load(shop, written("978-0-486-27263-4,Flatland!,E. A. Abbott,600,usd,3"))
    assert report.kinds == {Kind.CHANGED: 1}
    book = (await books(shop))["flatland"]
    assert (book.title, book.price, book.stock) == ("Flatland!", 600, 3)
    assert "e a abbott" in book.search_text


async def test_a_book_without_isbn_is_known_by_title_and_authors(shop: ShopUnderTest) -> None:
    row = ",The Making of Prince of Persia,Jordan Mechner,2600,usd,1"
    assert (await load(shop, written(row))).kinds == {Kind.CHANGED: 1}
    assert (await books(shop))["the-making-of-prince-of-persia"].price == 2600


@pytest.mark.both_databases
async def test_many_editions_of_one_title_have_an_address_each(shop: ShopUnderTest) -> None:
    rows = [f"{isbn.to_isbn13(f'{n:09}0')},Flatland,Edwin A. Abbott,900,usd,3" for n in range(5, 11)]
    await load(shop, written(*rows))
    await load(shop, written(*(f",Flatland,Number {n},900,usd,3" for n in range(2))))
    added = {slug for slug in await books(shop) if slug.startswith("flatland-")}
    by_isbn = {f"flatland-{row[:13]}" for row in rows[4:]}
    assert added == {*(f"flatland-{n}" for n in range(2, 8)), *by_isbn}


@pytest.mark.parametrize("title", ["戦争と平和", "!!!", "É"])
async def test_a_title_in_any_script_gets_an_address(shop: ShopUnderTest, title: str) -> None:
    await load(shop, written(f"9780141439464,{title},Somebody,900,usd,3"))
    [slug] = [slug for slug, book in (await books(shop)).items() if book.title == title]
    assert slug in ("9780141439464", "e")


@pytest.mark.both_databases
async def test_onix_adds_changes_and_withdraws_books(shop: ShopUnderTest, shopper: Shopper) -> None:
    await shopper.add("kindred")
    before = await books(shop)
    report = await load(shop, ONIX)
    assert report.kinds == {Kind.ADDED: 1, Kind.CHANGED: 1, Kind.WITHDRAWN: 1}
    page = await shopper.get("/books/the-modern-prometheus")
    assert "Mary Shelley, Ann Editor (editor)" in text(page)
    assert titles(await search(shopper, "prometheus")) == ["The Modern Prometheus"]
    flatland = (await books(shop))["flatland"]
    assert (flatland.price, flatland.stock) == (575, before["flatland"].stock)
    assert flatland.blurb == before["flatland"].blurb
    assert "Kindred is no longer sold." in text(await shopper.get("/cart"))
    assert (await load(shop, ONIX)).kinds == {Kind.UNCHANGED: 3}


async def test_a_withdrawn_book_that_comes_in_again_is_sold_again(
    shop: ShopUnderTest, shopper: Shopper
) -> None:
    await load(shop, ONIX)
    assert (await shopper.get("/books/kindred")).status_code == 410
    report = await load(shop, DEMO_BOOKS.read_bytes())
    assert report.fields["sold again"] == 1
    assert (await shopper.get("/books/kindred")).status_code == 200


async def test_updates_and_deletions_of_books_that_we_do_not_have_are_no_fault(shop: ShopUnderTest) -> None:
    others = ONIX.replace(b"9780486272634", b"9780141439464").replace(b"9780807083697", b"9780691165554")
    report = await load(shop, others)
    assert (report.kinds, report.bad) == ({Kind.ADDED: 1, Kind.UNKNOWN: 2}, 0)


@pytest.mark.both_databases
async def test_shoppers_write_between_the_batches_of_an_import(shop: ShopUnderTest, shopper: Shopper) -> None:
    rows = [f",Long list {n},Somebody,900,usd,3" for n in range(3000)]
    importing = asyncio.create_task(load(shop, written(*rows), Wish(skip_bad=True)))
    waited, answers = [], []
    while not importing.done():
        begun = time.monotonic()
        answers.append((await shopper.add("flatland")).status_code)
        waited.append(time.monotonic() - begun)
    assert (await importing).kinds == {Kind.ADDED: 3000}
    assert len(answers) > 2
    assert set(answers[:20]) == {303}
    assert max(waited) < 1


def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, data: bytes | None, *more: str) -> int:
    monkeypatch.setenv("INSTANCE_PATH", str(tmp_path))
    (tmp_path / "books.csv").write_bytes(data) if data is not None else None
    return main(["import", str(tmp_path / "books.csv"), *more])


def stocked(tmp_path: Path) -> list[str]:
    """Of the database that the command has made."""
    with contextlib.closing(sqlite3.connect(tmp_path / "shop.db")) as database:
        return [title for (title,) in database.execute("SELECT title FROM books ORDER BY id")]


def test_the_command_says_what_it_did(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "the-last-page.epub").write_bytes(b"an e-book")
    assert run(monkeypatch, tmp_path, DEMO_BOOKS.read_bytes()) == 0
    assert said(capsys) == "Imported: Added 35 Changed 0"
    cheaper = DEMO_BOOKS.read_bytes().replace(b",500,usd,40", b",450,usd,41")
    assert run(monkeypatch, tmp_path, cheaper) == 0
    assert said(capsys) == "Imported: Added 0 Changed 1 (price 1, stock 1) Unchanged 34"


def said(capsys: pytest.CaptureFixture[str]) -> str:
    out, err = capsys.readouterr()
    assert "\r" not in err  # no bar where nobody watches
    return " ".join(f"{err} {out}".split())


GOOD, BAD = "9780141439464,Flatland,E. A. Abbott,900,usd,3", "9780141439465,Other,Somebody,9.00,usd,3"


def test_a_dry_run_says_what_would_be_and_writes_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head, ebook = HEAD.replace("\n", ",file\n"), ",On Ends,Somebody,400,usd,,one.epub\n"
    (tmp_path / "one.epub").write_bytes(b"an e-book")
    assert run(monkeypatch, tmp_path, f"{head}{GOOD},\n{ebook}".encode()) == 0
    capsys.readouterr()
    (tmp_path / "one.epub").write_bytes(b"another")
    data = f"{head}{GOOD.replace('900', '950')},\n{ebook},New,Somebody,1,usd,1,\n{BAD},\n".encode()
    assert run(monkeypatch, tmp_path, data, "--dry-run", "--list", str(tmp_path / "list.txt")) == 1
    assert "A dry run: nothing was written." in (report := said(capsys))
    assert "Added 1 Changed 2 (price 1, file 1) Bad 1 (not imported)" in report
    assert stocked(tmp_path) == ["Flatland", "On Ends"]
    assert len(list((tmp_path / "files").iterdir())) == 1
    listed = (tmp_path / "list.txt").read_text().splitlines()
    assert 'line 2: changed price: "Flatland" 9780141439464' in listed
    assert 'line 4: added: "New"' in listed
    assert any(line.startswith("line 5, column isbn13: ") for line in listed)


def test_bad_books_can_be_skipped(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [BAD, GOOD, "too,few", *(",x,y,z,usd,1" for _ in range(30)), ",Last,Somebody,1,usd,1"]
    assert run(monkeypatch, tmp_path, written(*rows), "--skip-bad") == 1
    assert stocked(tmp_path) == ["Flatland", "Last"]
    report = said(capsys)
    assert "line 2, column isbn13: " in report
    assert "line 4: has 2 fields where the first line has 6" in report
    assert "… and 42 more than these 20: with --list FILE you get them all" in report
    assert report.endswith("Imported: Added 2 Changed 0 Bad 32 (not imported)")


def test_the_list_does_not_overwrite_what_is_imported(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, tmp_path, written(GOOD), "--list", str(tmp_path / "books.csv")) == 2
    assert "list into another file" in said(capsys)
    assert (tmp_path / "books.csv").read_bytes() == written(GOOD)


def test_a_bar_shows_how_far_it_is_where_somebody_watches(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    assert run(monkeypatch, tmp_path, written(GOOD)) == 0
    drawn = terminal.getvalue()
    assert "Importing" in drawn
    assert "100%" in drawn
    assert drawn.endswith("\r\x1b[K")


def test_onix_comes_in_by_the_command_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, tmp_path, ONIX, "--currency", "usd", "--copies", "3") == 0
    assert said(capsys).startswith("Imported: Added 1 Changed 0 Not ours 2")
    assert run(monkeypatch, tmp_path, ONIX[:-20]) == 1
    assert "line 112: this is not XML from here on (unclosed token); what follows was not read" in said(
        capsys
    )
    with pytest.raises(SystemExit):
        run(monkeypatch, tmp_path, ONIX, "--currency", "dem")


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
        [(name, price, format)] = database.execute("SELECT file, price, format FROM books")
    database.close()
    assert (tmp_path / "files" / name).read_bytes() == b"second"
    assert (price, name[-5:], format) == (500, ".epub", "ebook")


def test_a_bad_row_imports_nothing_and_names_line_column_and_reason(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, tmp_path, written(GOOD, BAD)) == 1
    report = said(capsys)
    assert "Nothing was imported" in report
    assert "line 3, column isbn13" in report
    assert "line 3, column price_cents" in report
    assert run(monkeypatch, tmp_path, written(GOOD)) == 0
    assert said(capsys) == "Imported: Added 1 Changed 0"


def test_four_times_as_many_books_take_no_more_memory(tmp_path: Path) -> None:
    def most(count: int) -> int:
        (folder := tmp_path / str(count)).mkdir()
        rows = (f",Long list {n},{'Somebody; ' * 9}{n % 7},900,usd,3" for n in range(count))
        (folder / "books.csv").write_bytes(written(*rows))
        env = {**os.environ, "INSTANCE_PATH": str(folder), "DATABASE_URL": ""}
        return memory_of([sys.executable, "-m", "shop", "import", str(folder / "books.csv")], env)

    assert most(24_000) < 1.15 * most(6_000)


def test_a_file_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, tmp_path, None) == 2
    assert capsys.readouterr().err.count("\n") == 1
