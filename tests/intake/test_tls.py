"""STARTTLS (RFC 3207): encrypted afterwards, and nothing of before is believed (N22, A02)."""

import asyncio
import ssl
from collections.abc import Iterator
from typing import cast

import pytest
import trustme
from structlog.testing import capture_logs

from gateway.intake import connection
from gateway.store.database import Database
from tests.intake.conftest import Client, Gateway, StartGateway, add_store


@pytest.fixture(scope="module")
def authority() -> Iterator[trustme.CA]:
    yield trustme.CA()


@pytest.fixture
async def gateway(sqlite_database: Database, start: StartGateway, authority: trustme.CA) -> Gateway:
    await add_store(sqlite_database)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("q.example.jp").configure_cert(context)
    return await start(sqlite_database, tls=context)


async def encrypt(client: Client, authority: trustme.CA) -> None:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    await client.writer.start_tls(context, server_hostname="q.example.jp")


async def test_n22_after_starttls_the_session_begins_anew(gateway: Gateway, authority: trustme.CA) -> None:
    client = await gateway.connect()
    await client.reply()
    assert "250-STARTTLS" in await client.ask(b"EHLO x")
    assert await client.code(b"MAIL FROM:<a@example.com>") == "250 2.1.0"
    assert await client.code(b"STARTTLS") == "220 2.0.0"
    await encrypt(client, authority)
    assert await client.code(b"MAIL FROM:<a@example.com>") == "503 5.5.1"
    offered = await client.ask(b"EHLO x")
    assert "STARTTLS" not in offered
    assert "AUTH" not in offered
    assert await client.code(b"STARTTLS") == "503 5.5.1"
    assert (await client.deliver()).startswith("250 ")
    (row,) = await gateway.mails()
    assert row.tls
    assert b"with ESMTPS id" in await gateway.raw(row.queue_id)
    assert await client.code(b"QUIT") == "221 2.0.0"
    assert await client.is_closed()


async def test_n14_a_client_that_never_closes_its_tls_does_not_hold_up_the_end(
    gateway: Gateway, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "LINGER_SECONDS", 0.1)
    client = await gateway.client()
    assert await client.code(b"STARTTLS") == "220 2.0.0"
    await encrypt(client, authority)
    assert (await client.ask(b"EHLO x")).startswith("250-")
    deaf = cast(asyncio.Transport, client.writer.transport)
    deaf.pause_reading()
    with capture_logs() as said:
        await gateway.intake.drain(20)
    deaf.abort()
    assert "sessions cut off" not in [line["event"] for line in said]


async def test_n22_a02_what_is_injected_behind_starttls_is_dropped(gateway: Gateway, authority: trustme.CA) -> None:
    client = await gateway.client()
    await client.send(b"STARTTLS\r\nEHLO attacker\r\nMAIL FROM:<attacker@example.com>\r\n")
    assert (await client.reply()).startswith("220 2.0.0 ")
    await encrypt(client, authority)
    # The injected commands were answered by nobody: the first reply is to the first encrypted command.
    assert await client.code(b"RCPT TO:<testshop@q.example.jp>") == "503 5.5.1"
    assert (await client.ask(b"EHLO x")).startswith("250-q.example.jp")
    assert await client.code(b"RCPT TO:<testshop@q.example.jp>") == "503 5.5.1"


async def test_a_mail_of_many_blocks_comes_through_tls(gateway: Gateway, authority: trustme.CA) -> None:
    client = await gateway.client()
    await client.ask(b"STARTTLS")
    await encrypt(client, authority)
    await client.ask(b"EHLO x")
    mail = b"Subject: x\r\n\r\n" + b"0123456789abcdef" * 50_000 + b"\r\n"
    assert (await client.deliver(mail)).startswith("250 ")
    (row,) = await gateway.mails()
    assert (await gateway.raw(row.queue_id)).endswith(mail)


async def test_n01_over_tls_a_bare_line_end_is_refused_and_the_session_ends(
    gateway: Gateway, authority: trustme.CA
) -> None:
    client = await gateway.client()
    await client.ask(b"STARTTLS")
    await encrypt(client, authority)
    await client.ask(b"EHLO x")
    await client.begin()
    await client.send(b"bare\n.\r\n")
    assert (await client.reply()).startswith("550 5.6.0 ")
    assert await client.is_closed()


async def test_a_failed_handshake_ends_the_session_alone(gateway: Gateway) -> None:
    client = await gateway.client()
    assert await client.code(b"STARTTLS") == "220 2.0.0"
    await client.send(b"this is no handshake\r\n")
    assert await client.is_closed()
    assert (await (await gateway.client()).deliver()).startswith("250 ")


async def test_a_client_that_leaves_in_the_handshake_is_forgotten(gateway: Gateway) -> None:
    client = await gateway.client()
    assert await client.code(b"STARTTLS") == "220 2.0.0"
    client.writer.transport.abort()
    async with asyncio.timeout(20):
        while gateway.intake.connections:
            await asyncio.sleep(0.01)
