"""Every table: what the database is made of, for who deals with the whole of it."""

from gateway.store import (  # noqa: F401  they join
    list_tables,
    public_tables,
    rule_tables,
    suppression_tables,
    tables,
    template_tables,
)
from gateway.store.columns import Base

TABLES = Base.metadata.sorted_tables  # each after those that it points to
