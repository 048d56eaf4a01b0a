"""The end of the intake: nobody is left in doubt, and it does not hang (N14, T18)."""

import asyncio

from gateway.store.database import Database
from tests.intake.conftest import MAIL, Gateway, StartGateway, add_store


async def is_accepting(gateway: Gateway) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    except ConnectionRefusedError:
        return False
    writer.close()
    return True


async def test_n14_idle_clients_are_told_421_and_nobody_else_may_come(gateway: Gateway) -> None:
    greeted, between = await gateway.client(), await gateway.client()
    assert (await between.deliver()).startswith("250 ")
    await gateway.intake.drain(20)
    for client in (greeted, between):
        assert (await client.reply()).startswith("421 4.3.2 ")
        assert await client.is_closed()
    assert gateway.intake.connections == 0
    assert not await is_accepting(gateway)


async def test_t18_a_mail_in_flight_is_finished_before_the_end(gateway: Gateway) -> None:
    client = await gateway.client()
    await client.begin()
    await client.send(MAIL)
    await client.send(b"more\r\n")
    while not any(connection.busy for connection in gateway.intake._connections):
        await asyncio.sleep(0.01)
    draining = asyncio.create_task(gateway.intake.drain(20))
    await asyncio.sleep(0)
    await client.send(b".\r\n")
    assert (await client.reply()).startswith("250 2.0.0 Ok: queued as ")
    assert (await client.reply()).startswith("421 4.3.2 ")
    await draining
    assert len(await gateway.mails()) == 1


async def test_a_mail_that_does_not_end_in_time_is_cut_off(gateway: Gateway) -> None:
    client = await gateway.client()
    await client.begin()
    await client.send(MAIL)
    await gateway.intake.drain(0.1)
    assert await client.is_closed()
    assert gateway.intake.connections == 0
    assert await gateway.mails() == []


async def test_closing_commits_what_was_handed_over(sqlite_database: Database, start: StartGateway) -> None:
    await add_store(sqlite_database)
    gateway = await start(sqlite_database)
    client = await gateway.client()
    await client.begin()
    async with sqlite_database.write():
        await client.send(MAIL + b".\r\n")
        while gateway.intake.committer.is_idle:
            await asyncio.sleep(0.01)
    await gateway.intake.close()
    assert len(await gateway.mails()) == 1
