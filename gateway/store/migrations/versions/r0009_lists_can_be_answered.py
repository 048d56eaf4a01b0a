"""Lists can be answered."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "numbered_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("outbox_id", sa.String(length=18), nullable=False),
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("to_address", sa.String(length=320), nullable=False),
        sa.Column("numbers", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_numbered_mail_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_numbered_mail")),
        sa.UniqueConstraint("outbox_id", name=op.f("uq_numbered_mail_outbox_id")),
    )
    with op.batch_alter_table("store", schema=None) as batch_op:
        batch_op.add_column(sa.Column("digest_on", sa.String(length=10), server_default="", nullable=False))
