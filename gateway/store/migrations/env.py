"""What Alembic runs for each command: our metadata, on the connection and in the transaction of the caller.

A revision never changes once it is released, so it names plain SQLAlchemy types, not ours that may change.
"""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection
from sqlalchemy.types import TypeDecorator, TypeEngine

from gateway.store import all_tables  # noqa: F401  all join
from gateway.store.columns import Base


def _plain_type(kind: str, item: Any, _autogen: AutogenContext) -> str | Literal[False]:
    if kind != "type" or not isinstance(item, TypeDecorator):
        return False
    plain: TypeEngine[Any] = item.impl_instance
    return f"sa.{plain!r}"


def _is_declared(name: str | None, kind: str, _parents: object) -> bool:
    """All but the index of words (search.py), which is no table of SQLAlchemy's."""
    return kind != "table" or not (name or "").startswith("search_entry")


connection: Connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite alters a table only by copying it
    render_item=_plain_type,
    include_name=_is_declared,
)
context.run_migrations()
