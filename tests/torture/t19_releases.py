"""Every step of the schema with rows behind it: up, killed on the way, up again, and with an older release at work."""

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Boolean, Column, Connection, DateTime, Integer, LargeBinary, MetaData, Table, insert, select
from sqlalchemy.types import JSON

from gateway.store import migrate
from gateway.store.database import Database
from tests import postgres
from tests.torture.report import Report

FULL, SMALL = 10_000, 200  # rows of every table
AT_ONCE = 1000
MOMENT = datetime(2026, 11, 20, 5, 3, tzinfo=UTC)
OURS_ALONE = ("alembic_version", "search_entry")
CHOSEN = {  # by column: what a CHECK allows
    "inquiry.status": "unanswered",
    "inquiry.origin": "direct",
    "received.state": "received",
    "outbox.state": "queued",
    "draft.state": "held",
    "message.direction": "in",
    "message.author": "customer",
    "rule_decision.outcome": "human",
}
Rows = dict[str, list[tuple[Any, ...]]]


async def run(full: bool, folder: Path) -> Report:
    size, steps = FULL if full else SMALL, revisions()[:-1]
    failures: list[str] = []
    seconds: dict[str, float] = {}
    with postgres.running() as server:
        for revision in steps:
            urls = {"SQLite": f"sqlite:///{folder / f'{revision}.db'}", "PostgreSQL": server.url(f"from_{revision}")}
            await server.execute(f"CREATE DATABASE from_{revision}")
            for kind, url in urls.items():
                began = time.monotonic()
                failures += [f"{kind} from {revision}: {fault}" for fault in await faults_of(url, revision, size)]
                seconds[kind] = max(seconds.get(kind, 0), round(time.monotonic() - began, 1))
    return Report(
        f"{len(steps)} steps on SQLite and PostgreSQL, {size} rows in every table",
        {"the longest step with all its checks, s": seconds},
        tuple(failures),
    )


def revisions() -> list[str]:
    """All, the oldest first."""
    script = ScriptDirectory.from_config(migrate.config())
    return [revision.revision for revision in reversed(list(script.walk_revisions()))]


async def faults_of(url: str, revision: str, size: int) -> list[str]:
    """What went wrong on the way from this revision to the newest, of a new database."""
    faults = []
    async with _opened(url) as database:
        async with database.engine.begin() as connection:
            await connection.run_sync(migrate_to, revision)
        tables = await _tables(database)
        await _fill(database, tables, range(1, size + 1))
        before = await _rows(database, tables)
    for late in (False, True):
        await asyncio.to_thread(kill_on_the_way, url, late=late)
    async with _opened(url) as database:
        if await _revision(database) != revision:
            faults.append("a killed upgrade left a step behind")
        if await _rows(database, tables) != before:
            faults.append("a killed upgrade changed rows")
        await migrate.upgrade(database)
        if await _revision(database) != migrate.newest_revision():
            faults.append("it did not go on")
        if await _rows(database, tables) != before:
            faults.append("the upgrade changed rows")
        # The way back is the older release on the newer schema: it writes what it knows, and reads it.
        await _fill(database, tables, range(size + 1, size + 1 + size // 10))
        if [len(rows) for rows in (await _rows(database, tables)).values()] != [size + size // 10] * len(tables):
            faults.append("rows of an older release are not all there")
    return faults


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        await database.close()


def migrate_to(connection: Connection, revision: str) -> None:
    settings = migrate.config()
    settings.attributes["connection"] = connection
    command.upgrade(settings, revision)


async def _revision(database: Database) -> str | None:
    async with database.engine.connect() as connection:
        return await connection.run_sync(migrate.revision_of)


async def _tables(database: Database) -> list[Table]:
    """As the database has them now, each after those that it points to."""
    metadata = MetaData()
    async with database.engine.connect() as connection:
        await connection.run_sync(metadata.reflect)
    return [table for table in metadata.sorted_tables if not table.name.startswith(OURS_ALONE)]


async def _fill(database: Database, tables: list[Table], numbers: range) -> None:
    async with database.write() as session:
        connection = await session.connection()
        for table in tables:
            for part in _parts(numbers):
                rows = [{column.name: _value(column, n, database.is_sqlite) for column in table.columns} for n in part]
                await connection.execute(insert(table), rows)


def _parts(numbers: range) -> Iterator[range]:
    for first in range(0, len(numbers), AT_ONCE):
        yield numbers[first : first + AT_ONCE]


def _value(column: Column[Any], number: int, is_sqlite: bool) -> Any:
    """Of the row of this number; it points to the rows of the same number."""
    name = f"{column.table.name}.{column.name}"
    if name in CHOSEN:
        return CHOSEN[name]
    if column.name.startswith("prior_") and column.nullable:
        return None
    if any(key.column.table is column.table for key in column.foreign_keys):
        return None
    if column.name in ("address", "address_key"):  # one is made of the other
        return f"{number}@customer.example"
    match column.type:
        case Boolean():
            return number % 2 == 0
        case Integer():
            return number
        case DateTime():
            return MOMENT.replace(tzinfo=None) if is_sqlite else MOMENT
        case LargeBinary():
            return number.to_bytes(8)
        case JSON():
            return [number, "漢字"]
    length = getattr(column.type, "length", None) or 200
    if column.primary_key or column.foreign_keys:
        return f"{number:018}"
    return f"{number} {column.name} 漢字"[:length]


async def _rows(database: Database, tables: list[Table]) -> Rows:
    async with database.engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in await connection.execute(select(table).order_by(*table.primary_key))]
            for table in tables
        }


def kill_on_the_way(url: str, *, late: bool) -> None:
    """An upgrade in a process of its own that is killed: with all steps done and not committed, or anywhere before."""
    process = subprocess.Popen([sys.executable, "-m", __name__, url], stdout=subprocess.PIPE)
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"begins\n"
        if late:
            assert process.stdout.readline() == b"applied\n"
        else:
            time.sleep(random.random() / 4)
        process.kill()


async def _upgrade_and_wait(url: str) -> None:
    applied = migrate._apply

    def apply(connection: Connection) -> None:
        print("begins", flush=True)
        applied(connection)
        print("applied", flush=True)
        time.sleep(600)

    migrate._apply = apply
    await migrate.upgrade(Database(url))


if __name__ == "__main__":
    asyncio.run(_upgrade_and_wait(sys.argv[1]))
