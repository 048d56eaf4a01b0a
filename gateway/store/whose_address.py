"""Which rows are of a person's address."""

from typing import Any

from sqlalchemy import ColumnElement, func


def has_address(column: Any, *addresses: str) -> ColumnElement[bool]:
    """Whether it holds one of these normalised addresses, whatever their case. SQLite's lower() knows ASCII alone, and
    PostgreSQL's what its locale does."""
    keys = {key for address in addresses for key in (address.lower(), _ascii_lower(address))}
    return func.lower(column).in_(keys)


def _ascii_lower(text: str) -> str:
    return text.encode("utf-8", "surrogatepass").lower().decode("utf-8", "surrogatepass")
