"""How many addresses that do not exist one client may name."""

from ipaddress import ip_network

import pytest

from gateway.intake import failures
from gateway.intake.clients import client_of
from gateway.intake.failures import Failures
from gateway.store.database import Database
from tests.intake.conftest import SHOP, Client, StartGateway, add_store

NOBODY = b"RCPT TO:<nobody@q.example.jp>"


async def test_a08_a_guesser_is_sent_away_on_every_connection_and_honest_mail_still_comes_in(
    sqlite_database: Database, start: StartGateway
) -> None:
    await add_store(sqlite_database)
    gateway = await start(sqlite_database, max_errors=5, max_unknown=7)
    answers = [await _guess(await gateway.client()) for _ in range(10)]
    assert answers == ["550 5.1.1"] * 7 + ["421 4.7.0"] * 3
    other = await gateway.client()
    assert (await other.deliver(b"Subject: x\r\n\r\n", SHOP)).startswith("250 ")


async def test_a08_the_last_word_to_a_guesser_ends_the_session(sqlite_database: Database, start: StartGateway) -> None:
    client = await (await start(sqlite_database, max_unknown=1)).client()
    assert await client.code(b"MAIL FROM:<a@example.com>") == "250 2.1.0"
    assert await client.code(NOBODY) == "550 5.1.1"
    assert await client.code(NOBODY) == "421 4.7.0"
    assert await client.is_closed()


async def test_a08_other_domains_count_too(sqlite_database: Database, start: StartGateway) -> None:
    client = await (await start(sqlite_database, max_unknown=1)).client()
    assert await client.code(b"MAIL FROM:<a@example.com>") == "250 2.1.0"
    assert await client.code(b"RCPT TO:<victim@example.com>") == "550 5.7.1"
    assert await client.code(NOBODY) == "421 4.7.0"


async def test_a08_a_trusted_relay_is_not_counted(sqlite_database: Database, start: StartGateway) -> None:
    gateway = await start(sqlite_database, max_unknown=1, trusted_relays=(ip_network("127.0.0.1/32"),))
    assert [await _guess(await gateway.client()) for _ in range(3)] == ["550 5.1.1"] * 3


async def test_our_own_trouble_is_not_counted(sqlite_database: Database, start: StartGateway) -> None:
    gateway = await start(sqlite_database, max_unknown=1, keyring=lambda: None)
    client = await gateway.client()
    assert await client.code(b"MAIL FROM:<a@example.com>") == "250 2.1.0"
    for _ in range(3):
        assert await client.code(b"RCPT TO:<q1-s-aaaaaaaaaaaaaaaaaaaaaaaa@q.example.jp>") == "451 4.3.0"


async def _guess(client: Client) -> str:
    assert await client.code(b"MAIL FROM:<a@example.com>") == "250 2.1.0"
    code = await client.code(NOBODY)
    await client.close()
    return code


def test_what_is_refused_is_not_counted_so_that_a_share_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(failures, "monotonic", lambda: now)
    share = Failures(per_hour=4)
    assert [share.note("192.0.2.1") for _ in range(6)] == [True] * 4 + [False] * 2
    now += 900  # a quarter of an hour: one of four
    assert [share.note("192.0.2.1") for _ in range(2)] == [True, False]
    now += 7200
    assert [share.note("192.0.2.1") for _ in range(5)] == [True] * 4 + [False]


def test_one_client_does_not_pay_for_another() -> None:
    share = Failures(per_hour=1)
    assert share.note("192.0.2.1")
    assert share.note("192.0.2.2")
    assert not share.note("192.0.2.1")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
    ],
)
def test_a_client_is_an_ipv4_address_or_an_ipv6_64(one: str, other: str, same: bool) -> None:
    assert (client_of(one) == client_of(other)) is same


def test_the_memory_of_clients_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "CLIENTS", 2)
    share = Failures(per_hour=1)
    for client in ("192.0.2.1", "192.0.2.2", "192.0.2.3"):
        assert share.note(client)
    assert not share.note("192.0.2.3")
    assert share.note("192.0.2.1"), "forgotten, for the newest two"
