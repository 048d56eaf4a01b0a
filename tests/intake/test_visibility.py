"""What the operator sees of who knocks: each event names the client, and none what the client sent (A23)."""

import ssl
from collections import Counter

import pytest
import trustme
from structlog.testing import capture_logs

from gateway.store.database import Database
from tests.intake.conftest import Gateway, StartGateway, add_store
from tests.intake.test_tls import encrypt


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


async def test_a_mail_received_names_its_client(gateway: Gateway) -> None:
    with capture_logs() as said:
        client = await gateway.client("127.0.3.1")
        assert (await client.deliver()).startswith("250 ")
    (event,) = [line for line in said if line["event"] == "mail received"]
    assert event["client"] == "127.0.3.1"
    assert event["sender"] == "a***@example.com"


@pytest.mark.parametrize("command", ["MAIL FROM:<a b@example.com>", "RCPT TO:<|/bin/sh @q.example.jp>"])
async def test_a03_a_single_malformed_address_is_logged_without_its_words(gateway: Gateway, command: str) -> None:
    with capture_logs() as said:
        client = await gateway.client("127.0.3.2")
        if command.startswith("RCPT"):
            await client.ask(b"MAIL FROM:<a@example.com>")
        assert await client.code(command.encode()) == "553 5.1.3"
    (event,) = [line for line in said if line["event"] == "address refused"]
    assert event == {"event": "address refused", "log_level": "info", "client": "127.0.3.2"}


async def test_n22_a02_what_was_injected_behind_starttls_is_logged_by_its_length(
    sqlite_database: Database, start: StartGateway, authority: trustme.CA
) -> None:
    await add_store(sqlite_database)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("q.example.jp").configure_cert(context)
    gateway = await start(sqlite_database, tls=context)
    with capture_logs() as said:
        for behind in (b"EHLO attacker\r\n", b""):
            client = await gateway.client("127.0.3.3")
            await client.send(b"STARTTLS\r\n" + behind)
            assert (await client.reply()).startswith("220 2.0.0 ")
            await encrypt(client, authority)
            assert (await client.ask(b"EHLO x")).startswith("250-")
    (event,) = [line for line in said if line["event"] == "plain text dropped"]
    assert (event["client"], event["octets"]) == ("127.0.3.3", 15)


async def test_refused_sessions_are_counted_by_reason(sqlite_database: Database, start: StartGateway) -> None:
    await add_store(sqlite_database)
    gateway = await start(sqlite_database, max_errors=1)
    for octets in (b"NOOP\n", b"JUNK\r\nNOOP\r\n", b"X" * 5000):
        client = await gateway.client()
        await client.send(octets)
        while await client.reply():
            pass
    assert gateway.intake.sessions_refused == Counter(
        {"bare CR, LF or NUL": 1, "too many errors": 1, "line too long": 1}
    )
