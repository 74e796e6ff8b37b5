"""Books to measure with, as many as wanted and always the same: of a file, or made of syllables.

Words of titles are drawn as people use words (the n-th as often as 1/n). Beyond the first ten thousand, titles and
authors come again with subtitles of their own. Whatever their number, four books share one rare word."""

import csv
import hashlib
import itertools
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from shop.models import BookFormat
from shop.search import search_text, search_title

BASE = 10_000
VERSION = "1"  # of what this module makes: kept databases are made anew when it changes
VOCABULARY = 30_000
SHARING = 4  # books, one rare word
SYLLABLES = (
    "ba", "ri", "to", "men", "sha", "lu", "ke", "vor", "ti", "na", "pol", "gra", "si", "dun", "we", "mo", "ler", "fi",
    "ca", "zu",
)  # fmt: skip
RARE = "bdfgkmnprstvxz"
CATEGORIES = (
    "Art", "Biography", "Children", "Computing history", "Cookery", "Essays", "Fiction", "History", "Poetry",
    "Science", "Thinking", "Travel",
)  # fmt: skip
COLUMNS = (
    "id", "slug", "isbn", "title", "subtitle", "authors", "publisher", "year", "first_published", "format", "category",
    "price", "currency", "stock", "blurb", "search_title", "search_text",
)  # fmt: skip
CSV_COLUMNS = (
    "isbn13", "title", "subtitle", "authors", "publisher", "edition_year", "first_published", "format", "category",
    "price_cents", "currency", "stock", "blurb",
)  # fmt: skip


class Base(NamedTuple):
    """What books have in common that differ by their subtitle."""

    isbn: str | None
    title: str
    authors: str
    publisher: str
    year: int | None
    format: str
    category: str
    price: int
    blurb: str
    title_words: str
    words: list[str]
    slug: str


def fingerprint(file: Path | None) -> str:
    read = file.read_bytes() if file else b""
    return hashlib.sha256(VERSION.encode() + read).hexdigest()[:8]


def bases(file: Path | None) -> list[Base]:
    """Up to ten thousand: the file's with a title and authors, or made ones. Raises ValueError with what is wrong with
    the file."""
    chance, words = random.Random(7), Words()
    if file is None:
        return [_made(chance, words, None, words.title(chance), words.names(chance)) for _ in range(BASE)]
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = [row for row in csv.DictReader(lines) if row.get("title") and row.get("authors")]
    except (UnicodeDecodeError, csv.Error):
        raise ValueError("it is no CSV in UTF-8") from None
    known: dict[str, dict[str, str]] = {}
    for row in rows:
        if (number := row.get("isbn13", "")).isdigit() and len(number) == 13:
            known.setdefault(number, row)
    return [
        _made(chance, words, number, row["title"][:300], row["authors"].replace(", ", "; ")[:500], row)
        for number, row in itertools.islice(known.items(), BASE)
    ]


class Words:
    def __init__(self) -> None:
        chance = random.Random(3)
        lengths = (chance.randint(2, 4) for _ in range(VOCABULARY))
        self.all = ["".join(chance.choices(SYLLABLES, k=length)) for length in lengths]
        self.weights = list(itertools.accumulate(1 / (rank + 3) for rank in range(VOCABULARY)))

    def some(self, chance: random.Random, count: int) -> list[str]:
        return chance.choices(self.all, cum_weights=self.weights, k=count)

    def title(self, chance: random.Random) -> str:
        return " ".join(self.some(chance, chance.randint(1, 5))).title()

    def names(self, chance: random.Random) -> str:
        return "; ".join(" ".join(self.some(chance, 2)).title() for _ in range(chance.choice((1, 1, 1, 2))))


def _made(
    chance: random.Random,
    words: Words,
    isbn: str | None,
    title: str,
    authors: str,
    row: dict[str, str] | None = None,
) -> Base:
    said = row or {}
    year = said.get("edition_year") or said.get("year") or str(1950 + chance.randrange(75))
    category = said.get("category") or chance.choice(CATEGORIES)
    price = said.get("price_cents") or str(900 + 50 * chance.randrange(80))
    if not price.isascii() or not price.isdigit():
        raise ValueError(f"price_cents of {title} is {price}: write whole cents, like 1250")
    kind = chance.choice((BookFormat.HARDCOVER, BookFormat.PAPERBACK, BookFormat.PAPERBACK)).value
    publisher = said.get("publisher") or f"{words.some(chance, 1)[0].title()} Press"
    blurb = said.get("blurb") or " ".join(words.some(chance, 25)).capitalize() + "."
    title_words = search_title(title)
    return Base(
        isbn,
        title,
        authors,
        publisher,
        int(year) if year.isdigit() and 1450 <= int(year) <= 2100 else None,
        kind,
        category,
        int(price),
        blurb,
        title_words,
        search_text(title, authors, publisher, category, kind).split(),
        "-".join(title_words.encode("ascii", "ignore").decode().split())[:150] or "book",
    )


def books(common: Sequence[Base], count: int) -> Iterator[tuple[object, ...]]:
    """Rows of COLUMNS. The words to search by are those that `shop.search` would find: what is added here is plain."""
    chance, words = random.Random(11), Words()
    for number in range(count):
        base = common[number % len(common)]
        subtitle = [rare_word(number // SHARING), *words.some(chance, 3)]
        isbn = base.isbn if base.isbn and number < len(common) else _isbn(number)
        yield (
            number + 1, f"{base.slug}-{number + 1}", isbn, base.title, " ".join(subtitle).capitalize(), base.authors,
            base.publisher, base.year, None, base.format, base.category, base.price, "usd", 100_000, base.blurb,
            f"{base.title_words} {' '.join(subtitle)}",
            " ".join(dict.fromkeys([*base.words, *subtitle, isbn])),
        )  # fmt: skip


def write_csv(file: Path, common: Sequence[Base], count: int) -> None:
    """As `shop import` reads it."""
    with file.open("w", encoding="utf-8", newline="") as lines:
        rows = csv.writer(lines)
        rows.writerow(CSV_COLUMNS)
        for _, _, *columns, _, _ in books(common, count):
            rows.writerow("" if value is None else value for value in columns)


def rare_word(number: int) -> str:
    """Another one for each number, and no beginning of another."""
    letters = []
    for _ in range(6):
        number, digit = divmod(number, len(RARE))
        letters.append(RARE[digit])
    return "q" + "".join(letters)


def _isbn(number: int) -> str:
    digits = f"9798{number:08}"
    check = -(sum(map(int, digits[::2])) + 3 * sum(map(int, digits[1::2]))) % 10
    return f"{digits}{check}"
