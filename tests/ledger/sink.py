"""The smarthost behind the gateway: takes every mail, keeps it in one file, and says what it holds."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from pathlib import Path

from tests.ledger.mails import MARK

LARGEST = 16 << 20  # octets of one mail
ADDRESS = re.compile(rb"<([^<>]*)>")
LIST = re.compile(r"\[L-[^\]]+\]\Z")  # the token that an answer to a list is known by


@dataclass(frozen=True)
class Arrival:
    """A mail that the sink acknowledged."""

    message_id: str
    recipient: str
    marks: frozenset[str]  # of the customers' mails that it shows
    is_list: bool = False  # a store's list of what waits, as the digest is, which comes at its hour of the day


def arrival(mail: Message, recipient: str) -> Arrival:
    subject = str(make_header(decode_header(str(mail["Subject"]))))
    text = b"".join([subject.encode(), *(_decoded(part) for part in mail.walk())])
    marks = frozenset(mark.decode() for mark in MARK.findall(text))
    return Arrival(str(mail["Message-ID"]).strip(), recipient, marks, LIST.search(subject) is not None)


class Sink:
    """One mail in `fault_every` finds a fault: the answer to its last dot is 451, or the connection breaks."""

    def __init__(self, file: Path, fault_every: int = 0) -> None:
        self.count = self._mails = 0
        self._fault_every = fault_every
        self._file = file
        self._out = file.open("wb")
        self._sessions: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[int]:
        """Yields the port."""
        server = await asyncio.start_server(self._begin, "127.0.0.1", 0, limit=LARGEST)
        try:
            yield int(server.sockets[0].getsockname()[1])
        finally:
            server.close()
            for writer in self._sessions.values():
                writer.close()
            await asyncio.gather(*self._sessions)
            self._out.close()

    def arrivals(self) -> Iterator[Arrival]:
        """Everything acknowledged so far, in order."""
        self._out.flush()
        with self._file.open("rb") as file:
            while head := file.readline():
                recipient, size = head.split()
                yield arrival(message_from_bytes(file.read(int(size))), recipient.decode())

    def _next_fault(self) -> bytes:
        """By turns: deferred, and taken without an answer."""
        self._mails += 1
        if not self._fault_every or self._mails % self._fault_every:
            return b""
        return b"gone" if self._mails // self._fault_every % 2 else b"451"

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = asyncio.create_task(self._session(reader, writer))
        self._sessions[session] = writer
        session.add_done_callback(self._sessions.pop)

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, EOFError):
            recipients: list[bytes] = []
            writer.write(b"220 sink.example ESMTP\r\n")
            while line := await reader.readuntil(b"\r\n"):
                verb = line[:4].upper()
                if verb == b"EHLO":
                    writer.write(b"250-sink.example\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n")
                elif verb == b"DATA":
                    writer.write(b"354 go on\r\n")
                    mail = (await reader.readuntil(b"\r\n.\r\n")).replace(b"\r\n..", b"\r\n.")
                    fault = self._next_fault()
                    if fault == b"451":
                        writer.write(b"451 4.3.2 not now\r\n")
                        recipients.clear()
                        continue
                    for recipient in recipients:
                        self._out.write(b"%s %d\n" % (recipient, len(mail)) + mail)
                    self.count += len(recipients)
                    recipients.clear()
                    if fault:
                        break
                    writer.write(b"250 2.0.0 kept\r\n")
                elif verb == b"QUIT":
                    writer.write(b"221 2.0.0 bye\r\n")
                    break
                else:
                    if verb == b"RCPT" and (address := ADDRESS.search(line)):
                        recipients.append(address[1])
                    elif verb in (b"MAIL", b"RSET"):
                        recipients.clear()
                    writer.write(b"250 2.0.0 ok\r\n")
        writer.close()


def _decoded(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) and part.get_content_type() == "text/plain" else b""
