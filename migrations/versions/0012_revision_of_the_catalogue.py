"""Notice when something changes that pages of the catalogue show"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# Of stock, pages tell only whether any is left and the last five.
SHOWN = (
    "slug", "isbn", "title", "subtitle", "authors", "publisher", "year", "first_published", "format", "category",
    "price", "currency", "file", "blurb", "withdrawn",
)  # fmt: skip
DIFFERS = {"sqlite": "new.{0} IS NOT old.{0}", "postgresql": "new.{0} IS DISTINCT FROM old.{0}"}
LEFT = {
    "sqlite": "max(0, min(6, {0}.stock - {0}.held))",
    "postgresql": "greatest(0, least(6, {0}.stock - {0}.held))",
}
# SQLite's writers take turns, so that one row can count. PostgreSQL's do not, and must not wait for each other: each
# transaction leaves a row of its own. A migration that makes `books` anew (batch mode) must make the triggers anew too.
ONE_MORE = "UPDATE catalogue_changes SET id = id + 1;"
NOTE = """CREATE FUNCTION note_catalogue_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO catalogue_changes (id) VALUES (pg_current_xact_id()::text::bigint) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$"""


def upgrade() -> None:
    op.create_table(
        "catalogue_changes",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_changes")),
    )
    dialect = op.get_bind().dialect.name
    left = f"{LEFT[dialect].format('new')} <> {LEFT[dialect].format('old')}"
    differs = " OR ".join([*(DIFFERS[dialect].format(name) for name in SHOWN), left])
    if dialect == "sqlite":
        op.execute("INSERT INTO catalogue_changes VALUES (0)")
        for verb, when in (("INSERT", ""), ("DELETE", ""), ("UPDATE", f"WHEN {differs}")):
            name = f"catalogue_{verb.lower()}"
            op.execute(f"CREATE TRIGGER {name} AFTER {verb} ON books {when} BEGIN {ONE_MORE} END")
        return
    op.execute(NOTE)
    for name, verbs, each in (
        ("catalogue_moved", "INSERT OR DELETE OR TRUNCATE", "STATEMENT"),
        ("catalogue_update", "UPDATE", f"ROW WHEN ({differs})"),
    ):
        op.execute(
            f"CREATE TRIGGER {name} AFTER {verbs} ON books FOR EACH {each} EXECUTE FUNCTION note_catalogue_change()"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("insert", "delete", "update"):
            op.execute(f"DROP TRIGGER catalogue_{verb}")
    else:
        for name in ("catalogue_moved", "catalogue_update"):
            op.execute(f"DROP TRIGGER {name} ON books")
        op.execute("DROP FUNCTION note_catalogue_change()")
    op.drop_table("catalogue_changes")
