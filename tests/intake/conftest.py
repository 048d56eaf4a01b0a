"""A real intake on a free port, and a client that sends exactly the octets a test writes."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.intake.server import Intake
from gateway.intake.settings import IntakeSettings
from gateway.intake.sockets import open_socket
from gateway.mail.keyring import Key, Keyring
from gateway.store import received
from gateway.store.database import Database
from gateway.store.tables import Received, Store

DOMAIN = "q.example.jp"
SHOP = f"testshop@{DOMAIN}"
KEYRING = Keyring([Key("2026-11", b"k" * 32, datetime(2026, 11, 1, tzinfo=UTC))])
MAIL = b"From: a@example.com\r\nSubject: x\r\n\r\nHello.\r\n"
PATIENCE = 20.0  # seconds until a reply that never comes fails the test


class Client:
    """Raw octets out, replies in. A reply is all its lines, joined with a line feed."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, octets: bytes) -> None:
        self.writer.write(octets)
        await self.writer.drain()

    async def reply(self) -> str:
        """The next reply; "" when the server has closed the connection."""
        lines: list[str] = []
        async with asyncio.timeout(PATIENCE):
            while True:
                line = (await self.reader.readline()).decode()
                if not line:
                    assert not lines
                    return ""
                assert re.fullmatch(r"[2-5]\d\d[- ][^\r\n]*\r\n", line), line
                lines.append(line[:-2])
                if line[3] == " ":
                    return "\n".join(lines)

    async def ask(self, command: bytes) -> str:
        await self.send(command + b"\r\n")
        return await self.reply()

    async def code(self, command: bytes) -> str:
        """The reply's code and enhanced status."""
        return " ".join((await self.ask(command)).split()[:2])

    async def hello(self) -> "Client":
        assert (await self.reply()).startswith("220 ")
        assert (await self.ask(b"EHLO client.example.com")).startswith("250-")
        return self

    async def begin(self, *recipients: str, sender: str = "a@example.com") -> None:
        """Everything before the text."""
        assert await self.code(f"MAIL FROM:<{sender}>".encode()) == "250 2.1.0"
        for recipient in recipients or (SHOP,):
            assert await self.code(f"RCPT TO:<{recipient}>".encode()) == "250 2.1.5"
        assert (await self.ask(b"DATA")).startswith("354 ")

    async def deliver(self, mail: bytes = MAIL, *recipients: str, sender: str = "a@example.com") -> str:
        """The reply to a whole mail; its dots are stuffed here."""
        await self.begin(*recipients, sender=sender)
        stuffed = (b"\r\n" + mail).replace(b"\r\n.", b"\r\n..")[2:]
        await self.send(stuffed + b".\r\n")
        return await self.reply()

    async def is_closed(self) -> bool:
        async with asyncio.timeout(PATIENCE):
            try:
                return await self.reader.read() == b""
            except ConnectionError:
                return True

    async def close(self) -> None:
        self.writer.close()
        with suppress(OSError):
            await self.writer.wait_closed()


class Gateway:
    """A started intake with its port, and what it has stored."""

    def __init__(self, intake: Intake, database: Database, port: int, stack: AsyncExitStack) -> None:
        self.intake = intake
        self.database = database
        self.port = port
        self._stack = stack

    async def connect(self, source: str = "127.0.0.1") -> Client:
        """A connection from a loopback address, whose greeting has not been read."""
        client = Client(*await asyncio.open_connection("127.0.0.1", self.port, local_addr=(source, 0)))
        self._stack.push_async_callback(client.close)
        return client

    async def client(self, source: str = "127.0.0.1") -> Client:
        """A connection that has said EHLO."""
        return await (await self.connect(source)).hello()

    async def mails(self) -> list[Received]:
        """What is stored, oldest first."""
        async with self.database.read() as session:
            return list(reversed(await received.listing(session, limit=100_000)))

    async def raw(self, queue_id: str) -> bytes:
        async with self.database.read() as session:
            return await received.load_raw(session, queue_id)


StartGateway = Callable[..., Awaitable[Gateway]]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[StartGateway]:
    """Starts an intake on a database, with any setting changed."""
    async with AsyncExitStack() as stack:

        async def begin(
            database: Database,
            *,
            keyring: Callable[[], Keyring | None] = lambda: KEYRING,
            on_stored: Callable[[int], None] | None = None,
            **settings: Any,
        ) -> Gateway:
            standard = IntakeSettings(
                domain=DOMAIN, state_dir=tmp_path, message_size=1 << 20, refusal_delay=0, max_errors=100
            )
            intake = Intake(database, keyring, replace(standard, **settings), on_stored=on_stored)
            listener = open_socket("127.0.0.1:0")
            port = listener.getsockname()[1]
            await intake.start(listener)
            stack.push_async_callback(intake.close)
            return Gateway(intake, database, port, stack)

        yield begin


async def add_store(database: Database, name: str = "testshop", *, active: bool = True) -> int:
    """A store of that name; returns its id."""
    async with database.write() as session:
        store = Store(name=name, title=name, active=active, created_at=datetime.now(UTC))
        session.add(store)
        await session.flush()
        assert store.id is not None
        return store.id


@pytest.fixture
async def gateway(sqlite_database: Database, start: StartGateway) -> Gateway:
    """For what does not depend on the database: one store, `testshop`."""
    await add_store(sqlite_database)
    return await start(sqlite_database)
