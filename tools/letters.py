"""Cut the outlines of a typeface into the data file that the covers are set from.

    python -m tools.letters shop/covers/roman.json.gz EBGaramond-SemiBold.ttf

Of several files the first that has a letter gives it. TTF and OTF are read as they are; WOFF2 needs `brotli`.
shop/covers/README.md says which files the committed data was cut from.
"""

import gzip
import json
import math
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont

WANTED = [
    *(chr(code) for code in (*range(0x20, 0x7F), *range(0xA0, 0xAD), *range(0xAE, 0x180))),
    *"ȘșȚțẞ‐‑–—‘’‚“”„†•…‹›⁄€™−",
]
UNITS = 1000
FAINT_KERN = 12  # thousandths of an em that nobody sees on a cover
NEUTRAL, LOZENGE = "\N{REPLACEMENT CHARACTER}", "l220 320l-220 320l-220-320z"

Point = tuple[float, float]
Segment = tuple[str, list[Point]]
Outline = list[tuple[str, tuple[Point, ...]]]


def cut(paths: list[str]) -> dict[str, Any]:
    """The data of one face: all lengths in thousandths of an em, y upwards.

    contours: path data after the first point. glyphs: letter -> advance, ink box, then number, x, y of each
    of its contours. Contours of the same shape are kept once, so that an accent costs little.
    """
    fonts = [TTFont(path) for path in paths]
    contours: dict[str, int] = {}
    glyphs: dict[str, list[int]] = {}
    for letter in WANTED:
        font = next((font for font in fonts if ord(letter) in font.getBestCmap()), None)
        if font is not None:
            glyphs[letter] = _glyph(font, letter, contours)
    glyphs[NEUTRAL] = [520, 40, 30, 480, 670, contours.setdefault(LOZENGE, len(contours)), 260, 30]
    return {
        "cap_height": glyphs["H"][4],
        "x_height": glyphs["x"][4],
        "glyphs": glyphs,
        "kerns": _kerns(fonts[0]),
        "contours": list(contours),
    }


def _glyph(font: TTFont, letter: str, contours: dict[str, int]) -> list[int]:
    glyph_set, scale = font.getGlyphSet(), UNITS / font["head"].unitsPerEm
    name = font.getBestCmap()[ord(letter)]
    recording = DecomposingRecordingPen(glyph_set)
    bounds = BoundsPen(None)
    glyph_set[name].draw(TransformPen(recording, (scale, 0, 0, scale, 0, 0)))
    recording.replay(bounds)
    left, bottom, right, top = bounds.bounds or (0, 0, 0, 0)
    box = [math.floor(left), math.floor(bottom), math.ceil(right), math.ceil(top)]
    cells = [round(glyph_set[name].width * scale), *box]
    for (x, y), data in _contours(recording.value):
        cells += [contours.setdefault(data, len(contours)), x, y]
    return cells


def _contours(outline: Outline) -> Iterator[tuple[tuple[int, int], str]]:
    """Each closed contour as its first point and relative path data in whole numbers."""
    start: Point = (0, 0)
    segments: list[Segment] = []
    for verb, points in outline:
        if verb == "moveTo":
            start, segments = points[0], []
        elif verb in ("closePath", "endPath"):
            yield _whole(start), _path_data(start, segments)
        else:
            segments += _segments(verb, points)


def _path_data(start: Point, segments: list[Segment]) -> str:
    here, text = _whole(start), ""
    for command, targets in segments:
        spots = [_whole(point) for point in targets]
        if any(spot != here for spot in spots):
            text += _relative(command, here, spots, text)
            here = spots[-1]
    return text + "z"


def _segments(verb: str, points: tuple[Point, ...]) -> Iterator[Segment]:
    if verb == "qCurveTo":
        assert points[-1] is not None, "a contour without an on-curve point"
        for control, following in pairwise(points[:-1]):
            middle = ((control[0] + following[0]) / 2, (control[1] + following[1]) / 2)
            yield "q", [control, middle]
        yield "q", list(points[-2:])
    else:
        yield ("l" if verb == "lineTo" else "c"), list(points)


def _relative(command: str, here: tuple[int, int], spots: list[tuple[int, int]], before: str) -> str:
    """Path data for one segment, with the command left out where SVG lets it be understood."""
    numbers = [value - here[axis] for spot in spots for axis, value in enumerate(spot)]
    if command == "l" and 0 in numbers:
        command, numbers = ("h", numbers[:1]) if numbers[1] == 0 else ("v", numbers[1:])
    last = next((mark for mark in reversed(before) if mark.isalpha()), "")
    text = "".join(f" {number}" if number >= 0 else str(number) for number in numbers)
    if command == last:
        return text
    return command + text.lstrip(" ")


def _whole(point: Point) -> tuple[int, int]:
    return round(point[0]), round(point[1])


def _kerns(font: TTFont) -> dict[str, int]:
    """Pairs of unaccented letters that stand closer or wider than their advances say."""
    plain = {
        name: chr(code)
        for code, name in font.getBestCmap().items()
        if 0x20 <= code < 0x7F or chr(code) in "‘’“”–—"
    }
    scale, kerns = UNITS / font["head"].unitsPerEm, dict[str, int]()
    for table in _pair_tables(font):
        for first, second, value in _pairs(table, plain):
            kern = round(value * scale)
            if abs(kern) >= FAINT_KERN:
                kerns.setdefault(plain[first] + plain[second], kern)
    return dict(sorted(kerns.items()))


def _pair_tables(font: TTFont) -> Iterator[Any]:
    if "GPOS" not in font:
        return
    table = font["GPOS"].table
    wanted = {
        i
        for f in table.FeatureList.FeatureRecord
        if f.FeatureTag == "kern"
        for i in f.Feature.LookupListIndex
    }
    for index in sorted(wanted):
        for subtable in table.LookupList.Lookup[index].SubTable:
            inner = subtable.ExtSubTable if subtable.LookupType == 9 else subtable
            if inner.LookupType == 2:
                yield inner


def _pairs(table: Any, plain: dict[str, str]) -> Iterator[tuple[str, str, int]]:
    firsts = [name for name in table.Coverage.glyphs if name in plain]
    if table.Format == 1:
        for name in firsts:
            for pair in table.PairSet[table.Coverage.glyphs.index(name)].PairValueRecord:
                if pair.SecondGlyph in plain:
                    yield name, pair.SecondGlyph, getattr(pair.Value1, "XAdvance", 0)
        return
    for name in firsts:
        row = table.Class1Record[table.ClassDef1.classDefs.get(name, 0)].Class2Record
        for second in plain:
            value = row[table.ClassDef2.classDefs.get(second, 0)].Value1
            yield name, second, getattr(value, "XAdvance", 0)


def main() -> None:
    if len(sys.argv) < 3:
        sys.exit("usage: python -m tools.letters OUT.json.gz FONT [FONT ...]")
    data = cut(sys.argv[2:])
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    packed = gzip.compress(text.encode(), mtime=0)
    Path(sys.argv[1]).write_bytes(packed)
    print(f"{len(data['glyphs'])} letters, {len(data['kerns'])} kerning pairs, {len(packed)} bytes")


if __name__ == "__main__":
    main()
