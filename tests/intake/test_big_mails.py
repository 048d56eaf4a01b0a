"""Big mails go to disk and into the database piece by piece; small ones pass them, memory stays small."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import psutil

from gateway.intake.spool import PIECE, Budget, Spool
from gateway.store.database import Database
from tests.intake.conftest import MAIL, Client, StartGateway, add_store

BIG = 25 * (1 << 20)


async def send_big(client: Client, lines: int, line: bytes) -> str:
    await client.begin()
    await client.send(b"Subject: big\r\n\r\n")
    block = line * (131_072 // len(line))
    sent = 0
    while sent < lines:
        await client.send(block)
        sent += 131_072 // len(line)
    await client.send(b".\r\n")
    return await client.reply()


async def test_a_big_mail_comes_back_octet_for_octet(database: Database, start: StartGateway) -> None:
    await add_store(database)
    gateway = await start(database, message_size=BIG, memory_per_mail=100_000)
    body = b"".join(os.urandom(40).hex().encode() + b"\r\n" for _ in range(40_000))
    mail = b"Subject: big\r\n\r\n.dot\r\n" + body
    assert (await (await gateway.client()).deliver(mail)).startswith("250 ")
    (row,) = await gateway.mails()
    raw = await gateway.raw(row.queue_id)
    assert raw.endswith(b"\r\n" + mail)
    assert row.size == len(raw)
    assert gateway.intake.reception.budget.taken == 0


async def test_n18_beyond_the_disks_budget_a_mail_is_refused_for_now(
    sqlite_database: Database, start: StartGateway
) -> None:
    await add_store(sqlite_database)
    gateway = await start(sqlite_database, memory_per_mail=1000, spool_budget=100_000)
    client = await gateway.client()
    assert await client.code(b"MAIL FROM:<a@example.com> SIZE=200000") == "452 4.3.1"
    assert (await client.deliver(b"x" * 998 + b"\r\n" * 120_000)).startswith("452 4.3.1 ")
    assert (await client.deliver()).startswith("250 ")
    assert gateway.intake.reception.budget.taken == 0


async def test_a_database_that_fails_between_the_pieces_is_451(sqlite_database: Database, start: StartGateway) -> None:
    await add_store(sqlite_database)
    gateway = await start(sqlite_database, memory_per_mail=1000)
    client = await gateway.client()
    async with sqlite_database.engine.begin() as connection:
        await connection.exec_driver_sql("DROP TABLE received_chunk")
    assert (await client.deliver(b"x" * 50_000 + b"\r\n")).startswith("451 4.3.0 ")
    assert gateway.intake.reception.budget.taken == 0
    assert await gateway.mails() == []


async def test_ten_mails_of_25_mb_at_once_leave_memory_small_and_small_mails_quick(
    sqlite_database: Database, start: StartGateway
) -> None:
    await add_store(sqlite_database)
    gateway = await start(sqlite_database, message_size=BIG)
    process = psutil.Process()
    before = process.memory_info().rss
    clients = [await gateway.client() for _ in range(10)]
    line = os.urandom(37).hex().encode() + b"\r\n"  # 76 octets, as base64 has
    big = asyncio.gather(*(send_big(client, BIG // 131_072 * (131_072 // 76) - 2000, line) for client in clients))
    small, peak = 0, before
    client = await gateway.client()
    async for _ in _until(big):
        assert (await client.deliver()).startswith("250 ")
        small += 1
        peak = max(peak, process.memory_info().rss)
    assert all(reply.startswith("250 ") for reply in await big)
    assert small > 10
    assert peak - before < 100 * (1 << 20)
    assert len(await gateway.mails()) == 10 + small


async def _until(done: asyncio.Future[list[str]]) -> AsyncIterator[None]:
    while not done.done():
        yield


def test_a_spool_gives_back_what_it_was_given(tmp_path: Path) -> None:
    budget = Budget(10 * PIECE)
    spool = Spool(tmp_path, 1000, Budget(1000), budget)
    octets = os.urandom(3 * PIECE)
    for start in range(0, len(octets), 100_001):
        assert spool.write(octets[start : start + 100_001])
    assert spool.is_big
    assert spool.size == len(octets)
    assert len(spool.head()) == 1000
    pieces = list(spool.pieces())
    assert spool.head() + b"".join(pieces) == octets
    assert max(map(len, pieces)) == PIECE
    assert list(tmp_path.iterdir()) == []  # the file has no name
    assert budget.taken == len(octets) - 1000
    spool.close()
    spool.close()
    assert budget.taken == 0


def test_a_small_mail_never_touches_the_disk(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "missing", 1000, Budget(1000), Budget(0))
    assert spool.write(MAIL)
    assert not spool.is_big
    assert spool.head() == MAIL
    assert list(spool.pieces()) == []
    spool.close()
