"""Every row of one database into another, of whatever kind, in one transaction of each."""

from datetime import datetime
from typing import Any

from sqlalchemy import Integer, LargeBinary, Table, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.store.all_tables import TABLES

ROWS, BIG_ROWS = 500, 8  # rows in memory at once; of tables with octets, up to a mail's each


async def copy_rows(source: AsyncConnection, target: AsyncConnection) -> dict[str, int]:
    """Copies all tables, the search index excepted: its entries are made anew (`Message.searchable`). The target has
    this release's schema and no rows. Returns how many rows of each."""
    copied = {}
    for table in TABLES:
        copied[table.name] = await _copy(table, source, target)
    return copied


async def _copy(table: Table, source: AsyncConnection, target: AsyncConnection) -> int:
    has_octets = any(isinstance(column.type, LargeBinary) for column in table.columns)
    query = select(table).order_by(*table.primary_key).execution_options(yield_per=BIG_ROWS if has_octets else ROWS)
    copied = 0
    async with source.stream(query) as result:
        async for part in result.mappings().partitions():
            await target.execute(insert(table), [_row(table, row) for row in part])
            copied += len(part)
    return copied


def _row(table: Table, row: Any) -> dict[str, Any]:
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
