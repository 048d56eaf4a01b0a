"""Delivery when it is told to stop, when the desk has a fault, and when the database is away."""

import asyncio
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store.states import OutboxState
from gateway.store.tables import Outbox
from tests.delivery.post import MINUTE, NOW, Post, mail
from tests.delivery.sink import Fault


async def test_stopping_lets_a_mail_in_flight_finish(post: Post) -> None:
    row, later = mail(), mail(next_at=NOW + MINUTE)
    await post.add(row, later)
    async with post.running() as delivery:
        await post.sink.wait_for("DOT")
        await delivery.stop()
    assert (await post.get(row)).state is OutboxState.SENT
    assert (await post.get(later)).attempts == 0


@pytest.mark.parametrize(
    ("stage", "state"),
    [("connect", OutboxState.QUEUED), ("RCPT", OutboxState.QUEUED), ("DOT", OutboxState.UNCERTAIN)],
)
async def test_stopping_breaks_off_what_does_not_end_and_records_what_is_known(
    post: Post, stage: str, state: OutboxState
) -> None:
    row = mail()
    await post.add(row)
    post.sink.answer(stage, Fault.SILENT)
    post.smarthost.timeouts = replace(post.smarthost.timeouts, connect=60, command=60, dot=60)
    async with post.running() as delivery:
        async with asyncio.timeout(20):
            while not (post.sink.connections if stage == "connect" else post.sink.count(stage)):
                await asyncio.sleep(0.01)
        await delivery.stop(limit=0.1)
    assert (await post.get(row)).state is state


async def test_a_bug_of_the_desk_loses_no_250(post: Post) -> None:
    rows = [mail(), mail(), mail()]
    post.desk.fails_at = rows[1].id
    await post.add(*rows)
    async with post.running():
        for row in rows:
            await post.until_state(row, OutboxState.SENT)
    assert set(post.desk.told) == {("delivered", row.id) for row in (rows[0], rows[2])}


async def test_a_deadlock_while_the_desk_is_told_is_no_bug_of_the_desk(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    class DeadlockError(Exception):
        sqlstate = "40P01"  # which comes without a kind from asyncpg

    row, again = mail(), [DBAPIError("UPDATE", None, DeadlockError())]
    delivered = post.desk.delivered

    async def meets_another(session: AsyncSession, row: Outbox, now: datetime) -> None:
        if again:
            raise again.pop()
        await delivered(session, row, now)

    monkeypatch.setattr(post.desk, "delivered", meets_another)
    await post.add(row)
    async with post.running():
        await post.until_state(row, OutboxState.SENT)
    assert post.desk.told == [("delivered", row.id)]


async def test_delivery_is_alive_while_it_makes_its_rounds(post: Post) -> None:
    async with post.running() as delivery:
        assert delivery.alive
    assert not delivery.alive


async def test_delivery_outlives_a_database_that_is_away(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    row = mail()
    async with post.running() as delivery:
        with monkeypatch.context() as patch:
            patch.setattr(post.database, "read", _away)
            patch.setattr(post.database, "write", _away)
            delivery.wake()
            await asyncio.sleep(0.2)
        await post.add(row)
        delivery.wake()
        await post.until_state(row, OutboxState.SENT)


def _away() -> None:
    raise ConnectionRefusedError
