"""What systemd is told about the database: a gateway that can only wait is not restarted for it (T08)."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from gateway import jobs
from gateway.jobs import database_there, watchdog
from gateway.store.database import Database

FIELDS = b"SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0"
STARTING_UP = b"E" + (len(FIELDS) + 4).to_bytes(4, "big") + FIELDS  # PostgreSQL's ErrorResponse


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        name = f"toiawase-{uuid4()}"
        listening.bind(f"\0{name}")
        listening.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")
        monkeypatch.setenv("WATCHDOG_USEC", "20000")
        yield listening


@contextlib.asynccontextmanager
async def _database_at(port: int) -> AsyncIterator[Database]:
    database = Database(f"postgresql://desk@127.0.0.1:{port}/desk?sslmode=disable")
    try:
        yield database
    finally:
        await database.close()


@contextlib.asynccontextmanager
async def _server(answer: bytes) -> AsyncIterator[int]:
    """Takes connections; says `answer` to whatever it is sent first, and nothing if that is empty."""

    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        if answer:
            writer.write(answer)
        else:
            await reader.read()
        writer.close()

    server = await asyncio.start_server(session, "127.0.0.1", 0)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()


async def _heard(manager: socket.socket) -> str:
    async with asyncio.timeout(10):
        return (await asyncio.get_running_loop().sock_recv(manager, 4096)).decode()


@contextlib.asynccontextmanager
async def _running(database: Database, delivers: bool) -> AsyncIterator[None]:
    task = asyncio.create_task(watchdog(database, lambda: delivers))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_t23_the_watchdog_hears_that_loop_database_and_delivery_move_on(
    manager: socket.socket, sqlite_url: str
) -> None:
    database = Database(sqlite_url)
    async with _running(database, delivers=True):
        assert [await _heard(manager), await _heard(manager)] == ["WATCHDOG=1"] * 2
    await database.close()


async def test_t23_the_watchdog_hears_nothing_while_delivery_stands_still(
    manager: socket.socket, sqlite_url: str
) -> None:
    database = Database(sqlite_url)
    async with _running(database, delivers=False):
        await asyncio.sleep(0.1)
    with pytest.raises(BlockingIOError):
        manager.recv(4096)
    await database.close()


async def test_t23_the_watchdog_hears_nothing_while_the_database_says_nothing(manager: socket.socket) -> None:
    async with _server(b"") as port, _database_at(port) as database, _running(database, delivers=True):
        await asyncio.sleep(0.1)
    with pytest.raises(BlockingIOError):
        manager.recv(4096)


async def test_t08_the_watchdog_does_not_fire_because_the_database_is_away(manager: socket.socket) -> None:
    async with _database_at(1) as database, _running(database, delivers=True):
        assert await _heard(manager) == "WATCHDOG=1"


async def test_t08_a_start_waits_for_a_database_that_is_away_until_told_to_end(manager: socket.socket) -> None:
    stopped = asyncio.Event()
    async with _database_at(1) as database:
        start = asyncio.create_task(database_there(database, stopped))
        assert await _heard(manager) == "EXTEND_TIMEOUT_USEC=24000000\nSTATUS=waiting for the database"
        stopped.set()
        assert await start is False


async def test_t08_a_start_waits_for_a_database_that_is_starting_up(
    manager: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "DATABASE_AGAIN", 0.01)
    stopped = asyncio.Event()
    async with _server(STARTING_UP) as port, _database_at(port) as database:
        start = asyncio.create_task(database_there(database, stopped))
        await _heard(manager)
        await _heard(manager)
        stopped.set()
        assert await start is False


async def test_t08_a_start_does_not_wait_for_what_will_not_pass(tmp_path: Path) -> None:
    (tmp_path / "toiawase.db").write_text("no database " * 100)
    database = Database(f"sqlite:///{tmp_path / 'toiawase.db'}")
    with pytest.raises(Exception, match="not a database"):
        await database_there(database, asyncio.Event())
    await database.close()
