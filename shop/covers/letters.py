"""The typefaces of the covers: outlines and measures, read from the files that tools/letters.py cut.

All lengths are in thousandths of an em, y upwards from the baseline.
"""

import functools
import gzip
import json
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
NEUTRAL = "\N{REPLACEMENT CHARACTER}"  # drawn, as a lozenge, for a letter that the face lacks


class Ink(NamedTuple):
    """The box that letters blacken."""

    left: float
    bottom: float
    right: float
    top: float


@dataclass(frozen=True)
class Face:
    name: str
    cap_height: int
    x_height: int
    glyphs: dict[str, list[int]]  # letter -> advance, ink box (4), then contour number, x, y of each contour
    kerns: dict[str, int]
    contours: list[str]

    def spell(self, text: str) -> str:
        """The text in letters that the face has: an accent goes before its letter; the rest is NEUTRAL."""
        if all(letter in self.glyphs for letter in text):
            return text
        return "".join(self._stand_in(letter) for letter in text)

    def advances(self, spelled: str, tracking: int = 0) -> list[int]:
        """Where each letter of a spelled text starts, and where the text ends."""
        at, places = 0, []
        for letter, following in zip(spelled, spelled[1:] + "\0", strict=True):
            places.append(at)
            at += self.glyphs[letter][0] + self._kern(letter, following) + tracking
        return [*places, at - tracking if spelled else 0]

    def ink(self, spelled: str, tracking: int = 0) -> Ink:
        marks = [
            (at + left, bottom, at + right, top)
            for letter, at in zip(spelled, self.advances(spelled, tracking), strict=False)
            for left, bottom, right, top in [self.glyphs[letter][1:5]]
            if right > left
        ]
        if not marks:
            return Ink(0, 0, 0, 0)
        lefts, bottoms, rights, tops = zip(*marks, strict=True)
        return Ink(min(lefts), min(bottoms), max(rights), max(tops))

    def outline(self, letter: str) -> str:
        """SVG path data of one spelled letter."""
        parts = self.glyphs[letter][5:]
        pieces = zip(parts[::3], parts[1::3], parts[2::3], strict=True)
        return "".join(f"M{x} {y}{self.contours[number]}" for number, x, y in pieces)

    def _kern(self, letter: str, following: str) -> int:
        return self.kerns.get(_bare(letter) + _bare(following), 0)

    def _stand_in(self, letter: str) -> str:
        if letter in self.glyphs:
            return letter
        if letter.isspace():
            return " "
        if simpler := [part for part in unicodedata.decomposition(letter).split() if "<" not in part]:
            return "".join(self._stand_in(chr(int(part, 16))) for part in simpler)
        return NEUTRAL if unicodedata.category(letter)[0] in "LNPS" else ""


@functools.cache
def face(name: str) -> Face:
    """One of roman, italic, gothic, sans."""
    return Face(name=name, **json.loads(gzip.decompress((HERE / f"{name}.json.gz").read_bytes())))


@functools.lru_cache(maxsize=1024)
def _bare(letter: str) -> str:
    """The letter without its accents: kerning is known for plain letters."""
    return unicodedata.normalize("NFD", letter)[0]
