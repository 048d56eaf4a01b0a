"""Connections to a database, whatever they meet when they are made."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from gateway.store import database
from gateway.store.database import Database

PRAGMAS = ("synchronous", "foreign_keys", "cache_size")
ROUNDS, OPENED = 30, 6  # of SQLite's own connections, unhelped, one in fifty is refused


async def test_many_open_a_new_file_at_once_and_none_is_refused(tmp_path: Path) -> None:
    for number in range(ROUNDS):
        opened = [Database(f"sqlite:///{tmp_path / f'{number}.db'}") for _ in range(OPENED)]
        try:
            async with asyncio.TaskGroup() as pinging:
                for one in opened:
                    pinging.create_task(one.ping())
        finally:
            for one in opened:
                await one.close()


@pytest.mark.parametrize(("fresh", "is_replaced"), [(database.FRESH, False), (0, True)])
async def test_T21_an_old_connection_is_replaced_and_set_up_as_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh: int, is_replaced: bool
) -> None:
    monkeypatch.setitem(database.POOL, "pool_recycle", fresh)
    one, made = Database(f"sqlite:///{tmp_path / 'one.db'}"), list[Any]()
    event.listen(one.engine.sync_engine, "connect", lambda connection, _: made.append(connection))
    try:
        for _ in range(3):
            async with one.write() as session:
                connection = await session.connection()
                values = [(await connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one() for name in PRAGMAS]
                assert values == [2, 1, -database.PAGES]
    finally:
        await one.close()
    assert (len(made) > 1) is is_replaced
