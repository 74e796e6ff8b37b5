"""Finding books by words. What is searched is folded here, in Python, so that every database gives the same answers;
the databases only keep an index of it: FTS5 on SQLite, GIN on PostgreSQL (migration 0003)."""

import re
import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    String,
    TextClause,
    and_,
    bindparam,
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
BOOKS = Book.__table__


class Index(NamedTuple):
    """How a database is asked for books by their words."""

    match: str
    table: str
    quoted: str
    begins: str
    every: str
    any: str


FTS5 = Index("book_search MATCH {}", "book_search", "'\"' || :{} || '\"'", "*", "AND", "OR")
GIN = Index(
    "array_to_tsvector(string_to_array(books.search_text, ' ')) @@ CAST({} AS tsquery)",
    "books", "'''' || :{} || ''''", ":*", "&", "|",
)  # fmt: skip


def matching(session: AsyncSession, words: Sequence[str], *conditions: ColumnElement[bool]) -> Select[int]:
    """The ids of books that have all the words (see `having`) and meet the conditions: at most one more than MOST."""
    if not words:
        return select(Book.id).where(false())
    found = having(dialect_of(session), len(words), select(BOOKS.c.id), *conditions)
    return found.limit(MOST + 1).params(bound(words))


def dialect_of(session: AsyncSession) -> str:
    return session.get_bind().dialect.name


def having(
    dialect: str, words: int, books: Select[Any], *conditions: ColumnElement[bool], unless: str = ""
) -> Select[Any]:
    """Of the books that meet the conditions, those that have each of so many words, which `bound` gives, or one that
    begins with it.

    On SQLite, a word that more than MOST books have stands for itself alone: FTS5 gathers all that begins with it
    before it gives the first, which took 6 ms of a million books, and up to 40; of one word it gives one by one.
    There, too, none is looked for where the condition `unless` is met, an expression of SQL."""
    index = FTS5 if dialect == "sqlite" else GIN
    each = _unless_common if index is FTS5 else _beginning_with
    meant = f" || ' {index.every} ' || ".join(each(index, number) for number in range(words))
    if unless:
        meant = f"CASE WHEN {unless} THEN '\"\"' ELSE {meant} END"
    return _found(index, meant, words, books, *conditions)


def bound(words: Sequence[str]) -> dict[str, str]:
    """The words as `having` and `by_rank` ask for them."""
    return {"words": " ".join(words), **{f"word_{number}": word for number, word in enumerate(words)}}


def by_rank(words: int) -> SQLColumnExpression[int]:
    """Titles that begin with the words, then titles that have them all, then the others."""
    title, space = literal(" ", String) + BOOKS.c.search_title, literal(" ", String)
    each = (title.contains(space + bindparam(f"word_{number}", type_=String)) for number in range(words))
    begins = BOOKS.c.search_title.startswith(bindparam("words", type_=String))
    return case((begins, 0), (and_(*each), 1), else_=2)


def title_begins() -> ColumnElement[bool]:
    """With the very words: no letter of a folded title comes before the sign after them."""
    begins = bindparam("words", type_=String)
    return and_(BOOKS.c.search_title >= begins, BOOKS.c.search_title < begins + literal("!", String))


def abounds(words: int) -> TextClause:
    """On SQLite: whether so many books have all the very words that more than MOST of them are on sale, unless a fifth
    has been withdrawn."""
    every = f" || ' {FTS5.every} ' || ".join(FTS5.quoted.format(f"word_{number}") for number in range(words))
    many = MOST * 5 // 4
    have = f"SELECT 1 FROM book_search WHERE book_search MATCH {every} LIMIT {many}"  # noqa: S608
    return text(f"(SELECT count(*) FROM ({have}) AS have) = {many}")  # noqa: S608


def _beginning_with(index: Index, number: int) -> str:
    return f"{index.quoted.format(f'word_{number}')} || '{index.begins}'"


def _unless_common(index: Index, number: int) -> str:
    # Of our own words alone: those that somebody typed are bound.
    word = index.quoted.format(f"word_{number}")
    have = f"SELECT 1 FROM {index.table} WHERE {index.match.format(word)} LIMIT {MOST + 1}"  # noqa: S608
    common = f"(SELECT count(*) FROM ({have}) AS have) > {MOST}"  # noqa: S608
    return f"CASE WHEN {common} THEN {word} ELSE {_beginning_with(index, number)} END"


def _found(
    index: Index, looked_for: str, words: int, books: Select[Any], *conditions: ColumnElement[bool]
) -> Select[Any]:
    binds = (bindparam(f"word_{number}", type_=String) for number in range(words))
    match = text(index.match.format(looked_for)).bindparams(*binds)
    if index is GIN:
        return books.where(match, *conditions)
    # Without IS TRUE, SQLite would walk the index of a condition and ask FTS5 about book after book.
    books = books.join_from(FTS, BOOKS, BOOKS.c.id == FTS.c.rowid)
    return books.where(match, *(condition.is_(True) for condition in conditions))


async def nearest(
    session: AsyncSession, words: Sequence[str], *conditions: ColumnElement[bool], most: int = 4
) -> list[Book]:
    """Books that may be meant where nothing matches: with a word that begins alike and is spelled much alike."""
    beginnings = list(dict.fromkeys(word[: max(2, len(word) // 2)] for word in words if len(word) > 3))
    books = await session.scalars(_beginning(session, beginnings, *conditions)) if beginnings else ()
    known: dict[str, float] = {}
    alike = []
    for book in books:
        theirs = book.search_text.split()
        known |= {other: _likeness(words[:COMPARED], other) for other in theirs if other not in known}
        alike.append((max((known[other] for other in theirs), default=0), book))
    alike.sort(key=lambda pair: -pair[0])
    return [book for likeness, book in alike[:most] if likeness > 0.7]


def _beginning(session: AsyncSession, words: Sequence[str], *conditions: ColumnElement[bool]) -> Select[Book]:
    """Some of the books of which a word begins with any of the words."""
    index = FTS5 if dialect_of(session) == "sqlite" else GIN
    any_of_them = f" || ' {index.any} ' || ".join(_beginning_with(index, n) for n in range(len(words)))
    found = _found(index, any_of_them, len(words), select(BOOKS.c.id), *conditions).limit(200)
    return select(Book).where(Book.id.in_(found.params(bound(words)))).order_by(Book.id)


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
    if sum(map(str.isdigit, typed)) < 9:  # as most of what is searched for
        return None
    number = isbn.compact(re.sub(r"^\s*isbn(-1[03])?\b:?", "", typed, flags=re.IGNORECASE))
    return isbn.to_isbn13(number) if isbn.is_valid(number) else None
