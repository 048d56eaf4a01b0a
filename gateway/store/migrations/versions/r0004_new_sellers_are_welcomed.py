"""New sellers are welcomed."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("seller", schema=None) as batch_op:
        batch_op.add_column(sa.Column("welcome_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f("ix_seller_welcome_at"), ["welcome_at"], unique=False)
