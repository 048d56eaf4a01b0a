"""The mail server before the gateway: it repeats each mail until it is acknowledged, and notes what it was promised."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path

from tests.ledger.mails import CustomerMail

REPLY_LIMIT = 60  # seconds
PAUSE = 0.05  # seconds before a mail is tried again
HALF = 200  # octets
BREATH = 0.001  # seconds


class RefusedForGoodError(Exception):
    """The gateway answered 5yz to a mail that is right."""


class _TryAgainError(Exception):
    """Not acknowledged: whether it was stored is not known."""


@dataclass
class Sender:
    ports: Sequence[int]  # of the nodes, tried in turn
    notes: Path  # one Message-ID a line, written when its 250 came
    pace: float = 0.0  # seconds between two mails of a session
    acknowledged: list[CustomerMail] = field(default_factory=list)
    repeats: int = 0  # attempts that ended without a 250

    async def send(self, mails: Iterator[CustomerMail], sessions: int) -> None:
        """Returns when every mail is acknowledged. Raises RefusedForGoodError."""
        with self.notes.open("a") as notes:

            async def session(ports: Iterator[int]) -> None:
                waiting = next(mails, None)
                while waiting:
                    try:
                        async with _connected(next(ports)) as connection:
                            while waiting:
                                await connection.send(waiting)
                                self.acknowledged.append(waiting)
                                notes.write(f"{waiting.message_id}\n")
                                notes.flush()
                                await asyncio.sleep(self.pace)
                                waiting = next(mails, None)
                    except (OSError, EOFError, TimeoutError, _TryAgainError):
                        self.repeats += 1
                        await asyncio.sleep(PAUSE)

            async with asyncio.TaskGroup() as group:
                for number in range(sessions):
                    group.create_task(session(islice(cycle(self.ports), number, None)))


@contextlib.asynccontextmanager
async def _connected(port: int) -> AsyncIterator["_Connection"]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        connection = _Connection(reader, writer)
        await connection.expect(220)
        await connection.command("EHLO mx.example.jp", 250)
        yield connection
    finally:
        writer.close()


@dataclass
class _Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, mail: CustomerMail) -> None:
        await self.command(f"MAIL FROM:<{mail.mail_from}> BODY=8BITMIME", 250)
        await self.command(f"RCPT TO:<{mail.rcpt_to}>", 250)
        await self.command("DATA", 354)
        first, second = mail.octets()[:HALF], mail.octets()[HALF:] + b".\r\n"
        self.writer.write(first)
        await asyncio.sleep(BREATH)  # so that a mail may be caught in its middle
        self.writer.write(second)
        await self.expect(250)

    async def command(self, line: str, code: int) -> None:
        self.writer.write(f"{line}\r\n".encode())
        await self.expect(code)

    async def expect(self, code: int) -> None:
        async with asyncio.timeout(REPLY_LIMIT):
            line = await self.reader.readuntil(b"\r\n")
            while line[3:4] == b"-":
                line = await self.reader.readuntil(b"\r\n")
        if line.startswith(b"5"):
            raise RefusedForGoodError(line.decode(errors="replace"))
        if not line.startswith(str(code).encode()):
            raise _TryAgainError(line.decode(errors="replace"))
