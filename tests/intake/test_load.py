"""Under attack the honest are served: places, stress, and an end of everything slow (A26, T11)."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from ipaddress import ip_network
from itertools import count
from typing import Any

import pytest

from gateway.intake import places
from gateway.intake.clients import Acquaintances, client_of
from gateway.intake.load import Level, level
from gateway.store.database import Database
from tests.intake.conftest import MAIL, PATIENCE, Client, Gateway, StartGateway, add_store


@pytest.fixture
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that has not answered yet is slow already."""
    monkeypatch.setattr(places, "GRACE", 0.0)


def sources() -> Iterator[str]:
    """Loopback addresses, each another client."""
    return (f"127.0.{number // 250 + 1}.{number % 250 + 1}" for number in count())


async def start_with(database: Database, start: StartGateway, **settings: Any) -> Gateway:
    await add_store(database)
    return await start(database, **settings)


@pytest.mark.usefixtures("_at_once")
async def test_a26_at_the_cap_the_slowest_gives_way_to_whoever_comes(
    sqlite_database: Database, start: StartGateway
) -> None:
    gateway = await start_with(sqlite_database, start, max_connections=3)
    slow, quick, other = [await gateway.client(f"127.0.1.{number}") for number in range(1, 4)]
    assert await quick.code(b"NOOP") == "250 2.0.0"
    assert await other.code(b"NOOP") == "250 2.0.0"
    newcomer = await gateway.client("127.0.1.4")
    assert (await slow.reply()).startswith("421 4.3.2 ")
    assert await slow.is_closed()
    for client in (quick, other, newcomer):
        assert (await client.deliver()).startswith("250 ")


async def test_a26_at_the_cap_nobody_gives_way_who_may_be_honest(
    sqlite_database: Database, start: StartGateway
) -> None:
    gateway = await start_with(sqlite_database, start, max_connections=2)
    first, second = await gateway.client("127.0.1.1"), await gateway.client("127.0.1.2")
    assert (await (await gateway.connect("127.0.1.3")).reply()).startswith("421 4.3.2 ")
    assert (await first.deliver()).startswith("250 ")
    assert (await second.deliver()).startswith("250 ")


@pytest.mark.usefixtures("_at_once")
async def test_a26_who_has_delivered_a_mail_keeps_its_place(sqlite_database: Database, start: StartGateway) -> None:
    gateway = await start_with(sqlite_database, start, max_connections=2)
    first, second = await gateway.client("127.0.1.1"), await gateway.client("127.0.1.2")
    for client in (first, second):
        assert (await client.deliver()).startswith("250 ")
    assert (await (await gateway.connect("127.0.1.3")).reply()).startswith("421 4.3.2 ")
    assert (await first.deliver()).startswith("250 ")


async def test_a26_a_part_of_the_places_is_for_those_we_know(sqlite_database: Database, start: StartGateway) -> None:
    relay = (ip_network("127.0.9.0/24"),)
    gateway = await start_with(sqlite_database, start, max_connections=4, kept_places=1, trusted_relays=relay)
    customer = await gateway.client("127.0.1.1")
    assert (await customer.deliver()).startswith("250 ")
    assert await customer.code(b"QUIT") == "221 2.0.0"
    assert await customer.is_closed()
    strangers = [await gateway.client(f"127.0.2.{number}") for number in range(1, 4)]
    assert (await (await gateway.connect("127.0.2.9")).reply()).startswith("421 4.3.2 ")
    known = await gateway.client("127.0.1.1")
    assert (await (await gateway.connect("127.0.9.1")).reply()).startswith("421 4.3.2 ")
    known.writer.close()
    while gateway.intake.connections > len(strangers):
        await asyncio.sleep(0.01)
    assert (await (await gateway.client("127.0.9.1")).deliver()).startswith("250 ")


async def test_a26_one_client_has_its_share_and_a_relay_what_it_needs(
    sqlite_database: Database, start: StartGateway
) -> None:
    relay = (ip_network("127.0.9.0/24"),)
    gateway = await start_with(sqlite_database, start, connections_per_client=2, trusted_relays=relay)
    first, _ = await gateway.client("127.0.1.1"), await gateway.client("127.0.1.1")
    assert (await (await gateway.connect("127.0.1.1")).reply()).startswith("421 4.7.0 ")
    assert (await (await gateway.client("127.0.1.2")).deliver()).startswith("250 ")
    for _number in range(4):
        assert (await (await gateway.client("127.0.9.1")).deliver()).startswith("250 ")
    assert await first.code(b"QUIT") == "221 2.0.0"
    assert await first.is_closed()
    assert (await (await gateway.client("127.0.1.1")).deliver()).startswith("250 ")


def test_a26_a_client_is_an_ipv4_address_or_a_64_of_ipv6() -> None:
    assert client_of("192.0.2.1") == client_of("::ffff:192.0.2.1") != client_of("192.0.2.2")
    assert client_of("2001:db8:1:2:3:4:5:6") == client_of("2001:db8:1:2::1") != client_of("2001:db8:1:3::1")
    assert client_of("fe80::1%eth0") == "fe80::/64"
    assert client_of("nonsense") == "nonsense"


def test_a26_of_those_who_delivered_the_last_are_remembered() -> None:
    known = Acquaintances(most=2)
    for client in ("a", "b", "a", "c"):
        known.add(client)
    assert [client in known for client in ("a", "b", "c")] == [True, False, True]


async def test_a26_stress_shortens_the_patience_with_those_who_are_there_already(
    sqlite_database: Database, start: StartGateway
) -> None:
    relay = (ip_network("127.0.9.0/24"),)
    gateway = await start_with(
        sqlite_database, start, max_connections=8, kept_places=0, stress_timeout=0.3, trusted_relays=relay
    )
    trusted = await gateway.client("127.0.9.1")
    in_data, early = await gateway.client("127.0.1.1"), await gateway.client("127.0.1.2")
    await in_data.begin()
    await in_data.send(MAIL)
    assert not gateway.intake.under_stress
    late = [await gateway.client(f"127.0.2.{number}") for number in range(1, 5)]
    assert gateway.intake.under_stress
    for client in (in_data, early, *late):
        assert (await client.reply()).startswith("421 4.4.2 ")
        assert await client.is_closed()
    assert (await trusted.deliver()).startswith("250 ")
    async with asyncio.timeout(20):
        while gateway.intake.under_stress:
            await asyncio.sleep(0.05)


async def test_a26_under_stress_one_mistake_is_enough_unless_a_mail_was_finished(
    sqlite_database: Database, start: StartGateway
) -> None:
    relay = (ip_network("127.0.9.0/24"),)
    gateway = await start_with(sqlite_database, start, max_connections=4, kept_places=0, trusted_relays=relay)
    clients = [await gateway.client(source) for source in ("127.0.1.1", "127.0.1.2", "127.0.9.1", "127.0.1.3")]
    assert gateway.intake.level is Level.STRESS
    assert (await clients[3].deliver()).startswith("250 ")
    codes = []
    for client in clients[:3]:
        assert await client.code(b"MAIL FROM:<a@example.com>") == "250 2.1.0"
        assert await client.code(b"RCPT TO:<nobody@q.example.jp>") == "550 5.1.1"
        codes.append(await client.code(b"RCPT TO:<testshop@q.example.jp>"))
    assert codes == ["421 4.7.0", "421 4.7.0", "250 2.1.5"]
    assert (await clients[3].deliver()).startswith("250 ")


def test_the_levels_do_not_flutter() -> None:
    assert level(Level.NORMAL, 0.75, turned_away=False, is_calm=False) is Level.NORMAL
    assert level(Level.NORMAL, 0.76, turned_away=False, is_calm=True) is Level.STRESS
    assert level(Level.STRESS, 0.49, turned_away=False, is_calm=False) is Level.STRESS
    assert level(Level.STRESS, 0.49, turned_away=False, is_calm=True) is Level.NORMAL
    assert level(Level.STRESS, 1.0, turned_away=True, is_calm=False) is Level.SHED
    assert level(Level.SHED, 1.0, turned_away=False, is_calm=False) is Level.STRESS


async def test_a26_a_slow_client_gets_no_patience_back_as_soon_as_the_others_are_gone(
    sqlite_database: Database, start: StartGateway
) -> None:
    gateway = await start_with(sqlite_database, start, max_connections=8, kept_places=0, stress_timeout=1.2)
    silent = [await gateway.client(f"127.0.2.{number}") for number in range(1, 8)]
    assert gateway.intake.under_stress
    await asyncio.sleep(1.1)
    slow = await gateway.client("127.0.1.1")
    await slow.begin()
    async with asyncio.timeout(20):
        while gateway.intake.connections > 1:
            await slow.send(b"x")
            await asyncio.sleep(0.1)
        said = asyncio.create_task(slow.reply())
        while not said.done():
            await slow.send(b"x")
            await asyncio.sleep(0.1)
    assert said.result().startswith("421 4.4.2 ")
    assert len(silent) == 7
    assert [one.number for one in Level] == [0, 1, 2]


async def test_a26_a_session_has_an_end_even_of_a_client_that_is_never_silent(
    sqlite_database: Database, start: StartGateway
) -> None:
    gateway = await start_with(sqlite_database, start, session_timeout=0.5, max_junk=1_000_000)
    client = await gateway.client()
    with suppress(ConnectionError):
        while (reply := await client.ask(b"NOOP")).startswith("250 "):
            await asyncio.sleep(0.01)
        assert reply.startswith("421 4.4.2 ")
    assert await client.is_closed()


async def test_a26_n06_the_time_that_we_take_ourselves_is_not_the_clients(
    sqlite_database: Database, start: StartGateway
) -> None:
    gateway = await start_with(sqlite_database, start, command_timeout=0.3)
    client = await gateway.client()
    await client.begin()
    async with sqlite_database.write():
        await client.send(MAIL + b".\r\n")
        await asyncio.sleep(0.6)
    assert (await client.reply()).startswith("250 ")


async def test_a26_a_command_line_that_does_not_end_is_not_kept(gateway: Gateway) -> None:
    client = await gateway.client()
    await client.send(b"x" * 5000)
    assert (await client.reply()).startswith("500 5.5.2 ")
    assert await client.is_closed()


async def test_beyond_memorys_budget_mails_go_to_the_disk_and_come_back_whole(
    database: Database, start: StartGateway
) -> None:
    gateway = await start_with(database, start, memory_budget=1000, memory_per_mail=3000)
    forged = b"Authentication-Results: q.example.jp; dmarc=pass\r\n"
    for size in (10, 900, 1500, 5000):
        mail = MAIL + b"x" * size + b"\r\n"
        assert (await (await gateway.client()).deliver(b"A: b\r\n" * 100 + forged + mail)).startswith("250 ")
        raw = await gateway.raw((await gateway.mails())[-1].queue_id)
        assert raw.endswith(b"\r\n" + b"A: b\r\n" * 100 + mail)
    assert (gateway.intake.reception.memory.taken, gateway.intake.reception.budget.taken) == (0, 0)


async def test_a_backlog_of_mail_that_nobody_reads_keeps_new_mail_at_its_senders(
    database: Database, start: StartGateway
) -> None:
    gateway = await start_with(database, start, backlog=2)
    client = await gateway.client()
    for _ in range(3):
        assert (await client.deliver()).startswith("250 ")
    await gateway.intake._backlog.look()
    assert await client.code(b"MAIL FROM:<a@example.com>") == "451 4.3.2"
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE received SET state = 'done', prior_state = 'received'")
    await gateway.intake._backlog.look()
    assert (await client.deliver()).startswith("250 ")


@pytest.mark.usefixtures("_at_once")
async def test_t11_slow_connections_beyond_every_cap_and_honest_clients_between(
    sqlite_database: Database, start: StartGateway
) -> None:
    """300 from 50 addresses, an octet a second each, 60 places; in full: `python -m tests.torture t11`."""
    gateway = await start_with(sqlite_database, start, max_connections=60, stress_timeout=1.0, command_timeout=60)
    slow: list[Client] = []
    addresses = sources()
    for _, address in zip(range(50), addresses, strict=False):
        slow += [await gateway.connect(address) for _ in range(6)]

    async def trickle(client: Client) -> str:
        with suppress(OSError):
            for octet in b"EHLO slow.example and never an end":
                await client.send(bytes([octet]))
                await asyncio.sleep(1)
        return ""

    trickling = [asyncio.create_task(trickle(client)) for client in slow]
    honest = [await gateway.client(address) for _, address in zip(range(10), addresses, strict=False)]
    for client in honest:
        assert (await client.deliver()).startswith("250 ")
    assert gateway.intake.connections <= 60 + len(honest)
    async with asyncio.timeout(PATIENCE):
        said = await asyncio.gather(*(client.reader.read() for client in slow), return_exceptions=True)
    assert all(b"421 4." in last if isinstance(last, bytes) else isinstance(last, ConnectionError) for last in said)
    for task in trickling:
        task.cancel()
    await asyncio.gather(*trickling, return_exceptions=True)
    assert gateway.intake.connections == len(honest)


async def test_t12_a_flood_is_told_421_and_leaves_no_trace(sqlite_database: Database, start: StartGateway) -> None:
    """300 connections at once to 20 places; in full: `python -m tests.torture t12`."""
    gateway = await start_with(sqlite_database, start, max_connections=20)
    addresses = sources()
    flood = await asyncio.gather(*(gateway.connect(address) for _, address in zip(range(300), addresses, strict=False)))
    greetings = [await client.reply() for client in flood]
    assert {greeting[:9] for greeting in greetings} == {"220 q.exa", "421 4.3.2"}
    assert gateway.intake.connections <= 20
    for client in flood:
        await client.close()
    async with asyncio.timeout(PATIENCE):
        while gateway.intake.connections:
            await asyncio.sleep(0.01)
    assert (await (await gateway.client(next(addresses))).deliver()).startswith("250 ")
