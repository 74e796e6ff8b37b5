"""The statements that list the books of a shelf, each built once for all shelves of its shape.

First which books stand on a page is found, by an index alone where one has their order (migration 0014), then what
the shelf shows of them. To build, compile and load it anew took SQLAlchemy 1.4 ms of CPU for what SQLite finds in 0.1;
built once, of columns rather than objects, 0.3."""

from functools import lru_cache
from typing import Any, Literal, NamedTuple

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    ScalarSelect,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    func,
    literal,
    select,
    union_all,
)

from shop.filters import CONDITIONS, ON_SALE, Sort
from shop.search import (
    BOOKS,
    MOST,
    by_rank,
    first_having,
    first_having_these,
    having,
    title_begins,
)

BOOK = BOOKS.c
SHOWN = (
    BOOK.slug, BOOK.title, BOOK.subtitle, BOOK.authors, BOOK.publisher, BOOK.format, BOOK.price, BOOK.currency,
    BOOK.withdrawn, BOOK.file, BOOK.stock, BOOK.held,
)  # fmt: skip
KEYS = {
    Sort.FEATURED: BOOK.id,
    Sort.TITLE: BOOK.search_title,
    Sort.PRICE: BOOK.price,
    Sort.PRICE_DOWN: BOOK.price,
    Sort.NEWEST: BOOK.year,
}
ROWS, SKIPPED, REACH = (bindparam(name, type_=Integer) for name in ("rows", "skipped", "reach"))


class Key(NamedTuple):
    """Where a book stands in an order: by the value of KEYS, and among those alike by its id."""

    value: Any
    id: int


# By what the book is known that is counted from: none, its Key, or its Key without a value.
Begins = Literal["first", "value", "unknown"]


@lru_cache(maxsize=256)
def listing(names: tuple[str, ...], sort: Sort, begins: Begins = "first") -> Select[Any]:
    """`rows` books of those that meet the CONDITIONS of these names, with their Key (`key`, `id`), after `skipped`
    ones: of all of them, or of those from the book of a Key (`value`, `id`) on, whose value may be unknown.

    To seek that one costs as much wherever it stands; what is skipped costs an entry of the index each."""
    met = (ON_SALE, *(CONDITIONS[name] for name in names))
    found = select(BOOK.id, KEYS[sort].label("key"))
    if begins == "first":
        these = _ordered(found.where(*met), sort, KEYS[sort], BOOK.id)
    else:
        parts = [
            _ordered(found.where(*met, part), sort, KEYS[sort], BOOK.id) for part in _following(sort, begins)
        ]
        each = union_all(*(select(part.limit(REACH).subquery()) for part in parts)).subquery()
        these = _ordered(select(each), sort, each.c.key, each.c.id)
    return _shown(these.limit(ROWS).offset(SKIPPED).subquery(), sort)


@lru_cache(maxsize=256)
def ranking(dialect: str, words: int, names: tuple[str, ...], sort: Sort) -> Select[Any]:
    """The same of books that have so many words, with `found`, their number: about MOST are counted and ranked, and one
    more tells that there are others. They are those whose titles begin with the words, and those that the index of
    words gives first: on PostgreSQL as the table holds them; on SQLite by id, where the very word that was looked for
    comes before longer ones."""
    if sort == Sort.FEATURED and not names:
        return _titles_first(dialect, words)
    met = (CONDITIONS[name] for name in names)
    best = sort == Sort.FEATURED
    key = BOOK.search_title if best else KEYS[sort]
    ranked = select(BOOK.id, key.label("key"), (by_rank(words) if best else literal(0)).label("rank"))
    candidates = having(dialect, words, ranked, *met).limit(MOST + 1).cte("candidates")
    return _best(candidates, sort, _number(select(candidates)))


def _titles_first(dialect: str, words: int) -> Select[Any]:
    """Before all others the books whose titles begin with the words, which an index has in their order. On SQLite,
    where these fill the page, the others are only counted; on PostgreSQL, whose index of words counts no faster than it
    finds, they are left out where there are MOST of these."""
    enough = SKIPPED + ROWS if dialect == "sqlite" else literal(MOST + 1)
    ranked = BOOK.id, BOOK.search_title.label("key")
    titles = select(*ranked, literal(0).label("rank")).where(ON_SALE, title_begins())
    titles = titles.order_by(BOOK.search_title, BOOK.id)
    known = select((_number(titles.limit(enough)) == enough).label("enough")).cte("known")
    are_enough = select(known.c.enough).scalar_subquery()
    others = _others(dialect, words, case((are_enough, 0), else_=MOST + 1))
    titles = titles.limit(case((are_enough, SKIPPED + ROWS), else_=MOST + 1))
    candidates = union_all(*(select(some.subquery()) for some in (titles, others))).cte("candidates")
    many: ColumnElement[int] = literal(MOST + 1)
    if dialect == "sqlite":
        alike = _number(first_having_these(words, many))
        many = case((alike > MOST, alike), else_=_number(first_having(words, many)))
    found = case((are_enough, many), else_=_number(select(candidates)))
    return _best(candidates, Sort.FEATURED, found)


def _others(dialect: str, words: int, most: ColumnElement[int]) -> Select[Any]:
    """Of so many that have the words, those whose titles do not begin with them."""
    others = select(BOOK.id, BOOK.search_title.label("key"), by_rank(words).label("rank"))
    if dialect == "postgresql":
        return having(dialect, words, others, ~title_begins()).limit(most)
    found = first_having(words, most).subquery()
    return others.join_from(found, BOOKS, BOOK.id == found.c.id).where(~title_begins())


def _best(candidates: CTE, sort: Sort, found: ColumnElement[int]) -> Select[Any]:
    these = select(candidates).order_by(candidates.c.rank)
    these = _ordered(these, Sort.TITLE if sort == Sort.FEATURED else sort, candidates.c.key, candidates.c.id)
    return _shown(these.limit(ROWS).offset(SKIPPED).subquery(), sort, found.label("found"))


@lru_cache(maxsize=256)
def counting(names: tuple[str, ...]) -> Select[int]:
    """How many books meet the CONDITIONS of these names."""
    met = (ON_SALE, *(CONDITIONS[name] for name in names))
    return select(func.count()).select_from(BOOKS).where(*met)


COUNTING_EACH = (
    select(BOOK.category, func.count()).where(ON_SALE).group_by(BOOK.category).order_by(BOOK.category)
)


def _number(books: Select[Any]) -> ScalarSelect[int]:
    return select(func.count()).select_from(books.subquery()).scalar_subquery()


def _shown(these: Subquery, sort: Sort, *more: Any) -> Select[Any]:
    shown = select(*SHOWN, these.c.id, these.c.key, *more).join_from(these, BOOKS, BOOK.id == these.c.id)
    if "rank" not in these.c:
        return _ordered(shown, sort, these.c.key, these.c.id)
    shown = shown.order_by(these.c.rank)
    return _ordered(shown, Sort.TITLE if sort == Sort.FEATURED else sort, these.c.key, these.c.id)


def _ordered(
    books: Select[Any], sort: Sort, key: ColumnElement[Any], book_id: ColumnElement[int]
) -> Select[Any]:
    match sort:
        case Sort.FEATURED:
            return books.order_by(book_id)
        case Sort.PRICE_DOWN:
            return books.order_by(key.desc(), book_id.desc())
        case Sort.NEWEST:
            return books.order_by(key.desc().nulls_last(), book_id)
        case _:
            return books.order_by(key, book_id)


def _following(sort: Sort, begins: Begins) -> list[ColumnElement[bool]]:
    """The parts of an order from the book of a Key on: those alike from it on, then those beyond them. (One condition
    for both would make SQLite walk through all that are alike, and ten thousand books may have one price.)"""
    key, book_id = KEYS[sort], bindparam("id", type_=Integer)
    value, unknown = bindparam("value", type_=key.type), key.is_(None)
    later = BOOK.id >= book_id
    if sort == Sort.FEATURED:
        return [later]
    if begins == "unknown":  # as only a year may be
        return [and_(unknown, later)]
    match sort:
        case Sort.PRICE_DOWN:
            return [and_(key == value, BOOK.id <= book_id), key < value]
        case Sort.NEWEST:
            return [and_(key == value, later), key < value, unknown]
        case _:
            return [and_(key == value, later), key > value]
