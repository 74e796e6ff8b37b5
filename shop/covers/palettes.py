"""The colours of the covers: small sets, each of which a printer could mix."""

from dataclasses import dataclass

LEGIBLE = 4.5  # WCAG 2 contrast of a title on its ground


@dataclass(frozen=True)
class Palette:
    """Four colours. Paper, bright and deep may carry text, in whichever of the others reads best."""

    name: str
    paper: str
    ink: str
    bright: str
    deep: str

    def text_on(self, ground: str) -> str:
        return max((self.ink, self.paper, self.deep), key=lambda colour: contrast(colour, ground))


PALETTES = (
    Palette("letterpress", "#f3ecdd", "#1d1a17", "#e2542f", "#23406b"),
    Palette("harbour", "#dbe6ea", "#12253c", "#f0b03c", "#1c4c78"),
    Palette("oxblood", "#f4d9c9", "#3a1019", "#ee8a5e", "#7c1d2d"),
    Palette("fern", "#e7ead7", "#14301f", "#e8b54a", "#1e5b3d"),
    Palette("midnight", "#13223d", "#f4ead4", "#ec7a45", "#32558c"),
    Palette("mustard", "#e8b23c", "#1e1a13", "#f7eed9", "#7d2618"),
    Palette("vermilion", "#b5321d", "#fcf1de", "#f2b650", "#45110b"),
    Palette("aubergine", "#2c1a33", "#f4e4d4", "#e693a0", "#66406f"),
    Palette("slate", "#dcd7ca", "#20242b", "#82b5a8", "#33524d"),
    Palette("lilac", "#f1d0d6", "#28184a", "#f5805a", "#4a3a99"),
    Palette("lagoon", "#0f4b4a", "#f5ebd4", "#f3a75d", "#092d32"),
    Palette("cobalt", "#f7f4ec", "#10121a", "#f2c53d", "#1c36b8"),
)


def mix(one: str, other: str, share: float) -> str:
    """A colour on the way from one to the other."""
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _channels(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
