"""Whose turn it is to write to an SQLite file, among all processes that use it.

SQLite itself lets a waiting writer sleep and look again, up to 100 ms apart, while a busy one takes the lock anew at
once: an intake beside a busy worker then waits for seconds. Here the one who waits holds the place before the door, so
that the one who leaves cannot be the next to enter.
"""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from gateway.store.owned import owned_file

LOOK_AGAIN = 0.001  # seconds
PATIENCE = 30.0  # seconds another process may take; then TimeoutError, which is answered 451


class Turn:
    """Locks beside the database file. They end with their process, however it ends."""

    def __init__(self, database: Path) -> None:
        self._place = owned_file(database.with_name(f"{database.name}-place"))
        self._door = owned_file(database.with_name(f"{database.name}-door"))
        self._mine = asyncio.Lock()  # one task of this process at a time

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[None]:
        """Holds the turn for the block. Raises TimeoutError when nobody gives it up."""
        async with self._mine:
            async with asyncio.timeout(PATIENCE):
                await _lock(self._place)
                try:
                    await _lock(self._door)
                finally:
                    fcntl.flock(self._place, fcntl.LOCK_UN)
            try:
                yield
            finally:
                fcntl.flock(self._door, fcntl.LOCK_UN)

    def close(self) -> None:
        os.close(self._place)
        os.close(self._door)


async def _lock(file: int) -> None:
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            await asyncio.sleep(LOOK_AGAIN)
        else:
            return
