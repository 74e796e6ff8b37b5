"""Promotion codes, their redemptions, and what of a discount falls on a line"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("order_lines", sa.Column("discount", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "promotions",
        sa.Column("id", sa.String(length=255), nullable=False),
        sa.Column("code", sa.String(length=500), nullable=False),
        sa.Column("coupon", sa.String(length=255), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("restricted", sa.Boolean(), nullable=False),
        sa.Column("percent_off", sa.String(length=16), nullable=True),
        sa.Column("amount_off", sa.Integer(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("minimum_amount", sa.Integer(), nullable=True),
        sa.Column("minimum_currency", sa.String(length=3), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_time", sa.Boolean(), nullable=False),
        sa.Column("allowed", sa.Integer(), nullable=True),
        sa.Column("allowed_of_coupon", sa.Integer(), nullable=True),
        sa.Column("looked_up_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promotions")),
    )
    op.create_index("ix_promotions_coupon", "promotions", ["coupon"])
    # In plain SQL, since a batch would make the tables anew, and dropping the old ones empties all that refers to them.
    for table in ("carts", "order_revisions"):
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN promotion_id VARCHAR(255)"
            f" CONSTRAINT fk_{table}_promotion_id_promotions REFERENCES promotions (id)"
        )
    op.create_table(
        "redemptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("promotion_id", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_redemptions_order_id_orders"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["promotion_id"], ["promotions.id"], name=op.f("fk_redemptions_promotion_id_promotions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redemptions")),
        sa.UniqueConstraint("order_id", name=op.f("uq_redemptions_order_id")),
    )
    op.create_index("ix_redemptions_promotion_id", "redemptions", ["promotion_id"])
    op.create_table(
        "code_guesses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visitor", sa.String(length=64), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_guesses")),
    )
    op.create_index("ix_code_guesses_visitor_at", "code_guesses", ["visitor", "at"])


def downgrade() -> None:
    op.drop_table("code_guesses")
    op.drop_table("redemptions")
    for table in ("order_revisions", "carts"):
        op.drop_column(table, "promotion_id")
    op.drop_table("promotions")
    op.drop_column("order_lines", "discount")
