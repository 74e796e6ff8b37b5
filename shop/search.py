"""Finding books by words. What is searched is folded here, in Python, so that every database gives the same answers;
the databases only keep an index of it: FTS5 on SQLite, GIN on PostgreSQL (migration 0003)."""

import re
import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    String,
    and_,
    case,
    column,
    false,
    literal,
    select,
    table,
    text,
)
from sqlalchemy.ext.asyncio import AsyncSession
from stdnum import isbn

from shop.models import Book

MOST = 1000  # as many candidates are ranked; who finds more will want to say more
LONGEST = 60  # letters of a word that count
COMPARED = 8  # words for which one that is spelled alike is looked for: it takes long
UNMARKED = str.maketrans(
    {"’": "'", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "æ": "ae", "Æ": "Ae", "œ": "oe"}
)


class _Plain(dict[int, str | None]):
    """What each letter becomes, remembered for those of alphabets: an import folds millions of words."""

    def __missing__(self, code: int) -> str | None:
        letter = chr(code)
        plain = None if unicodedata.combining(letter) else letter if letter.isprintable() else " "
        if code < 0x3000:
            self[code] = plain
        return plain


PLAIN = _Plain(UNMARKED)
IDEOGRAPH = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"  # written without spaces: each counts as a word
WORD = re.compile(rf"[{IDEOGRAPH}]|[^\W_{IDEOGRAPH}]+")
ASCII_WORD = re.compile(r"[a-z0-9]+")  # the same, of folded text: twice as fast
JOINT = re.compile("['‐-]")
JOINED = re.compile(rf"(?<=\w){JOINT.pattern}(?=\w)")
FTS = table("book_search", column("rowid"))


def matching(
    session: AsyncSession, words: Sequence[str], *conditions: ColumnElement[bool], every: bool = True
) -> Select[int]:
    """The ids of books of which a word begins with each of the words (or with `every=False` any of them), of those
    that meet the conditions: at most one more than MOST."""
    if not words:
        return select(Book.id).where(false())
    if session.get_bind().dialect.name == "sqlite":
        prefixes = (" AND " if every else " OR ").join(f'"{word}"*' for word in words)
        found = select(Book.id).join_from(FTS, Book, Book.id == FTS.c.rowid)
        found = found.where(text("book_search MATCH :prefixes").bindparams(prefixes=prefixes))
        # Without IS TRUE, SQLite would walk the index of a condition and ask FTS5 about book after book.
        conditions = tuple(condition.is_(True) for condition in conditions)
    else:
        prefixes = (" & " if every else " | ").join(f"'{word}':*" for word in words)
        indexed = text(
            "array_to_tsvector(string_to_array(books.search_text, ' ')) @@ CAST(:prefixes AS tsquery)"
        )
        found = select(Book.id).where(indexed.bindparams(prefixes=prefixes))
    return found.where(*conditions).limit(MOST + 1)


def by_rank(words: Sequence[str]) -> tuple[SQLColumnExpression[Any], ...]:
    """Titles that begin with the words, then titles that have them all, then the others; each by title."""
    title = literal(" ", String) + Book.search_title
    rank = case(
        (Book.search_title.startswith(" ".join(words)), 0),
        (and_(*(title.contains(f" {word}") for word in words)), 1),
        else_=2,
    )
    return rank, Book.search_title, Book.id


async def nearest(
    session: AsyncSession, words: Sequence[str], *conditions: ColumnElement[bool], most: int = 4
) -> list[Book]:
    """Books that may be meant where nothing matches: with a word that begins alike and is spelled much alike."""
    beginnings = list(dict.fromkeys(word[: max(2, len(word) // 2)] for word in words if len(word) > 3))
    ids = matching(session, beginnings, *conditions, every=False).limit(200)
    books = await session.scalars(select(Book).where(Book.id.in_(ids)).order_by(Book.id))
    known: dict[str, float] = {}
    alike = []
    for book in books:
        theirs = book.search_text.split()
        known |= {other: _likeness(words[:COMPARED], other) for other in theirs if other not in known}
        alike.append((max((known[other] for other in theirs), default=0), book))
    alike.sort(key=lambda pair: -pair[0])
    return [book for likeness, book in alike[:most] if likeness > 0.7]


def _likeness(words: Sequence[str], other: str) -> float:
    """From 0 to 1, by the word that is most alike."""
    pairs = (SequenceMatcher(None, word, other) for word in words if word[0] == other[0])
    return max((pair.ratio() for pair in pairs if pair.quick_ratio() > 0.7), default=0)


def find_words(typed: str) -> list[str]:
    """The words to look for: nothing in them means anything to a database."""
    return list(dict.fromkeys(word[:LONGEST] for word in _words(fold(typed).replace("'", ""))))


def search_title(*parts: str) -> str:
    """The words of a title in their order, for `Book.search_title`."""
    return " ".join(_words(fold(*parts).replace("'", "")))


def search_text(*parts: str) -> str:
    """Every word once, for `Book.search_text`; what has an apostrophe or a hyphen in it is found by its parts and as
    one: O'Reilly, reilly, oreilly."""
    folded = fold(*parts)
    words = _words(folded)
    if JOINT.search(folded):
        words += _words(JOINED.sub("", folded))
    return " ".join(dict.fromkeys([word[:LONGEST] for word in words]))


def _words(folded: str) -> list[str]:
    return (ASCII_WORD if folded.isascii() else WORD).findall(folded)


def fold(*parts: str) -> str:
    """No case, no accents, single spaces, nothing unprintable (databases refuse NUL)."""
    text = " ".join(filter(None, parts))
    if not (text.isascii() and text.isprintable()):
        text = unicodedata.normalize("NFKD", text).translate(PLAIN)
    return " ".join(text.casefold().split())


def read_isbn(typed: str) -> str | None:
    """The ISBN-13 that somebody typed as ISBN-13 or ISBN-10, with hyphens or spaces or without."""
    number = isbn.compact(re.sub(r"^\s*isbn(-1[03])?\b:?", "", typed, flags=re.IGNORECASE))
    return isbn.to_isbn13(number) if isbn.is_valid(number) else None
