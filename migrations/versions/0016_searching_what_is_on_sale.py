"""Find what is on sale, and titles that begin with some words, by indexes alone"""

from collections.abc import Sequence

from alembic import op

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# SQLite's index of words knows those of withdrawn books with a sign before them that nobody can type: to look at each
# book that it finds whether it is on sale took ten times as long as to find it. A migration that makes `books` anew
# (batch mode) must make the triggers anew too, and whoever has FTS5 rebuild the index must withdraw those books again.
PLAIN = "{0}.search_text"
MARKED = (
    "CASE WHEN {0}.withdrawn THEN replace(' ' || {0}.search_text, ' ', ' \ue000') ELSE {0}.search_text END"
)
# Its words in their order, with the books that have them: FTS5 itself gathers all that begins with a word before it
# gives the first, of a million books up to 100 ms long.
WORDS = "CREATE VIRTUAL TABLE book_search_words USING fts5vocab (book_search, instance)"
TRIGGERS = {
    "insert": "INSERT ON books BEGIN {put} END",
    "delete": "DELETE ON books BEGIN {take} END",
    "update": """UPDATE OF search_text, withdrawn ON books
    WHEN new.search_text IS NOT old.search_text OR new.withdrawn IS NOT old.withdrawn BEGIN {take} {put} END""",
}
BEFORE = {**TRIGGERS, "update": """UPDATE OF search_text ON books
    WHEN new.search_text IS NOT old.search_text BEGIN {take} {put} END"""}  # fmt: skip
TAKE = "INSERT INTO book_search (book_search, rowid, search_text) {}"
PUT = "INSERT INTO book_search (rowid, search_text) {}"
# PostgreSQL orders titles by the numbers of their signs, as SQLite does, whatever the language of the database: so
# those that begin alike stand together in their index.
COLLATE = 'ALTER TABLE books ALTER COLUMN search_title TYPE text COLLATE "{}"'


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _index_withdrawn(PLAIN, MARKED)
        op.execute(WORDS)
        _make_triggers(TRIGGERS, MARKED)
    else:
        op.execute(COLLATE.format("C"))


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE book_search_words")
        _index_withdrawn(MARKED, PLAIN)
        _make_triggers(BEFORE, PLAIN)
    else:
        op.execute(COLLATE.format("default"))


def _index_withdrawn(words: str, others: str) -> None:
    """By others than the words by which they are in the index."""
    books = "FROM books WHERE withdrawn"
    op.execute(TAKE.format(f"SELECT 'delete', books.id, {words.format('books')} {books}"))
    op.execute(PUT.format(f"SELECT books.id, {others.format('books')} {books}"))


def _make_triggers(triggers: dict[str, str], words: str) -> None:
    take = TAKE.format(f"VALUES ('delete', old.id, {words.format('old')});")
    put = PUT.format(f"VALUES (new.id, {words.format('new')});")
    for name, trigger in triggers.items():
        op.execute(f"DROP TRIGGER book_search_{name}")
        op.execute(f"CREATE TRIGGER book_search_{name} AFTER {trigger.format(take=take, put=put)}")
