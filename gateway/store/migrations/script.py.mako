<%
    def clean(operations: str) -> str:
        return "\n".join(line for line in operations.splitlines() if "Alembic" not in line).strip()
%>\
# ruff: noqa: E501 (a CHECK stays on the line that made it)
"""${message[0].upper()}${message[1:]}."""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    ${clean(upgrades) or "pass"}
