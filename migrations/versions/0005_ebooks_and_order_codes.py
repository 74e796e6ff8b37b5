"""E-books, order codes and looking up orders"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from shop.order_code import order_code

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.add_column(sa.Column("code", sa.String(length=16), nullable=True))

    _give_codes()
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.create_index("uq_orders_code", ["code"], unique=True)

    with op.batch_alter_table("books", schema=None) as batch_op:
        batch_op.add_column(sa.Column("file", sa.String(length=200), nullable=True))

    with op.batch_alter_table("payments", schema=None) as batch_op:
        batch_op.add_column(sa.Column("dispute", sa.String(length=32), nullable=True))

    op.create_table(
        "downloads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("book_id", sa.Integer(), nullable=False),
        sa.Column("allowed", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("used <= allowed", name=op.f("ck_downloads_used")),
        sa.ForeignKeyConstraint(["book_id"], ["books.id"], name=op.f("fk_downloads_book_id_books")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_downloads_order_id_orders"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_downloads")),
        sa.UniqueConstraint("order_id", "book_id", name=op.f("uq_downloads_order_id_book_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_downloads_public_id")),
    )
    op.create_table(
        "look_ups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("visitor", sa.String(length=64), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_look_ups")),
    )
    with op.batch_alter_table("look_ups", schema=None) as batch_op:
        batch_op.create_index("ix_look_ups_visitor_at", ["visitor", "at"], unique=False)


def _give_codes() -> None:
    orders = sa.table("orders", sa.column("id", sa.Integer), sa.column("code", sa.String))
    connection, given = op.get_bind(), set[str]()
    for (order_id,) in connection.execute(sa.select(orders.c.id)).all():
        while (code := order_code()) in given:
            pass
        given.add(code)
        connection.execute(sa.update(orders).where(orders.c.id == order_id).values(code=code))


def downgrade() -> None:
    op.drop_table("look_ups")
    op.drop_table("downloads")
    # Not in a batch: it would make the tables anew, and other tables refer to them.
    op.drop_column("payments", "dispute")
    op.drop_column("books", "file")
    op.drop_index("uq_orders_code", "orders")
    op.drop_column("orders", "code")
