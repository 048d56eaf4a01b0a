"""250 is said after the commit, and only then; every trouble of ours is 4yz and loses nothing."""

import asyncio
import os
import socket
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_network

import pytest
from sqlalchemy import event

from gateway.ids import new_id
from gateway.intake.committer import Committer, NotStoredError, QueueFullError
from gateway.store import received, silence
from gateway.store.database import CONNECTIONS, Database
from gateway.store.received import Arrival
from tests.intake.conftest import MAIL, SHOP, Client, StartGateway, add_store


def arrival(**changes: object) -> Arrival:
    mail = Arrival(
        queue_id=new_id(),
        mail_from="a@example.com",
        rcpt_to=(SHOP,),
        received_at=datetime.now(UTC),
        remote_address="192.0.2.1",
        helo="x",
        trusted_relay=False,
        smtputf8=False,
        tls=False,
        size=len(MAIL),
        chunks=(MAIL,),
    )
    return replace(mail, **changes)  # type: ignore[arg-type]


def committer(database: Database, **changes: int) -> Committer:
    limits = {"waiting_mails": 100, "waiting_bytes": 1 << 20, **changes}
    return Committer(database, **limits)  # type: ignore[arg-type]


async def test_n07_the_250_names_a_mail_that_is_in_the_database(database: Database, start: StartGateway) -> None:
    await add_store(database)
    stored: list[int] = []
    gateway = await start(database, on_stored=stored.append)
    reply = await (await gateway.client()).deliver(MAIL, SHOP, sender="Yamada@EXAMPLE.com")
    (row,) = await gateway.mails()
    assert reply == f"250 2.0.0 Ok: queued as {row.queue_id}"
    assert (row.mail_from, row.rcpt_to, row.helo) == ("Yamada@example.com", [SHOP], "client.example.com")
    assert (row.remote_address, row.trusted_relay, row.tls, row.smtputf8) == ("127.0.0.1", False, False, False)
    raw = await gateway.raw(row.queue_id)
    assert row.size == len(raw)
    assert raw.startswith(b"Return-Path: <Yamada@example.com>\r\nReceived: from client.example.com ([127.0.0.1])\r\n")
    assert raw.endswith(b"\r\n" + MAIL)
    assert stored == [1]


async def test_many_senders_share_a_transaction(database: Database, start: StartGateway) -> None:
    await add_store(database)
    batches: list[int] = []
    gateway = await start(database, on_stored=batches.append)
    clients = [await gateway.client() for _ in range(20)]
    for client in clients:
        await client.begin()

    async def finish(client: Client) -> str:
        await client.send(MAIL + b".\r\n")
        return await client.reply()

    replies = await asyncio.gather(*map(finish, clients))
    assert {reply.rpartition(" ")[2] for reply in replies} == {row.queue_id for row in await gateway.mails()}
    assert sum(batches) == 20
    assert len(batches) < 20


async def test_n39_only_a_trusted_relays_topmost_result_is_kept(database: Database, start: StartGateway) -> None:
    await add_store(database)
    true, forged = (
        b"Authentication-Results: mx.example.jp; dkim=fail\r\n",
        b"Authentication-Results: mx.example.jp; x\r\n",
    )
    for relays, kept in (((), b""), ((ip_network("127.0.0.0/8"),), true)):
        gateway = await start(database, trusted_relays=relays, authserv_id="mx.example.jp")
        assert (await (await gateway.client()).deliver(true + forged + MAIL)).startswith("250 ")
        row = (await gateway.mails())[-1]
        assert row.trusted_relay is bool(relays)
        assert (await gateway.raw(row.queue_id)).partition(b"+0000\r\n")[2] == kept + MAIL


async def test_n15_a_mail_that_turns_in_circles_is_refused(database: Database, start: StartGateway) -> None:
    await add_store(database)
    gateway = await start(database)
    client = await gateway.client()
    assert (await client.deliver(b"Received: x\r\n" * 51 + MAIL)).startswith("554 5.4.6 ")
    assert (await client.deliver(b"Received: x\r\n" * 50 + MAIL)).startswith("250 ")


async def test_content_never_decides(database: Database, start: StartGateway) -> None:
    await add_store(database)
    gateway = await start(database)
    client = await gateway.client()
    for mail in (
        b"",
        b"\r\n",
        b"Message-ID: <\r\n\r\n",
        b"\xff\xfe\r\n",
        b"From: " + b"(" * 5000 + b"\r\n",
        os.urandom(999),
    ):
        clean = mail.replace(b"\r", b"").replace(b"\n", b"").replace(b"\0", b"") + b"\r\n" if len(mail) == 999 else mail
        assert (await client.deliver(clean)).startswith("250 ")


async def test_a_database_that_refuses_is_451_without_its_words(sqlite_database: Database, start: StartGateway) -> None:
    await add_store(sqlite_database)
    gateway = await start(sqlite_database)
    client = await gateway.client()
    async with sqlite_database.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE received RENAME TO received_secret")
    assert await client.deliver() == "451 4.3.0 Temporary failure, try again later"
    async with sqlite_database.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE received_secret RENAME TO received")
    assert (await client.deliver()).startswith("250 ")
    assert len(await gateway.mails()) == 1


async def test_a_fault_of_ours_is_451_without_its_words(sqlite_database: Database, start: StartGateway) -> None:
    def keyring() -> None:
        raise RuntimeError("password=hunter2")

    gateway = await start(sqlite_database, keyring=keyring)
    client = await gateway.client()
    assert await client.code(b"MAIL FROM:<a@example.com>") == "250 2.1.0"
    command = f"RCPT TO:<b0123456789abcdefgh-{'a' * 24}@q.example.jp>".encode()
    assert await client.ask(command) == "451 4.3.0 Temporary failure, try again later"
    assert await client.code(b"NOOP") == "250 2.0.0"


async def test_t08_a_locked_database_is_451_in_time_and_loses_nothing(
    sqlite_database: Database, start: StartGateway
) -> None:
    await add_store(sqlite_database)
    gateway = await start(sqlite_database, store_timeout=0.2)
    client = await gateway.client()
    async with sqlite_database.write():
        assert (await client.deliver()).startswith("451 4.3.0 ")
    assert (await client.deliver()).startswith("250 ")
    # The first was committed when the lock went away: its sender tries again, and the copy is recognised (RFC 1047).
    assert len(await gateway.mails()) == 2


async def test_t08_postgresql_that_drops_every_connection_is_451_and_then_works(
    database: Database, start: StartGateway
) -> None:
    if database.is_sqlite:
        pytest.skip("has no connections to lose")
    await add_store(database)
    gateway = await start(database)
    client = await gateway.client()
    assert (await client.deliver()).startswith("250 ")
    async with database.engine.connect() as connection:
        await connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    replies = [await client.deliver() for _ in range(5)]
    assert {reply[:3] for reply in replies} <= {"250", "451"}
    assert replies[-1].startswith("250 ")
    accepted = 1 + sum(reply.startswith("250") for reply in replies)
    assert len(await gateway.mails()) == accepted


async def test_t08_connections_to_the_database_that_are_all_in_use_are_451_in_time(
    database: Database, start: StartGateway
) -> None:
    await add_store(database)
    gateway = await start(database, store_timeout=0.3)
    client = await gateway.client()
    async with AsyncExitStack() as taken:
        for _ in range(CONNECTIONS):
            await taken.enter_async_context(database.engine.connect())
        assert await client.code(b"MAIL FROM:<a@example.com>") == "250 2.1.0"
        assert await client.code(b"RCPT TO:<testshop@q.example.jp>") == "451 4.3.0"
    assert await client.code(b"RSET") == "250 2.0.0"
    assert (await client.deliver()).startswith("250 ")


async def test_t08_a_postgresql_that_is_gone_without_a_word_is_noticed_by_the_kernel(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("is never far away")
    async with database.engine.connect() as connection:
        raw = await connection.get_raw_connection()
        assert raw.driver_connection is not None
        peer: socket.socket = raw.driver_connection._transport.get_extra_info("socket")
        assert peer.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 1000 * silence.SILENT
        assert peer.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert peer.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == silence.IDLE


async def test_a_client_that_leaves_after_its_last_dot_does_not_take_the_mail_along(
    database: Database, start: StartGateway
) -> None:
    await add_store(database)
    stored = asyncio.Event()
    gateway = await start(database, on_stored=lambda _: stored.set())
    client = await gateway.client()
    await client.begin()
    await client.send(MAIL + b".\r\n")
    client.writer.transport.abort()
    async with asyncio.timeout(20):
        await stored.wait()
    assert len(await gateway.mails()) == 1


async def test_a_client_that_leaves_in_the_middle_leaves_nothing(database: Database, start: StartGateway) -> None:
    await add_store(database)
    gateway = await start(database, memory_per_mail=1000)
    client = await gateway.client()
    await client.begin()
    await client.send(b"x" * 70_000)
    client.writer.transport.abort()
    async with asyncio.timeout(20):
        while gateway.intake.connections:
            await asyncio.sleep(0.01)
    assert gateway.intake.reception.budget.taken == 0
    assert await gateway.mails() == []


async def test_a_broken_row_refuses_none_of_its_neighbours(database: Database) -> None:
    commits = committer(database)
    good, twice = [arrival() for _ in range(5)], arrival()
    waiting = [commits.store(mail) for mail in (*good[:3], twice, replace(twice), *good[3:])]
    results = asyncio.gather(*waiting, return_exceptions=True)
    await asyncio.sleep(0)
    commits.start()
    outcome = await results
    await commits.stop()
    assert [type(result) for result in outcome].count(NotStoredError) == 1
    assert [result for result in outcome if result is None] == [None] * 6
    async with database.read() as session:
        stored = {mail.queue_id for mail in await received.listing(session)}
    assert stored == {mail.queue_id for mail in (*good, twice)}


async def test_a_database_that_is_gone_is_asked_once_for_a_whole_batch(sqlite_database: Database) -> None:
    async with sqlite_database.engine.begin() as connection:
        await connection.exec_driver_sql("DROP TABLE received_chunk")
    attempts = []
    event.listen(sqlite_database.engine.sync_engine, "begin", lambda _: attempts.append(1))
    commits = committer(sqlite_database)
    results = asyncio.gather(*(commits.store(arrival()) for _ in range(10)), return_exceptions=True)
    await asyncio.sleep(0)
    commits.start()
    assert [type(result) for result in await results] == [NotStoredError] * 10
    await commits.stop()
    assert len(attempts) == 1


async def test_above_the_high_water_nothing_more_is_taken(sqlite_database: Database, start: StartGateway) -> None:
    commits = committer(sqlite_database, waiting_mails=2)
    waiting = asyncio.gather(commits.store(arrival()), commits.store(arrival()))
    await asyncio.sleep(0)
    assert not commits.has_room
    with pytest.raises(QueueFullError):
        await commits.store(arrival())
    commits.start()
    await waiting
    assert commits.has_room
    await commits.stop()
    with pytest.raises(QueueFullError):
        await commits.store(arrival())


async def test_n18_without_room_mail_is_refused_for_now(sqlite_database: Database, start: StartGateway) -> None:
    await add_store(sqlite_database)
    for limits in ({"waiting_mails": 0}, {"free_space": 1 << 60}):
        client = await (await start(sqlite_database, **limits)).client()
        assert await client.code(b"MAIL FROM:<a@example.com>") == "452 4.3.1"


async def test_stopping_commits_what_waits(database: Database) -> None:
    commits = committer(database)
    waiting = [asyncio.create_task(commits.store(arrival())) for _ in range(3)]
    await asyncio.sleep(0)
    commits.start()
    await commits.stop()
    await asyncio.gather(*waiting)
    async with database.read() as session:
        assert len(await received.listing(session)) == 3


async def test_a_sender_that_no_longer_listens_is_committed_all_the_same(database: Database) -> None:
    commits = committer(database)
    gone = asyncio.create_task(commits.store(arrival()))
    await asyncio.sleep(0)
    gone.cancel()
    with suppress(asyncio.CancelledError):
        await gone
    commits.start()
    await commits.stop()
    async with database.read() as session:
        assert len(await received.listing(session)) == 1
