"""What may be meant where a search finds nothing."""

from collections.abc import Sequence
from difflib import SequenceMatcher

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.models import Book
from shop.search import BOOKS, bound, dialect_of, having_any

COMPARED = 8  # words for which one that is spelled alike is looked for: it takes long


async def nearest(session: AsyncSession, words: Sequence[str], most: int = 4) -> list[Book]:
    """Books on sale that may be meant where nothing matches: a word begins alike and is spelled much alike."""
    beginnings = list(dict.fromkeys(word[: max(2, len(word) // 2)] for word in words if len(word) > 3))
    books = await session.scalars(_beginning(session, beginnings)) if beginnings else ()
    known: dict[str, float] = {}
    alike = []
    for book in books:
        theirs = book.search_text.split()
        known |= {other: _likeness(words[:COMPARED], other) for other in theirs if other not in known}
        alike.append((max((known[other] for other in theirs), default=0), book))
    alike.sort(key=lambda pair: -pair[0])
    return [book for likeness, book in alike[:most] if likeness > 0.7]


def _beginning(session: AsyncSession, words: Sequence[str]) -> Select[Book]:
    """Some of the books on sale of which a word begins with any of the words."""
    found = having_any(dialect_of(session), len(words), select(BOOKS.c.id)).limit(200)
    return select(Book).where(Book.id.in_(found.params(bound(words)))).order_by(Book.id)


def _likeness(words: Sequence[str], other: str) -> float:
    """From 0 to 1, by the word that is most alike."""
    pairs = (SequenceMatcher(None, word, other) for word in words if word[0] == other[0])
    return max((pair.ratio() for pair in pairs if pair.quick_ratio() > 0.7), default=0)
