"""What lists and searches ask."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

LISTED_BY = ("status", "origin", "kind", "category", "product_code", "order_number")


def upgrade() -> None:
    with op.batch_alter_table("inquiry", schema=None) as batch_op:
        batch_op.create_index("ix_inquiry_store_id_received_at", ["store_id", "received_at"], unique=False)
        for column in LISTED_BY:
            batch_op.create_index(f"ix_inquiry_store_id_{column}_number", ["store_id", column, "number"], unique=False)
        batch_op.create_index("ix_inquiry_store_id_number", ["store_id", "number"], unique=False)
        batch_op.create_index(
            "ix_inquiry_unread",
            ["store_id", "received_at"],
            unique=False,
            sqlite_where=sa.text("unread = 1"),
            postgresql_where=sa.text("unread"),
        )

    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("searchable", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.create_index(
            "ix_message_unsearchable",
            ["id"],
            unique=False,
            sqlite_where=sa.text("searchable = 0"),
            postgresql_where=sa.text("NOT searchable"),
        )

    if op.get_context().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE search_entry USING fts5(tokens, columnsize = 0, tokenize = \"ascii tokenchars '_'\")"
        )
    else:
        op.execute(
            "CREATE TABLE search_entry (id BIGINT CONSTRAINT pk_search_entry PRIMARY KEY, tokens TSVECTOR NOT NULL)"
        )
        op.execute("CREATE INDEX ix_search_entry_tokens ON search_entry USING gin (tokens)")
