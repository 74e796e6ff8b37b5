"""Books that are no longer sold, and finding a book by its title"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("books", sa.Column("withdrawn", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index("ix_books_title", "books", ["title"])


def downgrade() -> None:
    op.drop_index("ix_books_title", "books")
    op.drop_column("books", "withdrawn")
