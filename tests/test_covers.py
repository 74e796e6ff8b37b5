"""Covers: the same every time, inside the page, legible, light, and nothing in them but shapes."""

import csv
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from hypothesis import given, settings
from hypothesis import strategies as st

from shop.covers import COMPOSITIONS, HEAVIEST, CoverText, compose, cover_svg
from shop.covers.lettered import plain
from shop.covers.letters import Face, face
from shop.covers.palettes import LEGIBLE, PALETTES, contrast
from shop.covers.sheet import HEIGHT, WIDTH, Sheet
from tools.letters import cut

EDGE = 12  # units of 600 that stay free of letters on every side
ELEMENTS = {"svg", "defs", "pattern", "g", "path", "rect", "circle", "use"}
DEMO = Path("shop/data/demo_books.csv")
LONG = "The Decline and Fall of the Roman Empire, with Popular Delusions and the Madness of Crowds"
NASTY = [
    CoverText("A"),
    CoverText(""),
    CoverText("\u0301\u200b"),
    CoverText("\ud7fc:"),
    CoverText("_"),
    CoverText("1984", authors=("George Orwell",)),
    CoverText("雪国", authors=("川端康成",)),
    CoverText("Ǻngström & Ĝütes: «Œuvre»", authors=("Łukasz Żółć", "Søren Ðað")),
    CoverText("Supercalifragilisticexpialidocious", authors=("",)),
    CoverText(f"{LONG} {LONG}", LONG, tuple(f"Author Number {n}" for n in range(40)), LONG),
    CoverText("i" * 300, "W" * 300, ("W" * 300, "q" * 300), "M" * 300),
    CoverText("</text><script>alert(1)</script>", '"&<>', ("'--><",), "]]>"),
    CoverText("To be,\nor\tnot\0 to be", authors=("\ud800",)),
]
words = st.text(max_size=120)
books = st.builds(
    CoverText, title=words, subtitle=words, authors=st.lists(words, max_size=4).map(tuple), imprint=words
)


def demo_books() -> list[CoverText]:
    with DEMO.open(encoding="utf-8") as file:
        return [
            CoverText(row["title"], row["subtitle"], tuple(row["authors"].split("; ")), row["publisher"])
            for row in csv.DictReader(file)
        ]


def assert_sound(sheet: Sheet) -> None:
    """Every line's ink is on the page, and every word can be read."""
    for written in sheet.written:
        edge = 0 if written.role == "ornament" else EDGE
        for box in written.boxes():
            assert edge <= box.x <= box.x + box.width <= WIDTH - edge, written
            assert edge <= box.y <= box.y + box.height <= HEIGHT - edge, written
        if written.role != "ornament":
            assert contrast(written.colour, written.ground) >= LEGIBLE, written
    assert any(written.role == "title" for written in sheet.written)


def assert_only_shapes(svg: str) -> None:
    for element in ElementTree.fromstring(svg).iter():
        assert element.tag.removeprefix("{http://www.w3.org/2000/svg}") in ELEMENTS
        for name, value in element.attrib.items():
            assert not name.startswith("on")
            assert name != "style"
            assert not name.endswith("href") or value.startswith("#")
            assert "url(" not in value or value.startswith("url(#")


@pytest.mark.parametrize("book", demo_books(), ids=lambda book: book.title)
def test_every_book_of_the_demo_catalogue_has_a_sound_cover(book):
    assert_sound(compose(book))
    assert_only_shapes(cover_svg(book))
    assert len(cover_svg(book).encode()) <= 30_000


@pytest.mark.parametrize("composition", [*COMPOSITIONS, plain], ids=lambda composition: composition.__name__)
def test_a_composition_keeps_any_text_on_the_page(composition):
    for book in [*NASTY, *demo_books()]:
        sheet = compose(book, composition)
        assert_sound(sheet)
        assert_only_shapes(sheet.svg())


@settings(max_examples=150, deadline=None)
@given(books)
def test_no_text_breaks_a_cover_or_makes_it_heavy(book):
    svg = cover_svg(book)
    assert_only_shapes(svg)
    assert_sound(compose(book))
    assert len(svg.encode()) <= HEAVIEST


def test_a_title_of_very_many_different_letters_still_makes_a_light_cover():
    letters = "".join(letter for letter in face("roman").glyphs if letter.isalpha())
    books = [CoverText(letters[at : at + 120], letters[::-1], (letters[:60],)) for at in range(0, 300, 20)]
    assert max(len(compose(book).svg()) for book in books) > HEAVIEST
    for book in books:
        assert len(cover_svg(book)) <= HEAVIEST
        assert_only_shapes(cover_svg(book))


def test_another_process_makes_the_same_bytes():
    program = (
        "import sys; from shop.covers import *; print(cover_svg(CoverText('Flatland', seed='flatland')))"
    )
    made = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert made.strip() == cover_svg(CoverText("Flatland", seed="flatland"))


def test_the_seed_decides_how_the_cover_looks():
    covers = {cover_svg(CoverText("Flatland", seed=str(number))) for number in range(20)}
    assert len(covers) == 20


def test_the_demo_catalogue_shows_most_compositions(monkeypatch):
    made = []
    spies = tuple(lambda *given, make=make: (made.append(make), make(*given)) for make in COMPOSITIONS)
    monkeypatch.setattr("shop.covers.COMPOSITIONS", spies)
    for book in demo_books():
        compose(book)
    assert len(set(made)) >= 8


@pytest.mark.parametrize("palette", PALETTES, ids=lambda palette: palette.name)
def test_text_can_be_read_on_every_colour_of_a_palette_that_carries_text(palette):
    for ground in (palette.paper, palette.bright, palette.deep):
        assert contrast(palette.text_on(ground), ground) >= LEGIBLE


def test_contrast_is_that_of_wcag():
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_an_accented_letter_that_no_face_has_loses_its_accent_first():
    assert face("roman").spell("Ǻ Ḣ 雪 \u200b") == "Å H � "


def test_quotes_and_ranges_are_set_as_a_printer_would():
    sheet = compose(CoverText('Poor Charlie\'s "Best" 1985-1993'), COMPOSITIONS[2])
    title = " ".join(
        line.text for written in sheet.written if written.role == "title" for line in written.lines
    )
    assert title.replace("– ", "–") == "Poor Charlie’s “Best” 1985–1993"


def test_no_line_of_a_title_ends_on_a_little_word_when_it_need_not():
    sheet = compose(CoverText("The Design of Everyday Things"), COMPOSITIONS[2])
    lines = next(written.lines for written in sheet.written if written.role == "title")
    assert not any(line.text.endswith(" of") for line in lines)


def test_the_licence_of_each_typeface_lies_beside_its_letters():
    licences = list(Path("shop/covers").glob("OFL-*.txt"))
    assert len(licences) == 3
    assert all("SIL OPEN FONT LICENSE Version 1.1" in path.read_text(encoding="utf-8") for path in licences)


def test_the_tool_cuts_a_font_into_the_data_that_a_face_is_read_from(tmp_path):
    font = FontBuilder(500, isTTF=True)
    font.setupGlyphOrder([".notdef", "x", "H"])
    font.setupCharacterMap({ord("x"): "x", ord("H"): "H"})
    font.setupGlyf({".notdef": box(0, 0), "x": box(150, 200), "H": box(150, 350)})
    font.setupHorizontalMetrics(dict.fromkeys((".notdef", "x", "H"), (200, 0)))
    font.setupHorizontalHeader()
    font.setupOS2()
    font.setupPost()
    font.save(tmp_path / "small.ttf")
    small = Face(name="small", **cut([str(tmp_path / "small.ttf")]))
    assert (small.cap_height, small.x_height) == (700, 400)
    assert small.outline("H") == "M0 0v700h300v-700z"
    assert small.advances("xH") == [0, 400, 800]


def box(width: int, height: int) -> Any:
    pen = TTGlyphPen(None)
    for point in ((0, 0), (0, height), (width, height), (width, 0))[: 4 if width else 0]:
        (pen.lineTo if pen.points else pen.moveTo)(point)
    if width:
        pen.closePath()
    return pen.glyph()
