"""Compositions of patterned paper, ornament and cards, after the small series of the last century."""

from shop.covers import words
from shop.covers.palettes import contrast
from shop.covers.papers import BORDERS, PAPERS
from shop.covers.setting import Box, bottom, extent, fit
from shop.covers.sheet import HEIGHT, WIDTH, CoverText, Dice, Sheet


def label(book: CoverText, sheet: Sheet, dice: Dice) -> None:
    """Patterned paper with a pasted label."""
    colours = sheet.palette
    pairs = [(colours.deep, colours.bright), (colours.bright, colours.ink), (colours.deep, colours.paper)]
    ground, figure = dice.pick([pair for pair in pairs if contrast(*pair) > 2])
    sheet.tile(Box(0, 0, WIDTH, HEIGHT), dice.pick(PAPERS)(ground, figure), dice.pick((75, 100)))
    title = fit(words.title(book), words.BOOK, Box(104, 150, 392, 290), largest=96, align="centre")
    rule = bottom(title) + 32
    byline = Box(104, rule + 34, 392, 120)
    credit = fit(words.byline(book), words.BYLINE_ITALIC, byline, largest=38, align="centre")
    pasted = Box(62, 92, 476, bottom(credit, rule) + 58 - 92)
    sheet.rect(pasted, colours.paper)
    sheet.frame(pasted, 13, colours.ink, 5)
    sheet.frame(pasted, 22, colours.ink, 1.5)
    sheet.rect(Box(265, rule, 70, 3), colours.ink)
    _imprint(sheet, words.clipped(book.imprint, 40))
    sheet.write("title", title, colours.paper)
    sheet.write("authors", credit, colours.paper)


def _imprint(sheet: Sheet, imprint: str) -> None:
    """The publisher on a slip of its own at the foot."""
    lines = fit(
        imprint, words.SMALL_CAPITALS, Box(140, 800, 320, 20), largest=19, align="centre", anchor="middle"
    )
    if lines:
        around = extent(lines)
        slip = Box(around.x - 24, around.y - 18, around.width + 48, around.height + 36)
        sheet.rect(slip, sheet.palette.paper)
        sheet.frame(slip, 6, sheet.palette.ink, 1.5)
        sheet.write("imprint", lines, sheet.palette.paper)


def woodcut(book: CoverText, sheet: Sheet, dice: Dice) -> None:
    """A border of cut blocks with the title and a flower in the field."""
    colours = sheet.palette
    pairs = [(colours.ink, colours.bright), (colours.deep, colours.bright), (colours.deep, colours.paper)]
    ground, figure = dice.pick([pair for pair in pairs if contrast(*pair) > 2])
    sheet.tile(Box(0, 0, WIDTH, HEIGHT), dice.pick(BORDERS)(ground, figure), 75)
    field = Box(75, 75, WIDTH - 150, HEIGHT - 150)
    sheet.rect(field, colours.paper)
    sheet.frame(field, 11, colours.ink, 3)
    title = fit(words.title(book), words.BOOK, Box(106, 134, 388, 320), largest=104, align="centre")
    sheet.write("title", title, colours.paper)
    caption = Box(116, bottom(title) + 30, 368, 90)
    subtitle = fit(words.subtitle(book), words.CAPTION, caption, largest=34, align="centre")
    sheet.write("subtitle", subtitle, colours.paper)
    foot = Box(112, 680, 376, 104)
    byline = fit(words.byline(book), words.SMALL_CAPITALS, foot, largest=25, align="centre", anchor="bottom")
    sheet.write("authors", byline, colours.paper)
    top, end = bottom(subtitle, bottom(title)), extent(byline).y if byline else 790.0
    strong = max((colours.bright, colours.deep), key=lambda tone: min(2.5, contrast(tone, colours.paper)))
    _flower(sheet, (top + end) / 2, min(105, (end - top) / 2 - 28), strong, dice.pick((1, 2)))


def _flower(sheet: Sheet, y: float, size: float, fill: str, rows: int) -> None:
    """Four petals, or eight, with room or not at all."""
    if size < 20:
        return
    petal = "M0 0Q10 90 100 100Q90 10 0 0z"
    cross = "M0 0Q55 42 0 128Q-55 42 0 0z"
    places = [(1, 0, 0, 1), (0, 1, -1, 0), (-1, 0, 0, -1), (0, -1, 1, 0)]
    scale = size / 100 * (0.8 if rows == 2 else 1)
    for a, b, c, d in places:
        turn = " ".join(f"{part * scale:.3g}" for part in (a, b, c, d))
        sheet.path(petal, fill=fill, transform=f"matrix({turn} 300 {y:.1f})")
        if rows == 2:
            sheet.path(cross, fill=sheet.palette.ink, transform=f"matrix({turn} 300 {y:.1f})")
