"""Every row of one database into another, of whatever kind, in one transaction of each."""

import zlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Integer, LargeBinary, RowMapping, Table, func, insert, select, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.store.all_tables import TABLES

ROWS, BIG_ROWS = 500, 8  # rows in memory at once; of tables with octets, up to a mail's each
PACKED = {("received_chunk", "data"), ("rule_files", "files")}  # zlib's, which has a checksum
UNFIT = ("22", "23")  # PostgreSQL's classes of errors: a value that it cannot take, or a constraint


class UnreadableError(Exception):
    """A value of the table is not what its column keeps. The text has the table's name and no data."""

    def __init__(self, table: str) -> None:
        super().__init__(f"a value in the table {table} cannot be read")


async def copy_rows(source: AsyncConnection, target: AsyncConnection) -> dict[str, int]:
    """Copies all tables, the search index excepted: its entries are made anew (`Message.searchable`). The target has
    this release's schema and no rows. Returns how many rows of each. Raises UnreadableError."""
    copied = {}
    for table in TABLES:
        copied[table.name] = await _copy(table, source, target)
    return copied


async def _copy(table: Table, source: AsyncConnection, target: AsyncConnection) -> int:
    copied = 0
    async with aclosing(_parts(table, source)) as parts:
        async for part in parts:
            try:
                await target.execute(insert(table), [_row(table, row) for row in part])
            except DBAPIError as error:
                if _is_of_the_values(error):
                    raise UnreadableError(table.name) from None
                raise
            copied += len(part)
    return copied


async def read_rows(source: AsyncConnection) -> None:
    """Reads every value. Raises UnreadableError."""
    for table in TABLES:
        async with aclosing(_parts(table, source)) as parts:
            async for _ in parts:
                pass


async def _parts(table: Table, source: AsyncConnection) -> AsyncGenerator[Sequence[RowMapping], None]:
    has_octets = any(isinstance(column.type, LargeBinary) for column in table.columns)
    query = select(table).order_by(*table.primary_key).execution_options(yield_per=BIG_ROWS if has_octets else ROWS)
    try:
        async with source.stream(query) as result:
            async for part in result.mappings().partitions():
                for row in part:
                    _check(table, row)
                yield part
    except (ValueError, TypeError, LookupError, zlib.error):  # what the columns' types raise
        raise UnreadableError(table.name) from None
    except DBAPIError:
        if source.dialect.name != "sqlite":
            raise
        raise UnreadableError(table.name) from None  # octets that are no text: SQLite's driver quotes them


def _check(table: Table, row: RowMapping) -> None:
    """Raises TypeError and zlib.error. SQLite keeps any kind of value in any column."""
    for column in table.columns:
        value, kind = row[column.name], getattr(column.type, "impl_instance", column.type)
        if value is not None and not isinstance(kind, JSON) and not isinstance(value, kind.python_type):
            raise TypeError
        if (table.name, column.name) in PACKED:
            zlib.decompress(value)


def _is_of_the_values(error: DBAPIError) -> bool:
    """Whether the target refuses what it was given, and does not fail itself."""
    state = getattr(error.orig, "sqlstate", None) or ""
    not_sent = isinstance(getattr(error.orig, "__cause__", None), ValueError)  # asyncpg looks at them first
    return isinstance(error, IntegrityError | DataError) or state[:2] in UNFIT or not_sent


def _row(table: Table, row: RowMapping) -> dict[str, Any]:
    values = dict(row)
    if table.name == "message":
        values["searchable"] = False
    return values


async def empty(connection: AsyncConnection) -> None:
    """Takes every row out."""
    for table in reversed(TABLES):
        await connection.execute(table.delete())
    await connection.execute(text("DELETE FROM search_entry"))


async def next_numbers(connection: AsyncConnection, jump: int) -> int:
    """Lets every sequence go on after the rows that are there, and the inquiries' numbers `jump` beyond. Returns the
    last number that is left out."""
    numbered = (await connection.execute(text("SELECT coalesce(max(number), 0) FROM inquiry"))).scalar_one()
    last: int = numbered + jump
    if connection.dialect.name == "sqlite":
        await connection.execute(text("DELETE FROM sqlite_sequence WHERE name = 'inquiry'"))
        await connection.execute(text("INSERT INTO sqlite_sequence VALUES ('inquiry', :last)"), {"last": last})
        return last
    for table in TABLES:
        [key, *others] = table.primary_key
        if others or not isinstance(key.type, Integer) or key.foreign_keys:
            continue
        highest = (await connection.execute(select(func.max(key)))).scalar_one()
        if highest is not None or table.name == "inquiry":
            sequence = func.pg_get_serial_sequence(f'"{table.name}"', key.name)
            value = last if table.name == "inquiry" else highest
            await connection.execute(select(func.setval(sequence, max(value, 1), value > 0)))
    return last


def as_text(moment: datetime) -> str:
    """For people: to the minute, in UTC."""
    return f"{moment:%Y-%m-%d %H:%M}Z"
