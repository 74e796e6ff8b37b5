"""Typesetting: break a text into lines and find the greatest size at which they fill a box."""

from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from shop.covers.breaking import Style, breaks
from shop.covers.letters import Face, Ink, face

Align = Literal["left", "centre", "right"]
Anchor = Literal["top", "middle", "bottom"]
SHARES = {"left": 0.0, "centre": 0.5, "right": 1.0, "top": 0.0, "middle": 0.5, "bottom": 1.0}


class Box(NamedTuple):
    """A part of the page: y downwards, in units of the cover's 600 by 900."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Line:
    """One line of letters: spelled text whose first letter starts at x on the baseline."""

    text: str
    style: Style
    size: float
    x: float
    baseline: float

    @property
    def ink(self) -> Box:
        ink, scale = _face(self.style).ink(self.text, self.style.tracking), self.size / 1000
        left, top = self.x + ink.left * scale, self.baseline - ink.top * scale
        return Box(left, top, (ink.right - ink.left) * scale, (ink.top - ink.bottom) * scale)


def fit(
    text: str,
    style: Style,
    box: Box,
    *,
    largest: float,
    align: Align = "left",
    anchor: Anchor = "top",
) -> list[Line]:
    """Set a text in a box, as large as it goes and at most `largest`; no line leaves the box."""
    best, merit = list[Line](), 0.0
    for texts, rag in breaks(text, style):
        lines = set_lines(texts, style, box, largest=largest, align=align, anchor=anchor)
        value = lines[0].size * (1 - 0.5 * rag) * 0.985 ** len(texts)
        if value > merit:
            best, merit = lines, value
    return best


def set_lines(
    texts: list[str],
    style: Style,
    box: Box,
    *,
    largest: float,
    align: Align = "left",
    anchor: Anchor = "top",
) -> list[Line]:
    """Set lines that are already broken, all in one size."""
    letters = _face(style)
    inks = [letters.ink(text, style.tracking) for text in texts]
    widest = max(ink.right - ink.left for ink in inks) / 1000
    rise = max(inks[0].top, letters.cap_height) / 1000
    fall = max(0.0, -inks[-1].bottom / 1000)
    tall = rise + fall + (len(texts) - 1) * style.leading
    size = min(largest, box.width / max(widest, 0.01), box.height / tall)
    spare = SHARES[anchor] * (box.height - tall * size)
    first = box.y + spare + rise * size
    return [
        Line(text, style, size, _start(ink, size, box, align), first + number * style.leading * size)
        for number, (text, ink) in enumerate(zip(texts, inks, strict=True))
    ]


def fill_width(texts: list[str], style: Style, box: Box, gap: float) -> list[Line]:
    """Each line in a size of its own, so that all are as wide as the box; from the top, `gap` units apart."""
    lines, y = list[Line](), box.y
    for text in texts:
        ink = _face(style).ink(text, style.tracking)
        size = 1000 * box.width / max(ink.right - ink.left, 100)
        lines.append(Line(text, style, size, box.x - ink.left * size / 1000, y + ink.top * size / 1000))
        y += (ink.top - min(ink.bottom, 0)) * size / 1000 + gap
    return lines


def fill_box(
    letter: str, style: Style, box: Box, *, align: Align = "left", anchor: Anchor = "middle"
) -> list[Line]:
    """One letter or sign, its ink as large as the box allows."""
    text = _face(style).spell(letter)
    ink = _face(style).ink(text)
    size = min(
        1000 * box.width / max(ink.right - ink.left, 1), 1000 * box.height / max(ink.top - ink.bottom, 1)
    )
    spare = SHARES[anchor] * (box.height - (ink.top - ink.bottom) * size / 1000)
    return [Line(text, style, size, _start(ink, size, box, align), box.y + spare + ink.top * size / 1000)]


def moved(lines: list[Line], x: float = 0, y: float = 0) -> list[Line]:
    return [replace(line, x=line.x + x, baseline=line.baseline + y) for line in lines]


def extent(lines: list[Line]) -> Box:
    """The box around all ink of the lines."""
    inks = [line.ink for line in lines]
    left, top = min(ink.x for ink in inks), min(ink.y for ink in inks)
    right, bottom = max(ink.x + ink.width for ink in inks), max(ink.y + ink.height for ink in inks)
    return Box(left, top, right - left, bottom - top)


def bottom(lines: list[Line], otherwise: float = 0) -> float:
    """Where the ink of the lines ends; `otherwise`, if there are no lines."""
    return max((line.ink.y + line.ink.height for line in lines), default=otherwise)


def _face(style: Style) -> Face:
    return face(style.face)


def _start(ink: Ink, size: float, box: Box, align: Align) -> float:
    spare = box.width - (ink.right - ink.left) * size / 1000
    return box.x - ink.left * size / 1000 + SHARES[align] * spare
