"""Covers for books without a picture: set in type, and the same whenever and wherever they are made."""

from collections.abc import Callable

from shop.covers import drawn, geometric, lettered, papered
from shop.covers.palettes import PALETTES
from shop.covers.sheet import EDITION, CoverText, Dice, Sheet

__all__ = ["COMPOSITIONS", "EDITION", "CoverText", "compose", "cover_svg"]

Composition = Callable[[CoverText, Sheet, Dice], None]

COMPOSITIONS: tuple[Composition, ...] = (
    lettered.wood_type,
    lettered.spines,
    lettered.great_initial,
    lettered.sorts,
    lettered.steps,
    lettered.type_case,
    drawn.rings,
    drawn.hills,
    drawn.heights,
    geometric.halftone,
    geometric.stripes,
    geometric.blocks,
    papered.label,
    papered.woodcut,
)
HEAVIEST = 40_000  # bytes


def cover_svg(book: CoverText) -> str:
    """A complete SVG of 600 by 900 units that needs no font, no style and no other file."""
    svg = compose(book).svg()
    return svg if len(svg) <= HEAVIEST else compose(book, lettered.plain).svg()


def compose(book: CoverText, composition: Composition | None = None) -> Sheet:
    """The cover before it is written down; a composition may be asked for instead of left to the seed."""
    dice = Dice(book.seed or "\n".join((book.title, *book.authors)))
    palette, chosen = dice.pick(PALETTES), dice.pick(COMPOSITIONS)
    sheet = Sheet(palette)
    (composition or chosen)(book, sheet, dice)
    return sheet
