"""What the public sees."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "restriction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("product_code", sa.String(length=64), nullable=False),
        sa.Column("inquiry_number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_restriction_customer_id")),
        sa.ForeignKeyConstraint(["inquiry_number"], ["inquiry.number"], name=op.f("fk_restriction_inquiry_number")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restriction")),
        sa.UniqueConstraint("customer_id", "product_code", name=op.f("uq_restriction_customer_id_product_code")),
    )
    with op.batch_alter_table("restriction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_restriction_inquiry_number"), ["inquiry_number"], unique=False)

    op.create_table(
        "publication",
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("waits", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_publication_message_id")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_publication")),
    )
