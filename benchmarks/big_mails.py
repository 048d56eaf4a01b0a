"""Ten mails at the size limit at once, each with one attachment, and small mails all the while: what it costs.

usage: python -m benchmarks.big_mails [--mails 10]

The gateway is `toiawase serve` as an operator runs it, on SQLite with one worker; the smarthost behind it takes all it
can. It ends when every notification, with its attachment, is there, and one seller's reply with an attachment of the
same size has reached its customer. Memory is that of the daemon and every process of it, summed (see memory.py).
"""

import argparse
import asyncio
import base64
import contextlib
import itertools
import os
import re
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser
from hashlib import sha256
from pathlib import Path
from time import perf_counter

from benchmarks.memory import Memory, watched
from tests.ledger.daemon import Daemon
from tests.ledger.mails import AUTHSERV_ID, DOMAIN, STORES

SIZE = 26_214_400  # octets: limits.message_size as it comes
SMALL_EVERY = 0.05  # seconds between the small mails of one client
SMALL_CLIENTS = 2
BLOCK = 1 << 18
PATIENCE = 300.0  # seconds
STORE, (SELLER, *_) = next(iter(STORES.items()))


class Sink:
    """The smarthost: writes what comes into files, one for each mail, and says that it did."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.arrived: list[tuple[str, Path]] = []  # recipient, file
        self.changed = asyncio.Event()
        self._sessions: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[int]:
        server = await asyncio.start_server(self._begin, "127.0.0.1", 0, limit=2 * BLOCK)
        try:
            yield int(server.sockets[0].getsockname()[1])
        finally:
            server.close()
            for writer in self._sessions.values():
                writer.close()
            await asyncio.gather(*self._sessions)

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = asyncio.create_task(self._session(reader, writer))
        self._sessions[session] = writer
        session.add_done_callback(self._sessions.pop)

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        recipient = ""
        with contextlib.suppress(ConnectionError, EOFError):
            writer.write(b"220 sink.example ESMTP\r\n")
            while line := await reader.readuntil(b"\r\n"):
                verb = line[:4].upper()
                if verb == b"RCPT":
                    recipient = line.partition(b"<")[2].partition(b">")[0].decode()
                if verb == b"DATA":
                    writer.write(b"354 go on\r\n")
                    file = self.folder / f"{len(list(self.folder.iterdir()))}.eml"
                    await self._keep(reader, file)
                    self.arrived.append((recipient, file))
                    self.changed.set()
                writer.write(b"221 2.0.0 bye\r\n" if verb == b"QUIT" else b"250 2.0.0 ok\r\n")
        writer.close()

    async def _keep(self, reader: asyncio.StreamReader, file: Path) -> None:
        with file.open("wb") as out:
            end = b""
            while end != b"\r\n.\r\n":
                block = await reader.read(BLOCK)
                out.write(block)
                end = (end + block)[-5:]

    async def big(self, recipient: str, count: int) -> list[Path]:
        """Waits for so many big mails to `recipient`. Raises TimeoutError."""
        async with asyncio.timeout(PATIENCE):
            while True:
                self.changed.clear()
                files = [file for to, file in self.arrived if to == recipient and file.stat().st_size > SIZE // 2]
                if len(files) >= count:
                    return files
                await self.changed.wait()


class Client:
    """One SMTP connection of the trusted relay."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    @contextlib.asynccontextmanager
    async def connected(cls, port: int) -> AsyncIterator["Client"]:
        client = cls(*await asyncio.open_connection("127.0.0.1", port))
        try:
            await client._said("220")
            await client._says(b"EHLO mx.example.jp", "250")
            yield client
        finally:
            client._writer.close()

    async def send(self, sender: str, recipient: str, octets: bytes) -> float:
        """Seconds from the mail's last octet to its 250. No line of `octets` begins with a dot."""
        await self._says(f"MAIL FROM:<{sender}>".encode(), "250")
        await self._says(f"RCPT TO:<{recipient}>".encode(), "250")
        await self._says(b"DATA", "354")
        for start in range(0, len(octets), BLOCK):
            self._writer.write(octets[start : start + BLOCK])
            await self._writer.drain()
        began = perf_counter()
        await self._says(b".", "250")
        return perf_counter() - began

    async def _says(self, line: bytes, code: str) -> None:
        self._writer.write(line + b"\r\n")
        await self._said(code)

    async def _said(self, code: str) -> None:
        async with asyncio.timeout(PATIENCE):
            line = await self._reader.readuntil(b"\r\n")
            while line[3:4] == b"-":
                line = await self._reader.readuntil(b"\r\n")
        if not line.startswith(code.encode()):
            raise RuntimeError(f"expected {code}, got {line!r}")


def mail(sender: str, name: str, attachment: bytes = b"") -> bytes:
    """A mail as the relay hands it in; `name` makes its Message-ID."""
    domain = sender.partition("@")[2]
    head = (
        f"Authentication-Results: {AUTHSERV_ID}; dmarc=pass header.from={domain}\r\n"
        f"From: {sender}\r\nTo: {STORE}@{DOMAIN}\r\nSubject: {name}\r\nMessage-ID: <{name}@{domain}>\r\n"
        "Date: Fri, 20 Nov 2026 14:00:00 +0900\r\nMIME-Version: 1.0\r\n"
    )
    text = "Content-Type: text/plain; charset=utf-8\r\n\r\nPlease see the picture.\r\n"
    if not attachment:
        return (head + text).encode()
    encoded = base64.encodebytes(attachment).replace(b"\n", b"\r\n")
    file = "Content-Type: image/jpeg; name=p.jpg\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    head += f'Content-Type: multipart/mixed; boundary="B"\r\n\r\n--B\r\n{text}--B\r\n{file}'
    return head.encode() + encoded + b"--B--\r\n"


def attachment() -> bytes:
    """As much as makes a mail of nearly SIZE octets in base64."""
    return os.urandom((SIZE - 4096) // 78 * 57)


def attached(file: Path) -> tuple[Message, bytes]:
    """The header of a mail at the sink, and the digest of its attachment, which is the last part."""
    raw = file.read_bytes()
    encoded = raw[raw.index(b"\r\n\r\n", raw.index(b"image/jpeg")) :].rpartition(b"\r\n--")[0]
    header = HeaderParser().parsestr(raw[: raw.index(b"\r\n\r\n")].decode("ascii"))
    return header, sha256(base64.b64decode(encoded)).digest()


@dataclass
class Measured:
    """Times in seconds."""

    memory: Memory
    small: list[float]  # of each small mail: from its last octet to its 250
    big: list[float]
    whole: float  # from the first octet to the last notification
    sent: list[bytes]  # digests of the attachments that went in
    came: list[bytes]  # and of those that came out, at the seller
    reply: tuple[bytes, bytes]  # the seller's attachment, and what the customer got
    problems: list[str]  # of `ledger check`


async def measure(folder: Path, mails: int) -> Measured:
    """Runs it once. Raises TimeoutError or RuntimeError when a mail is refused or lost."""
    (mailbox := folder / "sink").mkdir()
    sink = Sink(mailbox)
    async with sink.listening() as sink_port:
        daemon = Daemon(folder / "gateway", f"sqlite:///{folder / 'gateway' / 'toiawase.db'}", sink_port)
        async with daemon.at_work():
            with watched(daemon.pid) as memory:
                return await _play(daemon, sink, memory, mails)


async def _play(daemon: Daemon, sink: Sink, memory: Memory, mails: int) -> Measured:
    small: list[float] = []
    pestering = [asyncio.create_task(_pester(daemon.port, number, small)) for number in range(SMALL_CLIENTS)]
    files = [attachment() for _ in range(mails)]
    sent = [sha256(file).digest() for file in files]
    began = perf_counter()
    big = await asyncio.gather(*(_send_big(daemon.port, number, file) for number, file in enumerate(files)))
    notifications = await sink.big(SELLER, mails)
    whole = perf_counter() - began
    came = [await asyncio.to_thread(attached, file) for file in notifications]
    reply_to = re.findall(r"<([^<>]+)>", str(came[0][0]["From"]))[0]
    answer = attachment()
    async with Client.connected(daemon.port) as client:
        await client.send(SELLER, reply_to, mail(SELLER, "answer", answer))
    customer = f"c{sent.index(came[0][1])}@customer.example"
    (answered,) = await sink.big(customer, 1)
    for task in pestering:
        task.cancel()
    await asyncio.gather(*pestering, return_exceptions=True)
    passed = sha256(answer).digest(), (await asyncio.to_thread(attached, answered))[1]
    await asyncio.to_thread(daemon.stop)
    problems = [str(problem) for problem in (await asyncio.to_thread(daemon.ledger))["problems"]]
    return Measured(memory, small, big, whole, sent, [digest for _, digest in came], passed, problems)


async def _send_big(port: int, number: int, file: bytes) -> float:
    sender = f"c{number}@customer.example"
    async with Client.connected(port) as client:
        return await client.send(sender, f"{STORE}@{DOMAIN}", mail(sender, f"big{number}", file))


async def _pester(port: int, number: int, times: list[float]) -> None:
    sender = f"small{number}@customer.example"
    async with Client.connected(port) as client:
        for count in itertools.count():
            times.append(await client.send(sender, f"{STORE}@{DOMAIN}", mail(sender, f"small{number}-{count}")))
            await asyncio.sleep(SMALL_EVERY)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mails", type=int, default=10)
    mails = parser.parse_args().mails
    with tempfile.TemporaryDirectory() as folder:
        measured = asyncio.run(measure(Path(folder), mails))
    small = sorted(measured.small)
    middle, late = small[len(small) // 2], small[len(small) * 99 // 100]
    mebibyte = 1 << 20
    print(f"small mails: {len(small)}, 250 after p50 {middle:.3f} s, p99 {late:.3f} s, max {small[-1]:.3f} s")
    print(f"big mails: {mails} of {SIZE} octets, 250 after at most {max(measured.big):.1f} s")
    print(f"all {mails} notifications after {measured.whole:.1f} s")
    memory = measured.memory
    each = ", ".join(f"{octets / mebibyte:.0f}" for octets in memory.each.values())
    print(f"memory: PSS at most {memory.pss / mebibyte:.0f} MiB ({each}), RSS {memory.rss / mebibyte:.0f} MiB")
    whole = sorted(measured.sent) == sorted(measured.came) and measured.reply[0] == measured.reply[1]
    print(f"attachments: {'as they were' if whole else 'NOT as they were'}; ledger: {measured.problems or 'balanced'}")


if __name__ == "__main__":
    main()
