"""Held drafts are found by the end of their time, without those of before."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("draft", schema=None) as batch_op:
        batch_op.create_index("ix_draft_state_expires_at", ["state", "expires_at"], unique=False)
