"""Compositions with a drawing of soft lines: rings, hills, heights."""

import math
from collections.abc import Sequence
from itertools import pairwise

from shop.covers import words
from shop.covers.palettes import contrast, mix
from shop.covers.setting import Box, bottom, fit, moved
from shop.covers.sheet import HEIGHT, INNER, MARGIN, WIDTH, CoverText, Dice, Sheet, short

Points = Sequence[tuple[float, float]]


def rings(book: CoverText, sheet: Sheet, dice: Dice) -> None:
    """Rings around a place on the lower edge, like sound."""
    colours = sheet.palette
    title = fit(words.title(book), words.MODERN, Box(MARGIN, MARGIN + 8, INNER, 270), largest=104)
    byline = Box(MARGIN, bottom(title) + 28, INNER, 76)
    credit = fit(words.byline(book), words.BYLINE, byline, largest=31)
    room = min(560.0, HEIGHT - bottom(credit, bottom(title)) - 50)
    x, count = dice.pick((0, WIDTH, WIDTH // 2)), dice.pick((4, 5, 7))
    tones = dice.shuffled([colours.bright, colours.deep, colours.ink])
    for number in range(count):
        outer, pitch = room * (count - number) / count, room / count
        sheet.disc(x, HEIGHT, outer, tones[number % 3])
        sheet.disc(x, HEIGHT, outer - pitch * 0.56, colours.paper)
    sheet.disc(x, HEIGHT, room / count * 0.5, tones[count % 3])
    sheet.write("title", title, colours.paper)
    sheet.write("authors", credit, colours.paper)


def hills(book: CoverText, sheet: Sheet, dice: Dice) -> None:
    """A low sun over hills that grow darker as they come nearer."""
    colours = sheet.palette
    sheet.disc(
        140 + dice.fraction() * 320, 455 + dice.fraction() * 50, 90 + dice.fraction() * 40, colours.bright
    )
    for number in range(5):
        base, height = 520 + number * 56, 30 + dice.fraction() * 14 - number * 2
        phase, waves = dice.fraction() * math.tau, 0.6 + dice.fraction() * 1.3
        crest = [
            (x, base + height * math.sin(phase + waves * math.tau * x / WIDTH) + number * 4)
            for x in range(-60, WIDTH + 61, 60)
        ]
        sheet.path(
            _curve(crest) + f"V{HEIGHT}H-60z", fill=mix(colours.paper, colours.deep, 0.28 + 0.18 * number)
        )
    title = fit(
        words.title(book), words.BOOK, Box(MARGIN, MARGIN + 6, INNER, 270), largest=110, align="centre"
    )
    sheet.write("title", title, colours.paper)
    foot = Box(MARGIN, 806, INNER, 54)
    byline = fit(words.byline(book), words.BYLINE_ITALIC, foot, largest=40, align="centre", anchor="bottom")
    sheet.write("authors", byline, colours.deep)


def heights(book: CoverText, sheet: Sheet, dice: Dice) -> None:
    """The lines of a map around two summits, and the title in its legend."""
    colours = sheet.palette
    pairs = [(colours.paper, colours.deep), (colours.deep, colours.bright), (colours.bright, colours.ink)]
    ground, line = dice.pick([pair for pair in pairs if contrast(*pair) > 2.2])
    sheet.rect(Box(0, 0, WIDTH, HEIGHT), ground)
    x, y, bend = 170 + dice.fraction() * 260, 170 + dice.fraction() * 170, dice.fraction() * math.tau
    lobes, shift = dice.pick((2, 3, 4)), dice.fraction() - 0.5
    for number in range(17, 0, -1):
        place = (x + shift * number * 7, y + number * 5)
        height = _height(place, 14 + number * 33, lobes, bend + number * 0.09)
        if number % 5:
            sheet.path(height, stroke=line, width=2.4)
        else:
            sheet.path(height, fill=mix(ground, line, 0.05 * (20 - number) / 5), stroke=line, width=5)
    title = fit(words.title(book), words.HEADLINE, Box(MARGIN + 28, 0, INNER - 56, 210), largest=118)
    credit = fit(
        words.byline(book), words.BYLINE, Box(MARGIN + 28, bottom(title) + 26, INNER - 56, 72), largest=29
    )
    tall = bottom(credit, bottom(title)) + 60
    legend = Box(MARGIN, HEIGHT - MARGIN - tall, INNER, tall)
    sheet.rect(legend, colours.paper)
    sheet.frame(legend, 0, line if line != colours.paper else colours.ink, 5)
    down = legend.y + 30
    sheet.write("title", moved(title, y=down), colours.paper)
    sheet.write("authors", moved(credit, y=down), colours.paper)


def _height(place: tuple[float, float], radius: float, lobes: int, bend: float) -> str:
    """A closed line of one height, that swells and shrinks as it goes round."""
    points: list[tuple[float, float]] = []
    for turn in range(16):
        angle = turn * math.tau / 16
        swell = 1 + 0.17 * math.sin(lobes * angle + bend) + 0.07 * math.sin((lobes + 1) * angle - 2 * bend)
        points.append(
            (place[0] + radius * swell * math.cos(angle), place[1] + radius * swell * math.sin(angle))
        )
    middles = [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in pairwise([*points, points[0]])]
    return f"M{short(middles[-1][0])} {short(middles[-1][1])}" + _through(points, middles) + "z"


def _curve(points: Points) -> str:
    """A curve from the left edge to the right one through the middles of a line of points."""
    middles = [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in pairwise(points)]
    return (
        f"M-60 {short(middles[0][1])}H{short(middles[0][0])}"
        + _through(points[1:-1], middles[1:])
        + f"H{WIDTH + 60}"
    )


def _through(controls: Points, ends: Points) -> str:
    pairs = zip(controls, ends, strict=True)
    return "".join(f"Q{short(c[0])} {short(c[1])} {short(e[0])} {short(e[1])}" for c, e in pairs)
