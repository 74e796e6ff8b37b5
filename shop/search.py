"""Finding books by words. What is searched is folded here, in Python, so that every database gives the same answers;
the databases only keep an index of it: FTS5 on SQLite, GIN on PostgreSQL (migrations 0003 and 0016)."""

import re
import sys
import unicodedata
from collections.abc import Sequence
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

from shop.filters import ON_SALE
from shop.models import Book

MOST = 1000  # as many candidates are ranked; who finds more will want to say more
LONGEST = 60  # letters of a word that count
LAST = chr(sys.maxunicode)  # comes after every other sign
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
WORDS = table("book_search_words", column("term"), column("doc"))  # which words stand in it, in their order
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
# Stands before each word of a book that is not on sale, for FTS5; nobody can type it (migration 0016).
WITHDRAWN = "\ue000"


def matching(session: AsyncSession, words: Sequence[str], *, on_sale: bool) -> Select[int]:
    """The ids of books that have all the words (see `having`): at most one more than MOST."""
    if not words:
        return select(Book.id).where(false())
    found = having(dialect_of(session), len(words), select(BOOKS.c.id), on_sale=on_sale)
    return found.limit(MOST + 1).params(bound(words))


def dialect_of(session: AsyncSession) -> str:
    return session.get_bind().dialect.name


def having(
    dialect: str, words: int, books: Select[Any], *conditions: ColumnElement[bool], on_sale: bool = True
) -> Select[Any]:
    """Of the books that meet the conditions, those that have each of so many words, which `bound` gives, or one that
    begins with it."""
    index = FTS5 if dialect == "sqlite" else GIN
    return _found(index, _meant(index, words, on_sale), words, books, *conditions, on_sale=on_sale)


def having_any(dialect: str, words: int, books: Select[Any]) -> Select[Any]:
    """The same of books on sale that have any of them."""
    index = FTS5 if dialect == "sqlite" else GIN
    meant = f" || ' {index.any} ' || ".join(_beginning_with(index, number) for number in range(words))
    return _found(index, meant, words, books)


def first_having(words: int, most: SQLColumnExpression[int]) -> Select[Any]:
    """On SQLite: so many ids of books on sale that have the words, without a look at the books, which takes ten times
    as long. Of one word, the very word comes first, then longer ones in their order; of several, see `having`."""
    if words > 1:
        return select(FTS.c.rowid.label("id")).where(_match(FTS5, _meant(FTS5, words), words)).limit(most)
    word = bindparam("word_0", type_=String)
    begins = WORDS.c.term >= word, WORDS.c.term <= word + literal(LAST, String)
    return select(WORDS.c.doc.label("id")).distinct().where(*begins).limit(most)


def first_having_these(words: int, most: SQLColumnExpression[int]) -> Select[Any]:
    """The same of those that have the very words: a third of the time."""
    every = f" || ' {FTS5.every} ' || ".join(FTS5.quoted.format(f"word_{number}") for number in range(words))
    return select(FTS.c.rowid.label("id")).where(_match(FTS5, every, words)).limit(most)


def bound(words: Sequence[str]) -> dict[str, str]:
    """The words as `having` and `by_rank` ask for them."""
    return {"words": " ".join(words), **{f"word_{number}": word for number, word in enumerate(words)}}


def by_rank(words: int) -> SQLColumnExpression[int]:
    """Titles that begin with the words, then titles that have them all, then the others."""
    title, space = literal(" ", String) + BOOKS.c.search_title, literal(" ", String)
    each = (title.contains(space + bindparam(f"word_{number}", type_=String)) for number in range(words))
    return case((title_begins(), 0), (and_(*each), 1), else_=2)


def title_begins() -> ColumnElement[bool]:
    """With the words, of which the last may go on: a range of the index of titles, which stand in it by the numbers of
    their signs."""
    begins = bindparam("words", type_=String)
    return and_(BOOKS.c.search_title >= begins, BOOKS.c.search_title < begins + literal(LAST, String))


def _meant(index: Index, words: int, on_sale: bool = True) -> str:
    each = _unless_common if index is FTS5 else _beginning_with
    meant = (each(index, number) for number in range(words))
    if index is FTS5 and not on_sale:
        withdrawn = (f"'\"{WITHDRAWN}' || :word_{number} || '\"*'" for number in range(words))
        meant = (
            f"'(' || {sold} || ' OR ' || {other} || ')'" for sold, other in zip(meant, withdrawn, strict=True)
        )
    return f" || ' {index.every} ' || ".join(meant)


def _beginning_with(index: Index, number: int) -> str:
    return f"{index.quoted.format(f'word_{number}')} || '{index.begins}'"


def _unless_common(index: Index, number: int) -> str:
    """A word that more than MOST books have stands for itself alone: FTS5 gathers all that begins with it before it
    gives the first, which took 6 ms of a million books, and up to 40; of one word it gives one by one."""
    # Of our own words alone: those that somebody typed are bound.
    word = index.quoted.format(f"word_{number}")
    have = f"SELECT 1 FROM {index.table} WHERE {index.match.format(word)} LIMIT {MOST + 1}"  # noqa: S608
    common = f"(SELECT count(*) FROM ({have}) AS have) > {MOST}"  # noqa: S608
    return f"CASE WHEN {common} THEN {word} ELSE {_beginning_with(index, number)} END"


def _found(
    index: Index,
    meant: str,
    words: int,
    books: Select[Any],
    *conditions: ColumnElement[bool],
    on_sale: bool = True,
) -> Select[Any]:
    match = _match(index, meant, words)
    if index is GIN:
        return books.where(match, *([ON_SALE] if on_sale else []), *conditions)
    # Without IS TRUE, SQLite would walk the index of a condition and ask FTS5 about book after book.
    books = books.join_from(FTS, BOOKS, BOOKS.c.id == FTS.c.rowid)
    return books.where(match, *(condition.is_(True) for condition in conditions))


def _match(index: Index, meant: str, words: int) -> TextClause:
    binds = (bindparam(f"word_{number}", type_=String) for number in range(words))
    return text(index.match.format(meant)).bindparams(*binds)


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
