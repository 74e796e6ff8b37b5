"""Who works in the back office, files that wait to be imported, and what became of Stripe's events"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "staff_sessions",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("password", sa.String(length=64), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_staff_sessions")),
    )
    op.create_table(
        "staff_attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visitor", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_attempts")),
    )
    op.create_index("ix_staff_attempts_visitor_at", "staff_attempts", ["visitor", "at"])
    op.create_table(
        "catalogue_uploads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("imported", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_uploads")),
        sa.UniqueConstraint("public_id", name=op.f("uq_catalogue_uploads_public_id")),
    )
    op.add_column(
        "stripe_events",
        sa.Column("outcome", sa.String(length=32), server_default="handled", nullable=False),
    )
    op.add_column("stripe_events", sa.Column("error", sa.Text(), nullable=True))
    op.add_column("stripe_events", sa.Column("about", sa.String(length=255), nullable=True))
    op.create_index("ix_stripe_events_about", "stripe_events", ["about"])
    op.create_index("ix_stripe_events_received_at_id", "stripe_events", ["received_at", "id"])


def downgrade() -> None:
    op.execute("DELETE FROM stripe_events WHERE outcome <> 'handled'")  # a row said that it was
    op.drop_index("ix_stripe_events_received_at_id", "stripe_events")
    op.drop_index("ix_stripe_events_about", "stripe_events")
    for column in ("about", "error", "outcome"):
        op.drop_column("stripe_events", column)
    op.drop_table("catalogue_uploads")
    op.drop_table("staff_attempts")
    op.drop_table("staff_sessions")
