"""Words to search by, and an index of them: FTS5 on SQLite, GIN on PostgreSQL"""

import re
import unicodedata
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# The text is folded and cut into words by the shop, so no tokenizer and no dictionary has a say: both databases
# split it at spaces. A migration that makes `books` anew (batch mode) must make the triggers anew too.
SQLITE = (
    """CREATE VIRTUAL TABLE book_search USING fts5 (
        search_text, content='books', content_rowid='id', tokenize='ascii', detail=none, columnsize=0, prefix='2 3'
    )""",
    "INSERT INTO book_search (book_search) VALUES ('rebuild')",
    """CREATE TRIGGER book_search_insert AFTER INSERT ON books BEGIN
        INSERT INTO book_search (rowid, search_text) VALUES (new.id, new.search_text);
    END""",
    """CREATE TRIGGER book_search_delete AFTER DELETE ON books BEGIN
        INSERT INTO book_search (book_search, rowid, search_text) VALUES ('delete', old.id, old.search_text);
    END""",
    """CREATE TRIGGER book_search_update AFTER UPDATE OF search_text ON books
    WHEN new.search_text IS NOT old.search_text BEGIN
        INSERT INTO book_search (book_search, rowid, search_text) VALUES ('delete', old.id, old.search_text);
        INSERT INTO book_search (rowid, search_text) VALUES (new.id, new.search_text);
    END""",
)
POSTGRESQL = (
    "CREATE INDEX book_search ON books USING gin (array_to_tsvector(string_to_array(search_text, ' ')))"
)


def upgrade() -> None:
    op.add_column("books", sa.Column("search_title", sa.Text(), server_default=sa.text("''"), nullable=False))
    _fill()
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else (POSTGRESQL,):
        op.execute(statement)


def _fill() -> None:
    """Words for the books that are there, as the shop makes them since this version."""
    fields = ("title", "subtitle", "authors", "publisher", "category", "format", "isbn")
    books = sa.table("books", *map(sa.column, ("id", *fields, "search_title", "search_text")))
    rows = op.get_bind().execute(sa.select(books.c.id, *(books.c[name] for name in fields))).all()
    for book_id, *parts in rows:
        folded = _fold(*parts)
        joined = re.sub(r"(?<=\w)['‐-](?=\w)", "", folded)
        words = dict.fromkeys(word[:60] for word in _words(folded) + _words(joined))
        title = " ".join(_words(_fold(*parts[:2]).replace("'", "")))
        values = {"search_title": title, "search_text": " ".join(words)}
        op.execute(books.update().where(books.c.id == book_id).values(**values))


def _fold(*parts: str | None) -> str:
    marks = str.maketrans(
        {
            "’": "'",
            "ø": "o",
            "Ø": "O",
            "ł": "l",
            "Ł": "L",
            "đ": "d",
            "Đ": "D",
            "æ": "ae",
            "Æ": "Ae",
            "œ": "oe",
        }
    )
    text = unicodedata.normalize("NFKD", " ".join(part for part in parts if part)).translate(marks)
    text = "".join(c if c.isprintable() else " " for c in text if not unicodedata.combining(c))
    return " ".join(text.casefold().split())


def _words(text: str) -> list[str]:
    ideograph = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    return re.findall(rf"[{ideograph}]|[^\W_{ideograph}]+", text)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in ("insert", "delete", "update"):
            op.execute(f"DROP TRIGGER book_search_{name}")
        op.execute("DROP TABLE book_search")
    else:
        op.execute("DROP INDEX book_search")
    op.drop_column("books", "search_title")
