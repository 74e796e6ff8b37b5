"""Indexes that have the orders of the shelf"""

from collections.abc import Sequence

from alembic import op

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# Of the books on sale alone, so that they count them too. SQLite takes no NULLS LAST, and has them last anyway.
NEWEST = {"sqlite": "year DESC, id", "postgresql": "year DESC NULLS LAST, id"}
ON_SALE = {"sqlite": "withdrawn IS 0", "postgresql": "withdrawn IS false"}
ORDERS = {
    "on_sale": "id",
    "category": "category, id",
    "title": "search_title, id",
    "price": "price, id",
}


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    for name, order in {**ORDERS, "newest": NEWEST[dialect]}.items():
        op.execute(f"CREATE INDEX shelf_{name} ON books ({order}) WHERE {ON_SALE[dialect]}")
    op.drop_index("ix_books_category", "books")


def downgrade() -> None:
    op.create_index("ix_books_category", "books", ["category"])
    for name in (*ORDERS, "newest"):
        op.execute(f"DROP INDEX shelf_{name}")
