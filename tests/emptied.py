"""PostgreSQL databases that are used again, as they were: emptying one costs a tenth of copying it from a template."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import asyncpg

from tests.postgres import PostgresServer

GROWN = 4 << 20  # octets beyond the template: then a new one is cheaper

# What a test may have left beside rows: another table, column, index or rule, and statistics, which change plans.
_SHAPE = """
    SELECT md5(string_agg(line, E'\\n' ORDER BY line)) FROM (
        SELECT format('%s %s %s %s', attrelid::regclass, attname, atttypid, attnotnull) AS line
            FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
            WHERE relnamespace = 'public'::regnamespace AND attnum > 0
        UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL SELECT format('%s %s', conrelid::regclass, pg_get_constraintdef(oid)) FROM pg_constraint
            WHERE connamespace = 'public'::regnamespace
        UNION ALL SELECT format('%s %s', attname, tablename) FROM pg_stats WHERE schemaname = 'public'
    ) AS lines
"""
_TABLES = "SELECT format('%I', tablename) FROM pg_tables WHERE schemaname = 'public'"
_SEQUENCES = """
    SELECT format('SELECT setval(%L, %s, %L);', sequencename, coalesce(last_value, start_value), last_value IS NOT NULL)
        FROM pg_sequences WHERE schemaname = 'public'
"""
_SIZE = "SELECT pg_database_size(current_database())"
_END_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@dataclass
class Emptied:
    """Databases of one server, copies of `template`, which has every table and the rows that migrations wrote."""

    server: PostgresServer
    template: str
    _free: list[str] = field(default_factory=list)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))
    _shape: str = ""
    _size: int = 0
    _statements: str = ""

    @asynccontextmanager
    async def one(self) -> AsyncIterator[str]:
        """The URL of a database that nobody else uses meanwhile."""
        if not self._shape:
            await self._learn()
        name = self._free.pop() if self._free else await self._made()
        yield self.server.url(name)
        if await self._is_as_new(name):
            self._free.append(name)
        else:
            await self.server.execute(f"DROP DATABASE {name} WITH (FORCE)")

    async def _made(self) -> str:
        # File by file: what is said to be cheap for a small template, by the log, takes twice as long without fsync.
        name = f"emptied_{next(self._numbers)}"
        await self.server.execute(f"CREATE DATABASE {name} TEMPLATE {self.template} STRATEGY FILE_COPY")
        return name

    async def _learn(self) -> None:
        """What a new one is like."""
        async with self._connected(self.template) as connection:
            tables = [row[0] for row in await connection.fetch(_TABLES)]
            written = {table: await connection.fetchval(f"SELECT json_agg(t) FROM {table} t") for table in tables}
            self._statements = "".join(
                [
                    "SET session_replication_role = replica;",  # no foreign key is asked
                    *(f"DELETE FROM {table};" for table in tables),
                    *(_inserted(table, rows) for table, rows in written.items() if rows),
                    *(row[0] for row in await connection.fetch(_SEQUENCES)),
                ]
            )
            self._shape = await connection.fetchval(_SHAPE)
            self._size = await connection.fetchval(_SIZE)

    async def _is_as_new(self, name: str) -> bool:
        """Empties it; False when more than rows would have to go."""
        async with self._connected(name) as connection:
            await connection.execute(_END_OTHERS)
            if await connection.fetchval(_SHAPE) != self._shape:
                return False
            await connection.execute(self._statements)
            size: int = await connection.fetchval(_SIZE)
            return size < self._size + GROWN

    @asynccontextmanager
    async def _connected(self, name: str) -> AsyncIterator[Any]:
        connection = await asyncpg.connect(self.server.url(name))  # type: ignore[no-untyped-call]
        try:
            yield connection
        finally:
            await connection.close()


def _inserted(table: str, rows: str) -> str:
    return f"INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, $rows${rows}$rows$);"
