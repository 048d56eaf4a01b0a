"""Everything of the corpora comes in over the SMTP port, and nothing of it is left unexplained."""

import asyncio
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import func
from sqlmodel import select

from gateway.store import ledger
from gateway.store.states import Direction, OutboxState, ReceivedState
from gateway.store.tables import Message, Outbox, Received
from tests import corpora
from tests.integration.house import HANAKO, SUZUKI, House, open_house

SESSIONS = 8
STALLED = 60.0  # seconds without another account or delivery until mails that lack theirs fail the test
REFUSED = "550 5.6.0"  # N01: a bare CR, a bare LF or a NUL
FIELDS = ["Date", "From", "To", "Subject", "Message-ID", "In-Reply-To", "References", "Auto-Submitted", "MIME-Version"]
CONTENT_FIELDS = ["Content-Type", "Content-Transfer-Encoding"]


@dataclass(frozen=True)
class Handed:
    """A mail as it went over the wire, and the reply to its last dot."""

    name: str
    raw: bytes
    reply: str

    @property
    def queue_id(self) -> str:
        return self.reply.split()[-1]

    @property
    def body(self) -> bytes:
        return sha256(self.raw.partition(b"\r\n\r\n")[2]).digest()


def as_sent(raw: bytes) -> bytes:
    """With the line ends that a client makes of a plain text file; any other mixture of CR, LF and NUL as it is."""
    if b"\r" not in raw and b"\0" not in raw:
        raw = raw.replace(b"\n", b"\r\n")
    return raw if raw.endswith(b"\r\n") else raw + b"\r\n"


def breaks_n01(raw: bytes) -> bool:
    return b"\0" in raw or re.search(rb"\r(?!\n)|(?<!\r)\n", raw) is not None


async def hand_in(port: int, mails: Iterator[tuple[str, bytes]], handed: list[Handed]) -> None:
    """One client: as many mails as it gets, on one connection until the gateway closes it."""
    writer: asyncio.StreamWriter | None = None
    for name, octets in mails:
        if writer is None:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            await _reply(reader)
            writer.write(b"EHLO relay.example\r\n")
            await _reply(reader)
        writer.write(f"MAIL FROM:<{HANAKO}>\r\nRCPT TO:<testshop@q.example.jp>\r\nDATA\r\n".encode())
        assert [(await _reply(reader))[:3] for _ in range(3)] == ["250", "250", "354"]
        raw = as_sent(octets)
        writer.write(re.sub(rb"(?m)^\.", b"..", raw) + b".\r\n")
        handed.append(Handed(name, raw, reply := await _reply(reader)))
        if reply.startswith("5"):  # N01: the gateway hangs up
            writer.close()
            writer = None
    if writer is not None:
        writer.close()


async def _reply(reader: asyncio.StreamReader) -> str:
    while (line := (await reader.readuntil(b"\r\n")).decode())[3] == "-":
        pass
    return line.strip()


async def everything_left(house: House) -> None:
    """Waits until no mail is on its way in or out, as long as more of them get there."""
    before = 0
    async with asyncio.timeout(STALLED) as patience:
        while left := await _on_their_way(house):
            if left != before:
                before = left
                patience.reschedule(asyncio.get_running_loop().time() + STALLED)
            await asyncio.sleep(0.1)


async def _on_their_way(house: House) -> int:
    queries = (
        select(func.count()).where(Received.state == ReceivedState.RECEIVED),
        select(func.count()).where(Outbox.state != OutboxState.SENT),
    )
    async with house.database.read() as session:
        return sum([(await session.exec(query)).one() for query in queries])


@pytest.mark.timeout(300)
async def test_every_mail_is_stored_refused_under_n01_or_named_a_duplicate(tmp_path: Path, database_url: str) -> None:
    """All of them on SQLite; what is read is the same on PostgreSQL, which gets every third."""
    mails = list(corpora.mails())[:: 1 if database_url.startswith("sqlite") else 3]
    handed: list[Handed] = []
    async with open_house(tmp_path, database_url, workers=1) as house:
        await house.add_store("testshop", SUZUKI)
        queue = iter(mails)
        await asyncio.gather(*(hand_in(house.port, queue, handed) for _ in range(SESSIONS)))
        await everything_left(house)
        async with house.database.read() as session:
            received = {row.queue_id: row for row in await session.exec(select(Received))}
            entries = {row.received_id: row for row in await session.exec(select(Message))}
            letters = {row.cause: row for row in await session.exec(select(Outbox))}
            book = await ledger.check(session)
    fates = check(handed, received, entries, letters)
    check_letters(house, letters)
    print(f"\n{dict(fates)} of {len(mails)} mails")
    assert fates.total() == len(mails)
    assert book.problems == []
    assert book.waiting == 0


def check(
    handed: Sequence[Handed],
    received: dict[str, Received],
    entries: dict[str | None, Message],
    letters: dict[str, Outbox],
) -> Counter[str]:
    """What became of each: named here, or the test fails with the mail's name."""
    fates: Counter[str] = Counter()
    duplicates, stored = [], set()
    for mail in handed:
        if mail.reply.startswith(REFUSED):
            assert breaks_n01(mail.raw), mail.name
            fates["refused under N01"] += 1
            continue
        assert mail.reply.startswith("250 2.0.0 "), (mail.name, mail.reply)
        assert not breaks_n01(mail.raw), mail.name
        row = received[mail.queue_id]
        if row.state is ReceivedState.DUPLICATE:
            duplicates.append(mail)
            continue
        assert row.state is ReceivedState.DONE, (mail.name, row.error)
        entry = entries[mail.queue_id]
        assert entry.direction is Direction.IN, mail.name
        assert f"message:{entry.id}" in letters, mail.name
        stored.add(mail.body)
        fates["stored"] += 1
    for mail in duplicates:
        assert mail.body in stored, mail.name
        fates["duplicate"] += 1
    assert len(received) == fates["stored"] + fates["duplicate"]  # nothing of a refused mail
    return fates


def check_letters(house: House, letters: dict[str, Outbox]) -> None:
    """Each notification came to the seller once, with the fields that it should have and no other (A04)."""
    assert Counter(dict(mail.header)["Message-ID"] for mail in house.arrived) == Counter(
        letter.message_id for letter in letters.values()
    )
    for arrived in house.arrived:
        assert arrived.rcpt_to == SUZUKI
        names = [name for name, _ in arrived.header]
        assert len(set(names)) == len(names), names
        assert names == [name for name in FIELDS + CONTENT_FIELDS if name in names], names
        assert {"Date", "From", "To", "Subject", "Message-ID", "Auto-Submitted", "Content-Type"} <= set(names)
