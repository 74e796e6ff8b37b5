"""Number the catalogue's changes by a sequence on PostgreSQL

They had the numbers of their transactions, which begin anew on another server: after a restore there, changes met
numbers that were taken, and went unseen."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

NOTE = """CREATE OR REPLACE FUNCTION note_catalogue_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    {}
    RETURN NULL;
END $$"""
# Once a transaction; what is set ends with it.
BY_SEQUENCE = """IF current_setting('colophon.noted', true) IS DISTINCT FROM pg_current_xact_id()::text THEN
        INSERT INTO catalogue_changes (id) VALUES (nextval('catalogue_changes_number'));
        PERFORM set_config('colophon.noted', pg_current_xact_id()::text, true);
    END IF;"""
BY_TRANSACTION = """INSERT INTO catalogue_changes (id) VALUES (pg_current_xact_id()::text::bigint)
    ON CONFLICT DO NOTHING;"""


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("CREATE SEQUENCE catalogue_changes_number OWNED BY catalogue_changes.id")
    newest = op.get_bind().scalar(sa.text("SELECT coalesce(max(id), 0) FROM catalogue_changes"))
    op.execute(f"SELECT setval('catalogue_changes_number', {newest} + 1)")
    op.execute(NOTE.format(BY_SEQUENCE))


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(NOTE.format(BY_TRANSACTION))
    op.execute("DROP SEQUENCE catalogue_changes_number")
