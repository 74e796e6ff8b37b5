"""Where an order goes, and what of its tax falls on a line"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("carts", sa.Column("country", sa.String(length=2), nullable=True))
    op.add_column("order_revisions", sa.Column("country", sa.String(length=2), nullable=True))
    op.add_column("order_lines", sa.Column("tax", sa.Integer(), server_default="0", nullable=False))
    op.add_column("orders", sa.Column("address", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("orders", "address")
    op.drop_column("order_lines", "tax")
    op.drop_column("order_revisions", "country")
    op.drop_column("carts", "country")
