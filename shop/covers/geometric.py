"""Compositions of hard-edged figures on a grid: a printer's screen, stripes, blocks."""

import math

from shop.covers import words
from shop.covers.palettes import contrast
from shop.covers.setting import Box, bottom, fit
from shop.covers.sheet import HEIGHT, INNER, MARGIN, WIDTH, CoverText, Dice, Sheet, short


def halftone(book: CoverText, sheet: Sheet, dice: Dice) -> None:
    """Dots of a printer's screen, greater and smaller."""
    colours = sheet.palette
    pairs = [
        (colours.paper, colours.bright),
        (colours.deep, colours.bright),
        (colours.bright, colours.deep),
        (colours.paper, colours.deep),
    ]
    ground, dots = dice.pick([pair for pair in pairs if contrast(*pair) > 1.9])
    sheet.rect(Box(0, 0, WIDTH, HEIGHT), ground)
    centre, turn, kind = (
        (dice.fraction() * 600, dice.fraction() * 560),
        dice.fraction() * math.tau,
        dice.number(3),
    )
    starts: dict[int, list[str]] = {}
    for row in range(18):
        for column in range(21):
            x, y = column * 30 + (row % 2) * 15, 15 + row * 30
            level = round(_shade(kind, x, y, centre, turn) * 8)
            if level > 0:
                starts.setdefault(level, []).append(f"M{x} {y}h0")
    for level, dotted in sorted(starts.items()):
        sheet.path("".join(dotted), stroke=dots, width=level * 3.9, round_ends=True)
    title = fit(words.title(book), words.HEADLINE, Box(MARGIN, 578, INNER, 210), largest=140)
    sheet.write("title", title, ground)
    foot = Box(MARGIN, bottom(title) + 26, INNER, HEIGHT - MARGIN + 10 - bottom(title) - 26)
    sheet.write("authors", fit(words.byline(book), words.BYLINE, foot, largest=31), ground)


def _shade(kind: int, x: float, y: float, centre: tuple[float, float], turn: float) -> float:
    """How dark the screen is at a place, from 0 to 1: a glow, ripples, or a drapery."""
    distance = math.dist((x, y), centre)
    if kind == 0:
        return max(0.12, 1 - distance / 470)
    if kind == 1:
        return 0.5 + 0.5 * math.cos(distance / 52 + turn)
    return 0.5 + 0.5 * math.sin(x / 62 + 1.4 * math.sin(y / 120 + turn))


def stripes(book: CoverText, sheet: Sheet, dice: Dice) -> None:
    """Stripes that jump by half a step inside a figure."""
    colours = sheet.palette
    pairs = [
        (colours.paper, colours.ink),
        (colours.deep, colours.text_on(colours.deep)),
        (colours.paper, colours.deep),
    ]
    ground, line = dice.pick([pair for pair in pairs if contrast(*pair) > 2.4])
    sheet.rect(Box(0, 0, WIDTH, HEIGHT), ground)
    title = fit(words.title(book), words.HEADLINE, Box(MARGIN, MARGIN, INNER, 230), largest=170)
    credit = fit(words.byline(book), words.BYLINE, Box(MARGIN, bottom(title) + 24, INNER, 80), largest=31)
    top = int(max(300, bottom(credit, bottom(title)) + 46))
    pitch, reach = dice.pick((20, 26, 32)), min(250.0, (HEIGHT - top) / 2 - 46)
    x = reach + 30 + dice.fraction() * (WIDTH - 2 * reach - 60)
    y, half_width = (top + HEIGHT) / 2, dice.pick((_disc, _diamond, _hourglass))
    outside, inside = [], []
    for stripe in range(top, HEIGHT + pitch, pitch):
        half = half_width(reach, abs(stripe - y))
        outside += [f"M0 {stripe}H{short(x - half)}", f"M{short(x + half)} {stripe}H{WIDTH}"]
        between = stripe + pitch / 2
        if half := half_width(reach, abs(between - y)):
            inside.append(f"M{short(x - half)} {short(between)}H{short(x + half)}")
    sheet.path("".join(outside), stroke=line, width=pitch / 2)
    sheet.path("".join(inside), stroke=colours.bright, width=pitch / 2)
    sheet.write("title", title, ground)
    sheet.write("authors", credit, ground)


def _disc(reach: float, away: float) -> float:
    return math.sqrt(reach**2 - away**2) if away < reach else 0.0


def _diamond(reach: float, away: float) -> float:
    return max(0.0, reach - away)


def _hourglass(reach: float, away: float) -> float:
    return 20 + 0.8 * away if away < reach else 0.0


def blocks(book: CoverText, sheet: Sheet, dice: Dice) -> None:
    """Squares, discs and quarters, as a school of design would lay them."""
    colours = sheet.palette
    squares = [Box(place % 4 * 150, place // 4 * 150, 150, 150) for place in range(16)]
    tones = [dice.shuffled([colours.paper, colours.ink, colours.bright, colours.deep]) for _ in squares]
    for square, (ground, *_) in zip(squares, tones, strict=True):
        sheet.rect(Box(square.x, square.y, 150.6, 150.6), ground)  # no hair between two of a colour
    for square, (_, shape, *_) in zip(squares, tones, strict=True):
        _figure(sheet, dice, square, shape)
    title = fit(words.title(book), words.MODERN, Box(MARGIN, 640, INNER, 138), largest=92)
    sheet.write("title", title, colours.paper)
    foot = Box(MARGIN, 802, INNER, 56)
    sheet.write(
        "authors", fit(words.byline(book), words.BYLINE, foot, largest=29, anchor="bottom"), colours.paper
    )


def _figure(sheet: Sheet, dice: Dice, square: Box, fill: str) -> None:
    x, y, side, _ = square
    kind, corner = dice.number(6), dice.number(4)
    cx, cy = x + side * (corner in (1, 2)), y + side * (corner > 1)
    ax, ay, bx, by = [(side, 0, 0, side), (0, side, -side, 0), (-side, 0, 0, -side), (0, -side, side, 0)][
        corner
    ]
    if kind <= 1:
        sheet.path(f"M{cx} {cy}l{ax} {ay}A{side} {side} 0 0 1 {cx + bx} {cy + by}z", fill=fill)
    elif kind == 2:
        sheet.disc(x + side / 2, y + side / 2, side / dice.pick((2, 4)), fill)
    elif kind == 3:
        sheet.path(f"M{cx} {cy}l{ax} {ay}L{cx + bx} {cy + by}z", fill=fill)
    elif kind == 4:
        for stripe in range(3):
            sheet.rect(Box(x, y + stripe * side / 3, side, side / 6), fill)
    else:
        half = side // 2
        bowl = f"a{half} {half} 0 0 0 {side} 0z"
        sheet.path(f"M{x} {y}{bowl}M{x} {y + half}{bowl}", fill=fill)
