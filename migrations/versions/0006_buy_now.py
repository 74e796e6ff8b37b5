"""Orders of one book, beside the cart"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

OPEN = "status = 'pending' AND NOT cart_released"


def upgrade() -> None:
    # In plain SQL, since a batch would make the table anew, and dropping the old one empties all that refers to it.
    op.execute(
        "ALTER TABLE orders ADD COLUMN only_book_id INTEGER"
        " CONSTRAINT fk_orders_only_book_id_books REFERENCES books (id)"
    )
    op.drop_index("uq_orders_open_cart", "orders")
    _make_unique("uq_orders_open_cart", ["cart_id"], f"{OPEN} AND only_book_id IS NULL")
    _make_unique("uq_orders_open_book", ["cart_id", "only_book_id"], OPEN)


def downgrade() -> None:
    op.drop_index("uq_orders_open_book", "orders")
    op.drop_index("uq_orders_open_cart", "orders")
    op.execute("UPDATE orders SET cart_id = NULL WHERE only_book_id IS NOT NULL")
    op.execute("ALTER TABLE orders DROP COLUMN only_book_id")
    _make_unique("uq_orders_open_cart", ["cart_id"], OPEN)


def _make_unique(name: str, columns: list[str], where: str) -> None:
    op.create_index(
        name,
        "orders",
        columns,
        unique=True,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )
