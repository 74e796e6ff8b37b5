"""Discounts, and what of them falls on a line"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("order_lines", sa.Column("discount", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("order_lines", "discount")
