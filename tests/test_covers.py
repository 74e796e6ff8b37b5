"""Covers: the letters that they are set in."""

from pathlib import Path
from typing import Any

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

from shop.covers.letters import Face, face
from tools.letters import cut


def test_an_accented_letter_that_no_face_has_loses_its_accent_first():
    assert face("roman").spell("Ǻ Ḣ 雪 \u200b") == "Å H � "


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
