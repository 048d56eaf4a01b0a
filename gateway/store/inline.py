"""SQLite in the thread that asks, for a process whose event loop serves nobody else.

aiosqlite hands every statement to a thread and its result back, which costs more than the statement. A worker process
has nothing to do in the meantime. Built on private parts of aiosqlite, whose version is bounded for that.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

from aiosqlite import Connection

ROWS_AT_ONCE = 64  # aiosqlite's own default


class InlineConnection(Connection):
    """An aiosqlite connection whose thread is never started."""

    def __await__(self) -> Generator[Any, None, Connection]:
        return self._connect().__await__()

    async def _connect(self) -> Connection:
        self._connection = self._connector()
        return self

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return fn(*args, **kwargs)

    def stop(self) -> "asyncio.Future[None] | None":
        self._running = False
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        return None


def connect(database: str | Path, **options: Any) -> InlineConnection:
    """As sqlite3.connect, to be awaited."""
    return InlineConnection(lambda: sqlite3.connect(database, **options), ROWS_AT_ONCE)
