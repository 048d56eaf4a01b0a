"""Connections to a database, whatever they meet when they are made."""

import asyncio
from pathlib import Path

from gateway.store.database import Database

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
