"""A far SMTP server that does what a test tells it to: refuse, defer, hang up, fall silent, talk nonsense.

It is written on bare streams, so that it can break every rule; what it accepted is kept for the test to look at.
"""

import asyncio
import contextlib
import socket
import ssl
import struct
from collections import defaultdict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import cast

import trustme


class Fault(Enum):
    DROP = "closes the connection"
    RESET = "resets the connection"
    SILENT = "never answers"
    SLOW = "answers well, one octet at a time"
    TAKES_AND_DROPS = "takes the mail, and closes the connection without a word"
    STOPS_READING = "takes no more octets, and keeps the connection"
    DROPS_IN_CONTENT = "closes the connection in the middle of the content"


Step = str | bytes | Fault | tuple[str, Fault]  # a reply, octets, a fault, or a reply and then a fault
PACE = 0.01  # seconds from one octet to the next of what is slow

GOOD = {
    "connect": "220 mx.example.jp ESMTP",
    "HELO": "250 mx.example.jp",
    "MAIL": "250 2.1.0 Ok",
    "RCPT": "250 2.1.5 Ok",
    "DATA": "354 Go on",
    "DOT": "250 2.0.0 Ok: queued",
    "RSET": "250 2.0.0 Ok",
    "QUIT": "221 2.0.0 Bye",
    "STARTTLS": "220 2.0.0 Go on",
    "AUTH": "235 2.7.0 Ok",
}


@dataclass
class SunkMail:
    mail: str  # the MAIL command as it came
    rcpt: str
    data: bytes  # without dot-stuffing


@dataclass
class Sink:
    extensions: list[str] = field(default_factory=lambda: ["8BITMIME", "SIZE 50000000"])
    tls: ssl.SSLContext | None = None  # for STARTTLS
    port: int = 0
    mails: list[SunkMail] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    connections: int = 0
    handshakes_failed: int = 0
    script: dict[str, deque[Step]] = field(default_factory=lambda: defaultdict(deque))
    always: dict[str, Step] = field(default_factory=dict)  # the answers at a stage where none is in the script
    window: int | None = None  # octets that the system takes from a client before it is read
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)
    writers: set[asyncio.StreamWriter] = field(default_factory=set)
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    def answer(self, stage: str, *steps: Step) -> None:
        """The next answers at a stage (a key of GOOD, or EHLO); after them it is good again."""
        self.script[stage].extend(steps)

    async def wait_for(self, stage: str, count: int = 1) -> None:
        """Until `count` commands of the kind have come in all."""
        async with self.arrived:
            await self.arrived.wait_for(lambda: self.count(stage) >= count)

    def count(self, stage: str) -> int:
        return sum(command.upper().startswith(stage) for command in self.commands)

    async def hang_up(self) -> None:
        """Closes every connection from its own side, as an idle server does."""
        for writer in list(self.writers):
            writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writers.add(writer)
        try:
            await self._converse(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError, TimeoutError):
            self.handshakes_failed += 1
        finally:
            self.writers.discard(writer)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        mail = rcpt = ""
        await self._say(reader, writer, "connect")
        while line := await reader.readline():
            command = line.decode(errors="replace").rstrip("\r\n")
            await self._note(command)
            verb = command[:4].upper()
            if verb == "EHLO":
                await self._say(reader, writer, "EHLO")
            elif verb == "STAR":
                if await self._say(reader, writer, "STARTTLS") and self.tls is not None:
                    await writer.start_tls(self.tls)
            elif verb == "DATA":
                if await self._say(reader, writer, "DATA"):
                    data = await reader.readuntil(b"\r\n.\r\n")
                    await self._note("DOT")
                    good = await self._say(reader, writer, "DOT", kept=SunkMail(mail, rcpt, unstuffed(data)))
                    if not good:
                        continue
            else:
                mail, rcpt = (command if verb == "MAIL" else mail), (command if verb == "RCPT" else rcpt)
                await self._say(reader, writer, verb)
                if verb == "QUIT":
                    return

    async def _note(self, command: str) -> None:
        async with self.arrived:
            self.commands.append(command)
            self.arrived.notify_all()

    async def _say(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, stage: str, kept: SunkMail | None = None
    ) -> bool:
        """Plays the next step of the stage. True when the reply was a good one."""
        good = "\r\n".join(["250-mx.example.jp", *(f"250-{each}" for each in self.extensions), "250 HELP"])
        good = GOOD.get(stage, good)
        step = self.script[stage].popleft() if self.script[stage] else self.always.get(stage, good)
        reply, fault = step if isinstance(step, tuple) else ("", step) if isinstance(step, Fault) else (step, None)
        if fault is Fault.SLOW:
            reply = reply or good
        octets = reply if isinstance(reply, bytes) else reply.encode() + b"\r\n" if reply else b""
        accepted = octets.startswith((b"2", b"3"))
        if kept is not None and (accepted or fault is Fault.TAKES_AND_DROPS):
            self.mails.append(kept)
        if fault is Fault.SLOW:
            for octet in octets:
                writer.write(bytes([octet]))
                await asyncio.sleep(PACE)
            return accepted
        writer.write(octets)
        await writer.drain()
        match fault:
            case Fault.DROP | Fault.TAKES_AND_DROPS:
                raise ConnectionResetError
            case Fault.RESET:
                connection = writer.get_extra_info("socket")
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                raise ConnectionResetError
            case Fault.SILENT:
                await reader.read()  # until the client gives up
                raise ConnectionResetError
            case Fault.STOPS_READING:
                cast(asyncio.ReadTransport, writer.transport).pause_reading()
                await self.closing.wait()
                raise ConnectionResetError
            case Fault.DROPS_IN_CONTENT:
                await reader.readexactly(1000)
                raise ConnectionResetError
        return accepted


def server_tls(authority: trustme.CA, name: str = "127.0.0.1") -> ssl.SSLContext:
    """What a server of that name has to show."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(context)
    return context


def unstuffed(data: bytes) -> bytes:
    """What a receiver makes of the octets up to and with the final dot (RFC 5321 4.5.2)."""
    lines = data.removesuffix(b".\r\n").split(b"\r\n")
    return b"\r\n".join(line[1:] if line.startswith(b".") else line for line in lines)


@asynccontextmanager
async def listening(sink: Sink, tls: ssl.SSLContext | None = None) -> AsyncIterator[Sink]:
    """The sink on a free port of 127.0.0.1; with `tls` connections begin with it."""
    listener = socket.create_server(("127.0.0.1", 0))
    if sink.window is not None:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, sink.window)
    server = await asyncio.start_server(sink.serve, sock=listener, ssl=tls, limit=1 << 26)
    sink.port = server.sockets[0].getsockname()[1]
    try:
        yield sink
    finally:
        sink.closing.set()
        server.close()
        await sink.hang_up()
