"""A cover while it is being made: shapes, set lines, and the SVG that they become."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from shop.covers.letters import face
from shop.covers.palettes import Palette
from shop.covers.setting import Box, Line

WIDTH, HEIGHT = 600, 900
MARGIN = 46
INNER = WIDTH - 2 * MARGIN
Choice = TypeVar("Choice")


@dataclass(frozen=True)
class CoverText:
    """What stands on a cover. `seed` (a slug, say) decides how the cover looks; without one, the words do."""

    title: str
    subtitle: str = ""
    authors: tuple[str, ...] = ()
    imprint: str = ""
    seed: str = ""


EDITION = 2490  # which of the ways that the dice can fall: another number draws every cover anew


class Dice:
    """Chances that fall the same way for the same seed, in every process and on every machine."""

    def __init__(self, seed: str) -> None:
        self._seed, self._count, self._pool = seed, 0, b""

    def number(self, below: int) -> int:
        return int(self.fraction() * below)

    def fraction(self) -> float:
        if len(self._pool) < 4:
            text = f"{EDITION}:{self._count}:{self._seed}"
            self._pool += hashlib.sha256(text.encode(errors="surrogatepass")).digest()
            self._count += 1
        head, self._pool = self._pool[:4], self._pool[4:]
        return int.from_bytes(head) / 2**32

    def pick(self, choices: Sequence[Choice]) -> Choice:
        return choices[self.number(len(choices))]

    def shuffled(self, items: Sequence[Choice]) -> list[Choice]:
        return [
            item for _, item in sorted([(self.fraction(), item) for item in items], key=lambda pair: pair[0])
        ]


class Written(NamedTuple):
    """Lines on a ground. Turned lines are set on a page of 900 by 600 and read from top to bottom."""

    role: str
    lines: list[Line]
    colour: str
    ground: str
    turned: bool

    def boxes(self) -> list[Box]:
        """Where the ink of each line is on the page."""
        inks = [line.ink for line in self.lines]
        if not self.turned:
            return inks
        return [Box(WIDTH - ink.y - ink.height, ink.x, ink.height, ink.width) for ink in inks]


class Sheet:
    def __init__(self, palette: Palette) -> None:
        self.palette = palette
        self.written: list[Written] = []
        self._marks: list[str] = []
        self._definitions: list[str] = []
        self._letters: dict[tuple[str, str], str] = {}
        self.rect(Box(0, 0, WIDTH, HEIGHT), palette.paper)

    def rect(self, box: Box, fill: str) -> None:
        x, y, width, height = (short(value) for value in box)
        self._marks.append(f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{fill}"/>')

    def frame(self, box: Box, inset: float, stroke: str, width: float) -> None:
        """A rule around the inside of a box."""
        x, y = short(box.x + inset), short(box.y + inset)
        across, down = box.width - 2 * inset, box.height - 2 * inset
        self.path(f"M{x} {y}h{short(across)}v{short(down)}h{short(-across)}z", stroke=stroke, width=width)

    def disc(self, x: float, y: float, radius: float, fill: str) -> None:
        self._marks.append(f'<circle cx="{short(x)}" cy="{short(y)}" r="{short(radius)}" fill="{fill}"/>')

    def path(
        self,
        data: str,
        *,
        fill: str = "none",
        stroke: str = "",
        width: float = 0,
        round_ends: bool = False,
        transform: str = "",
    ) -> None:
        line = f' stroke="{stroke}" stroke-width="{short(width)}"' if stroke else ""
        ends = ' stroke-linecap="round"' if round_ends else ""
        place = f' transform="{transform}"' if transform else ""
        self._marks.append(f'<path d="{data}" fill="{fill}"{line}{ends}{place}/>')

    def tile(self, box: Box, tile: str, side: float) -> None:
        """Fill a box with copies of a tile, SVG elements in a square of 60 units, drawn `side` units wide."""
        name = f"t{len(self._definitions)}"
        self._definitions.append(
            f'<pattern id="{name}" width="60" height="60" patternUnits="userSpaceOnUse"'
            f' patternTransform="scale({side / 60:g})">{tile}</pattern>'
        )
        self.rect(box, f"url(#{name})")

    def write(
        self, role: str, lines: list[Line], ground: str, *, colour: str = "", turned: bool = False
    ) -> None:
        """Print lines on a ground, in the colour of the palette that reads best on it unless one is given.

        role: title, subtitle, authors, imprint, or ornament for letters that are not there to be read.
        """
        if not lines:
            return
        fill = colour or self.palette.text_on(ground)
        self.written.append(Written(role, lines, fill, ground, turned))
        letters = "".join(self._line(line) for line in lines)
        turn = f' transform="matrix(0 1-1 0 {WIDTH} 0)"' if turned else ""
        self._marks.append(f'<g fill="{fill}"{turn}>{letters}</g>')

    def svg(self) -> str:
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
            f"<defs>{''.join(self._definitions)}</defs>{''.join(self._marks)}</svg>"
        )

    def _line(self, line: Line) -> str:
        letters, scale = face(line.style.face), f"{line.size / 1000:.4f}"
        uses = "".join(
            f'<use href="#{self._letter(line.style.face, letter)}" x="{x}"/>'
            for letter, x in zip(line.text, letters.advances(line.text, line.style.tracking), strict=False)
            if not letter.isspace()
        )
        return f'<g transform="matrix({scale} 0 0-{scale} {short(line.x)} {short(line.baseline)})">{uses}</g>'

    def _letter(self, name: str, letter: str) -> str:
        key = (name, letter)
        if key not in self._letters:
            self._letters[key] = f"l{len(self._letters)}"
            self._definitions.append(f'<path id="{self._letters[key]}" d="{face(name).outline(letter)}"/>')
        return self._letters[key]


def short(value: float) -> str:
    """A length with one decimal at most."""
    return f"{round(value, 1) + 0.0:g}"
