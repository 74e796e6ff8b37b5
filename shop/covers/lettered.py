"""Compositions in which the letters themselves are the picture."""

from shop.covers import words
from shop.covers.breaking import Style, breaks
from shop.covers.letters import face
from shop.covers.palettes import contrast, mix
from shop.covers.setting import Box, Line, bottom, extent, fill_box, fill_width, fit, moved, set_lines
from shop.covers.sheet import HEIGHT, INNER, MARGIN, WIDTH, CoverText, Dice, Sheet


def wood_type(book: CoverText, sheet: Sheet, dice: Dice) -> None:
    """A poster: every line of the title as wide as the page, over or under a block of colour."""
    colours = sheet.palette
    lines = _stack(words.title(book), words.POSTER, Box(MARGIN, MARGIN, INNER, 600), 16)
    edge, block = bottom(lines) + MARGIN, dice.pick((colours.bright, colours.deep))
    upper, lower = dice.pick(((colours.paper, block), (block, colours.paper)))
    sheet.rect(Box(0, 0, WIDTH, edge), upper)
    sheet.rect(Box(0, edge, WIDTH, HEIGHT - edge), lower)
    sheet.write("title", lines, upper)
    room = HEIGHT - MARGIN - edge
    caption = Box(MARGIN, edge + 36, INNER, min(120, room * 0.45 - 36))
    if edge < 330:
        _echo(sheet, lines, edge, lower)
    elif book.subtitle or room < 260:
        sheet.write("subtitle", fit(words.subtitle(book), words.CAPTION, caption, largest=40), lower)
    else:
        _leads(sheet, edge, upper, room * 0.55)
    foot = Box(MARGIN, edge + room * 0.55, INNER, room * 0.45)
    byline = fit(words.byline(book), words.BYLINE, foot, largest=33, anchor="bottom")
    sheet.write("authors", byline, lower)


def _stack(text: str, style: Style, box: Box, gap: float) -> list[Line]:
    """The breaking of the title that fills most of the box without a line that dwarfs the others."""
    best, merit = fit(text, style, box, largest=230), 0.0
    for texts, _ in breaks(text, style):
        lines = fill_width(texts, style, box, gap)
        sizes, tall = [line.size for line in lines], extent(lines).height
        if tall <= box.height and max(sizes) < 420 and max(sizes) <= 3.2 * min(sizes) and tall > merit:
            best, merit = lines, tall
    return best


def _echo(sheet: Sheet, lines: list[Line], edge: float, ground: str) -> None:
    """A short title again and again, fainter and fainter, down to the foot."""
    pitch, ink = max(60, extent(lines).height) + 26, sheet.palette.text_on(ground)
    for number in range(int((HEIGHT - 130 - edge) / pitch)):
        faint = mix(ground, ink, max(0.1, 0.42 - 0.11 * number))
        again = moved(lines, y=edge + 36 + number * pitch - extent(lines).y)
        sheet.write("ornament", again, ground, colour=faint)


def _leads(sheet: Sheet, edge: float, colour: str, room: float) -> None:
    """Bars under the block, each thinner than the one before."""
    for number in range(7):
        sheet.rect(Box(0, edge + room * (number + 0.62) / 7, WIDTH, room * (7 - number) * 0.011), colour)


def spines(book: CoverText, sheet: Sheet, dice: Dice) -> None:
    """Books side by side on a shelf, seen from the back; the broadest is this one."""
    colours = sheet.palette
    own = dice.pick((colours.bright, colours.deep))
    pale = [mix(colours.paper, colours.deep, 0.35), mix(colours.paper, colours.bright, 0.5)]
    tones = [tone for tone in (colours.ink, colours.bright, colours.deep, *pale) if tone != own]
    text = words.title(book)
    broad = max(150, extent(fit(text, words.POSTER, Box(0, 0, 690, 230), largest=250)).height + 70)
    shelf, left = 812, 80 + dice.fraction() * (WIDTH - broad - 180)
    for start, end in ((16.0, left), (left + broad + 4, WIDTH - 16.0)):
        _books(sheet, dice, start, end, shelf, tones)
    sheet.rect(Box(left, 40, broad, shelf - 40), own)
    for y in (64, 74, shelf - 37, shelf - 27):
        sheet.rect(Box(left, y, broad, 3), colours.text_on(own))
    place = Box(104, WIDTH - left - broad + 35, shelf - 104 - 64, broad - 70)
    title = fit(text, words.POSTER, place, largest=250, anchor="middle")
    sheet.write("title", title, own, turned=True)
    sheet.rect(Box(0, shelf, WIDTH, HEIGHT - shelf), colours.ink)
    board = Box(MARGIN, shelf + 14, INNER, HEIGHT - shelf - 32)
    byline = fit(words.byline(book), words.BYLINE, board, largest=28, align="centre", anchor="middle")
    sheet.write("authors", byline, colours.ink)


def _books(sheet: Sheet, dice: Dice, start: float, end: float, shelf: float, tones: list[str]) -> None:
    count = max(1, round((end - start) / 40))
    shares = [0.55 + dice.fraction() for _ in range(count)]
    for share in shares:
        width = (end - start + 4) * share / sum(shares)
        top = 70 + dice.fraction() * 230
        sheet.rect(Box(start, top, width - 4, shelf - top), dice.pick(tones))
        start += width


def great_initial(book: CoverText, sheet: Sheet, dice: Dice) -> None:
    """One letter, as large as the page allows."""
    colours = sheet.palette
    style = dice.pick((words.BOOK, words.CURSIVE))
    letter = fill_box(words.initial(book), style, Box(MARGIN, 54, INNER, 486))
    strong = max((colours.bright, colours.deep), key=lambda tone: min(3.0, contrast(tone, colours.paper)))
    sheet.write("ornament", letter, colours.paper, colour=strong)
    sheet.rect(Box(MARGIN, 584, INNER, 4), colours.ink)
    title = fit(words.title(book), words.BOOK, Box(MARGIN, 614, INNER, 178), largest=100)
    sheet.write("title", title, colours.paper)
    foot = Box(MARGIN, 808, INNER, 52)
    byline = fit(words.byline(book), words.BYLINE_ITALIC, foot, largest=38, anchor="bottom")
    sheet.write("authors", byline, colours.paper)


def sorts(book: CoverText, sheet: Sheet, dice: Dice) -> None:
    """An italic title, and one sign from the compositor's case beneath it, enormous."""
    colours = sheet.palette
    ground = dice.pick((colours.paper, colours.deep, colours.bright))
    sheet.rect(Box(0, 0, WIDTH, HEIGHT), ground)
    title = fit(words.title(book), words.CURSIVE, Box(MARGIN, MARGIN + 8, INNER, 400), largest=138)
    sheet.write("title", title, ground)
    rule = bottom(title) + 32
    sheet.rect(Box(MARGIN, rule, 90, 5), colours.text_on(ground))
    byline = fit(words.byline(book), words.BYLINE, Box(MARGIN, rule + 30, INNER, 130), largest=31)
    sheet.write("authors", byline, ground)
    foot = Box(MARGIN, HEIGHT - MARGIN - 60, 150, 60)
    imprint = fit(words.clipped(book.imprint, 40), words.SMALL_CAPITALS, foot, largest=17, anchor="bottom")
    sheet.write("imprint", imprint, ground)
    top = max(bottom(byline, rule) + 44, 380)
    place = Box(MARGIN + 170, top, INNER - 170, HEIGHT - MARGIN - top)
    style = dice.pick((words.CURSIVE, words.BOOK))
    sign = fill_box(dice.pick("¶&§&*"), style, place, align="right", anchor="bottom")
    tone = {
        colours.paper: colours.bright,
        colours.deep: mix(colours.deep, colours.text_on(colours.deep), 0.28),
    }
    sheet.write("ornament", sign, ground, colour=tone.get(ground, mix(ground, colours.deep, 0.45)))


def steps(book: CoverText, sheet: Sheet, dice: Dice) -> None:
    """The title goes down a stair, one tread a line."""
    colours = sheet.palette
    texts = _stair(list(breaks(words.title(book), words.MODERN)))
    size, tread = _stair_size(texts), HEIGHT / 6
    tones = dice.shuffled([colours.bright, colours.deep, mix(colours.paper, colours.ink, 0.22)])
    for number in range(6):
        sheet.rect(Box(0, number * tread, _left(number) - 24, tread + 0.5), tones[number % 3])
    for number, text in enumerate(texts):
        place = Box(_left(number), number * tread + 14, WIDTH - MARGIN - _left(number), tread - 28)
        line = set_lines([text], words.MODERN, place, largest=size, anchor="middle")
        sheet.write("title", line, colours.paper)
    foot = Box(_left(5), HEIGHT - MARGIN - 120, WIDTH - MARGIN - _left(5), 120)
    byline = fit(words.byline(book), words.BYLINE, foot, largest=29, anchor="bottom")
    sheet.write("authors", byline, colours.paper)


def _stair(broken: list[tuple[list[str], float]]) -> list[str]:
    """The breaking that makes a stair of two to five large lines, if the title has so many words."""
    stairs = [(texts, rag) for texts, rag in broken if 1 < len(texts) <= 5] or broken[:1]
    return max(stairs, key=lambda found: _stair_size(found[0]) * len(found[0]) ** 0.4 * (1 - 1.4 * found[1]))[
        0
    ]


def _left(step: int) -> float:
    return 76 + 36 * step


def _stair_size(texts: list[str]) -> float:
    """The size in which every line has room on its step."""
    widths = [set_lines([text], words.MODERN, Box(0, 0, 1e6, 1e6), largest=1)[0].ink.width for text in texts]
    return min(112.0, *((WIDTH - MARGIN - _left(step)) / width for step, width in enumerate(widths)))


def type_case(book: CoverText, sheet: Sheet, dice: Dice) -> None:
    """The letters of the title, each in its compartment of the printer's case."""
    colours, side, rows = sheet.palette, 100, 6
    letters = [letter for letter in words.title(book).upper() if letter.isalnum()] or [words.initial(book)]
    grounds = [colours.deep, colours.bright, colours.ink, mix(colours.paper, colours.deep, 0.22)]
    last = ""
    for place in range(6 * rows):
        cell = Box(place % 6 * side, place // 6 * side, side, side)
        ground = last = dice.pick([tone for tone in grounds if tone != last])
        sheet.rect(Box(cell.x, cell.y, side + 0.5, side + 0.5), ground)
        style = dice.pick((words.BOOK, words.POSTER, words.MODERN))
        inner, size = Box(cell.x + 13, cell.y + 2, side - 26, side - 21), 62_000 / face(style.face).cap_height
        spelled = face(style.face).spell(letters[place % len(letters)])
        letter = set_lines([spelled], style, inner, largest=size, align="centre", anchor="bottom")
        sheet.write("ornament", letter, ground)
    title = fit(words.title(book), words.HEADLINE, Box(MARGIN, 638, INNER, 146), largest=118)
    sheet.write("title", title, colours.paper)
    foot = Box(MARGIN, 802, INNER, 56)
    sheet.write(
        "authors", fit(words.byline(book), words.BYLINE, foot, largest=30, anchor="bottom"), colours.paper
    )


def plain(book: CoverText, sheet: Sheet, _dice: Dice) -> None:
    """For a text of so many different letters that their outlines would make any other cover heavy."""
    colours = sheet.palette
    title = fit(words.title(book), words.POSTER, Box(MARGIN, MARGIN, INNER, 560), largest=200)
    sheet.write("title", title, colours.paper)
    foot = Box(MARGIN, 680, INNER, HEIGHT - MARGIN - 680)
    sheet.write(
        "authors", fit(words.byline(book), words.POSTER, foot, largest=44, anchor="bottom"), colours.paper
    )
