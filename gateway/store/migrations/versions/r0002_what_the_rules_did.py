"""What the rules did."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rule_files",
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rules", sa.Integer(), nullable=False),
        sa.Column("files", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_rule_files")),
    )
    op.create_table(
        "rule_use",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("cause", sa.String(length=20), nullable=False),
        sa.Column("refused", sa.Text(), nullable=True),
        sa.Column("problems", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_use")),
    )
    with op.batch_alter_table("rule_use", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rule_use_at"), ["at"], unique=False)

    op.create_table(
        "auto_answer",
        sa.Column("inquiry_number", sa.Integer(), nullable=False),
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("address_key", sa.String(length=320), nullable=False),
        sa.Column("rule", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["inquiry_number"], ["inquiry.number"], name=op.f("fk_auto_answer_inquiry_number")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_auto_answer_store_id")),
        sa.PrimaryKeyConstraint("inquiry_number", name=op.f("pk_auto_answer")),
    )
    with op.batch_alter_table("auto_answer", schema=None) as batch_op:
        batch_op.create_index("ix_auto_answer_address_key_at", ["address_key", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_auto_answer_at"), ["at"], unique=False)
        batch_op.create_index("ix_auto_answer_store_id_at", ["store_id", "at"], unique=False)

    op.create_table(
        "rule_decision",
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("inquiry_number", sa.Integer(), nullable=False),
        sa.Column("store_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("rule", sa.String(length=200), nullable=True),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("prior_status", sa.String(length=20), nullable=False),
        sa.Column("withheld", sa.String(length=40), nullable=True),
        sa.Column("matched", sa.JSON(), nullable=False),
        sa.Column("shadowed", sa.JSON(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.String(length=320), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('answered', 'withheld', 'filed', 'quarantined', 'human', 'barred')",
            name=op.f("ck_rule_decision_outcome"),
        ),
        sa.ForeignKeyConstraint(["inquiry_number"], ["inquiry.number"], name=op.f("fk_rule_decision_inquiry_number")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_rule_decision_message_id")),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name=op.f("fk_rule_decision_store_id")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_rule_decision")),
    )
    with op.batch_alter_table("rule_decision", schema=None) as batch_op:
        batch_op.create_index("ix_rule_decision_inquiry_number", ["inquiry_number"], unique=False)
        batch_op.create_index("ix_rule_decision_store_id_at", ["store_id", "at"], unique=False)

    with op.batch_alter_table("inquiry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("tags", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f("ix_inquiry_remind_at"), ["remind_at"], unique=False)

    with op.batch_alter_table("store", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("hours", sa.String(length=200), server_default="mon-fri 09:00-18:00", nullable=False)
        )
        batch_op.add_column(sa.Column("auto_notice", sa.String(length=10), server_default="notice", nullable=False))
