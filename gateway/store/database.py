"""The engine and its sessions, the same for SQLite and PostgreSQL.

`read()` and `write()` are the only ways to a session. On SQLite a write begins with BEGIN IMMEDIATE, so that what a
transaction read cannot change before it writes, after waiting its turn (turn.py); on PostgreSQL rows
are locked by the queries that need it.
"""

import asyncio
import os
import sqlite3
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

import aiosqlite
from sqlalchemy import Connection, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store import inline
from gateway.store import search as _search  # noqa: F401  its entries follow every session's messages
from gateway.store.owned import owned_file
from gateway.store.silence import ends_in_time
from gateway.store.turn import Turn

LIBPQ = ("sslmode", "sslrootcert")  # parts of a URL in libpq's words, which the driver has others for
BUSY_TIMEOUT = 30  # seconds another process may hold SQLite's write lock before we answer 451
LOOK_AGAIN = 0.02  # seconds
CONNECTIONS = 16  # at most
# Kept open while nobody uses them. SQLite's are soon opened again, and each fills caches of pages and statements for as
# long as it is open; of 4,879 uses at 20 mails a second 4,835 were of the first two.
KEPT = {"sqlite": 3, "postgresql": 8}
PAGES = 512  # KiB of SQLite's pages that each connection keeps, instead of 2000: the system has them all


def _pool(kind: str) -> dict[str, Any]:
    """The connection that was used last is used next, so that few of them fill their caches."""
    kept = KEPT[kind]
    return {"pool_size": kept, "max_overflow": CONNECTIONS - kept, "pool_use_lifo": True}


class Database:
    """One database. `url` is `sqlite:///PATH` or `postgresql://…`, without a driver's name. `alone`: the event loop
    serves nobody while a statement runs, so SQLite may run it there."""

    def __init__(self, url: str, *, alone: bool = False) -> None:
        self.url = make_url(url)
        if self.url.get_backend_name() == "sqlite":
            self.engine = _sqlite(url, alone)
            self._turn: Turn | None = Turn(Path(self.url.database or ""))
        elif self.url.get_backend_name() == "postgresql":
            self.engine = create_async_engine(
                self.url.set(drivername="postgresql+asyncpg").difference_update_query(LIBPQ),
                connect_args=_tls(self.url),
                **_pool("postgresql"),
                hide_parameters=True,
            )
            event.listen(self.engine.sync_engine, "connect", ends_in_time)
            self._turn = None
        else:
            raise ValueError(f"database must be sqlite:///PATH or postgresql://…, not {self.url.drivername}")
        self._writer = self.engine.execution_options(immediate=True)

    @property
    def is_sqlite(self) -> bool:
        return self._turn is not None

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session that sees one consistent state and writes nothing."""
        async with AsyncSession(self.engine, expire_on_commit=False) as session:
            yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """A session in one transaction: committed at the end of the block, rolled back if it raises."""
        turn = self._turn.taken() if self._turn is not None else nullcontext()
        async with turn, AsyncSession(self._writer, expire_on_commit=False) as session, session.begin():
            yield session

    async def ping(self) -> None:
        """Raises what the driver raises when the database cannot be used."""
        async with self.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def checkpoint(self) -> None:
        """SQLite: what is in the write-ahead log goes into the file, and the log is emptied, unless somebody reads."""
        if self.is_sqlite:
            async with self.engine.connect() as connection:
                await outside_transaction(connection, "PRAGMA wal_checkpoint(TRUNCATE)")

    async def close(self) -> None:
        await self.engine.dispose()
        if self._turn is not None:
            self._turn.close()


def _tls(url: URL) -> dict[str, Any]:
    """`sslmode` as libpq means it; verify-full checks the server's name too, against `sslrootcert` or the system's
    authorities. Raises OSError for a certificate that cannot be read."""
    mode, root = (url.query.get(name) for name in LIBPQ)
    if mode == "verify-full":
        return {"ssl": ssl.create_default_context(cafile=str(root) if root else None)}
    return {"ssl": mode} if mode else {}


def is_away(error: Exception) -> bool:
    """Whether a PostgreSQL that raised this may be there later: not reached, or going down or coming up (SQLSTATE
    57P01 to 57P03)."""
    state = getattr(getattr(error, "orig", error), "sqlstate", None)
    return isinstance(error, OSError) or (isinstance(state, str) and state.startswith("57P"))  # TimeoutError is one


async def outside_transaction(connection: AsyncConnection, statement: str) -> None:
    """Past SQLAlchemy, which would begin a transaction, inside of which SQLite refuses or ignores such statements."""
    raw = await connection.get_raw_connection()
    assert raw.driver_connection is not None
    await (await raw.driver_connection.execute(statement)).close()


async def _write_ahead(connection: aiosqlite.Connection) -> None:
    """For the change to it SQLite does not wait as it does elsewhere: of two that open a new file, one is refused."""
    last = time.monotonic() + BUSY_TIMEOUT
    while True:
        try:
            await (await connection.execute("PRAGMA journal_mode=WAL")).close()
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > last:
                raise
        await asyncio.sleep(LOOK_AGAIN)


def _sqlite(url: str, alone: bool) -> AsyncEngine:
    path = make_url(url).database
    if not path or path == ":memory:":
        raise ValueError("database must name a file: sqlite:///PATH")
    if not Path(path).exists():
        os.close(owned_file(Path(path)))
    engine = create_async_engine(
        make_url(url).set(drivername="sqlite+aiosqlite"),
        connect_args={"timeout": BUSY_TIMEOUT, "isolation_level": None}
        | ({"async_creator_fn": inline.connect} if alone else {}),
        **_pool("sqlite"),
        hide_parameters=True,  # an error's text must not quote mail (A23)
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:
        connection.run_async(_write_ahead)
        cursor = connection.cursor()
        cursor.execute("PRAGMA synchronous=FULL")  # a 250 promises storage: NORMAL may lose the last commits
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA cache_size=-{PAGES}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        # The driver would begin only at the first UPDATE, after other processes read the same rows (double claims).
        immediate = connection.get_execution_options().get("immediate", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine
