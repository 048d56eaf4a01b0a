"""Whose fault an error of the database is: its own, which passes, or that of the rows at hand, which does not."""

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

# PostgreSQL's classes of errors: connection, authorization, rollback, resources, operator intervention, system.
_OUTAGES = ("08", "28", "40", "53", "55", "57", "58")


def is_outage(error: DBAPIError) -> bool:
    """True for trouble of the database itself, a deadlock too: what is tried again may succeed. asyncpg's errors come
    without a kind, by their SQLSTATE alone."""
    if error.connection_invalidated or isinstance(error, (OperationalError, InterfaceError)):
        return True
    return str(getattr(error.orig, "sqlstate", ""))[:2] in _OUTAGES
