"""The parts of a cover's text that more than one composition sets the same way."""

import re

from shop.covers.breaking import LOOSE_ENDS, Style
from shop.covers.letters import NEUTRAL, face
from shop.covers.sheet import CoverText

POSTER = Style("gothic", leading=0.9, capitals=True)
HEADLINE = Style("gothic", leading=0.98)
BOOK = Style("roman", leading=0.98)
CURSIVE = Style("italic", leading=1.02)
MODERN = Style("sans", leading=1.06)
BYLINE = Style("sans", leading=1.3, most_lines=4)
BYLINE_ITALIC = Style("italic", leading=1.15, most_lines=4)
CAPTION = Style("italic", leading=1.12, most_lines=4)
SMALL_CAPITALS = Style("sans", leading=1.5, tracking=140, capitals=True, most_lines=4)

LONGEST_TITLE = 130
LONGEST_BYLINE = 110


def title(book: CoverText) -> str:
    """The title, or the neutral sign for one of which nothing can be drawn."""
    text = clipped(book.title, LONGEST_TITLE)
    return text if face("roman").spell(text).strip() else NEUTRAL


def subtitle(book: CoverText) -> str:
    return clipped(book.subtitle, 110)


def byline(book: CoverText) -> str:
    """The authors with commas between them; a line may break between two names but not inside one."""
    names = [" ".join(name.split()) for name in book.authors]
    names = [name for name in names if name]
    kept = names
    while len(kept) > 1 and len(", ".join(kept)) > LONGEST_BYLINE:
        kept = kept[:-1]
    if len(kept) < len(names):
        kept = [*kept, "and others"]
    short_enough = [clipped(name, 60) for name in kept]
    return ", ".join(name.replace(" ", "\N{NO-BREAK SPACE}") for name in short_enough)


def clipped(text: str, most: int) -> str:
    """The text with a printer's quotes and dashes, cut between words when too long for a cover."""
    text = _typographic(" ".join(text.split()))
    if len(text) <= most:
        return text
    head = text[: most - 1]
    return (head.rsplit(" ", 1)[0] if " " in head else head).rstrip(" ,;:.") + "…"


def _typographic(text: str) -> str:
    text = re.sub(r"(?<=\d)-(?=\d)", "–", text)
    text = re.sub(r"(^|(?<=[\s(\[]))'", "‘", text).replace("'", "’")
    return re.sub(r'(^|(?<=[\s(\[]))"', "“", text).replace('"', "”")


def initial(book: CoverText) -> str:
    """The first letter of the first word that says something."""
    spelled = face("roman").spell(title(book)).split()
    words = [word for word in spelled if any(map(str.isalnum, word))]
    telling = [word for word in words if word.lower() not in LOOSE_ENDS] or words or spelled
    return next((letter for letter in telling[0] if letter.isalnum()), telling[0][0]).upper()[0]
