"""One run, from an empty folder to the verdict."""

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sqlmodel import col, func, select

from gateway.store.database import Database
from gateway.store.states import Author, Direction, OutboxState, ReceivedState
from gateway.store.tables import Message, Outbox, Received
from tests import postgres
from tests.ledger.daemon import Daemon, kill_daemon, kill_workers
from tests.ledger.mails import CustomerMail
from tests.ledger.sender import Sender
from tests.ledger.sink import Sink
from tests.ledger.verdict import Verdict, judge

DRAIN_LIMIT = 900  # seconds
STILL = 3  # looks in a row that must find nothing under way


@dataclass(frozen=True)
class Plan:
    mails: int
    sessions: int
    kill: Literal["worker", "daemon", "nothing"]
    database: Literal["sqlite", "postgresql"]
    interval: float = 1.0  # seconds between kills
    fire: float = 300.0  # seconds of killing at most after the last 250, while notifications leave
    seed: int = 1


@dataclass(frozen=True)
class Report:
    verdict: Verdict
    kills: int
    repeats: int  # sender's attempts without a 250
    seconds_in: float  # until the last 250
    seconds: float  # until everything was drained
    exit_code: int  # of the drained daemon, after SIGTERM


async def run(plan: Plan, folder: Path) -> Report:
    sink = Sink(folder / "sink.mails")
    async with sink.listening() as sink_port:
        with _database(plan.database, folder) as url:
            daemon = Daemon(folder, url, sink_port)
            daemon.set_up()
            daemon.start()
            try:
                return await _under_fire(plan, folder, daemon, sink)
            finally:
                daemon.remove()


@contextlib.contextmanager
def _database(kind: str, folder: Path) -> Iterator[str]:
    """On PostgreSQL with fsync on: the promise is about its commits."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'toiawase.db'}"
    else:
        with postgres.running(fsync=True) as server:
            yield server.url("postgres")


async def _under_fire(plan: Plan, folder: Path, daemon: Daemon, sink: Sink) -> Report:
    await daemon.listens()
    began = time.monotonic()
    sender = Sender(daemon.port, folder / "acknowledged")
    mails = [CustomerMail(number) for number in range(plan.mails)]
    owed = sum(len(mail.sellers) for mail in mails)
    killer = asyncio.create_task(_killer(plan, daemon))
    try:
        await _unless_ended(killer, sender.send(iter(mails), plan.sessions))
        seconds_in = time.monotonic() - began
        await _unless_ended(
            killer, _holds(sink, owed * 9 // 10, plan.fire)
        )  # so that delivery is killed as much as intake
    finally:
        killer.cancel()
        await asyncio.wait([killer])
    database = Database(daemon.database)
    try:
        waiting = await _drained(database)
        seconds = time.monotonic() - began
        stored = await _stored(database)
    finally:
        await database.close()
    ledger = daemon.ledger()
    exit_code = daemon.stop()
    verdict = judge(sender.acknowledged, stored, sink.arrivals(), {row["message_id"] for row in ledger["uncertain"]})
    verdict.fail("problems that the gateway itself sees", ledger["problems"])
    verdict.fail(f"queues not empty after {DRAIN_LIMIT} s", waiting.items())
    return Report(verdict, daemon.kills, sender.repeats, seconds_in, seconds, exit_code)


async def _killer(plan: Plan, daemon: Daemon) -> None:
    if plan.kill == "worker":
        await kill_workers(daemon, plan.interval)
    elif plan.kill == "daemon":
        await kill_daemon(daemon, plan.interval, random.Random(plan.seed))
    else:
        await asyncio.Event().wait()


async def _unless_ended(killer: "asyncio.Task[None]", work: Coroutine[Any, Any, None]) -> None:
    """Does `work`, unless the killer found that there is nothing left to kill."""
    task = asyncio.create_task(work)
    await asyncio.wait([task, killer], return_when=asyncio.FIRST_COMPLETED)
    if killer.done():
        task.cancel()
        killer.result()
    await task


async def _holds(sink: Sink, number: int, limit: float) -> None:
    deadline = time.monotonic() + limit
    while sink.count < number and time.monotonic() < deadline:
        await asyncio.sleep(0.1)


async def _drained(database: Database) -> dict[str, int]:
    """What is still under way after DRAIN_LIMIT: nothing, when all is well."""
    deadline = time.monotonic() + DRAIN_LIMIT
    still = 0
    while True:
        waiting = await _under_way(database)
        still = 0 if waiting else still + 1
        if still == STILL or time.monotonic() > deadline:
            return waiting
        await asyncio.sleep(0.5)


async def _under_way(database: Database) -> dict[str, int]:
    async with database.read() as session:
        received = await session.exec(select(func.count()).where(col(Received.state) == ReceivedState.RECEIVED))
        outbox = await session.exec(
            select(func.count()).where(
                col(Outbox.state).in_([OutboxState.QUEUED, OutboxState.SENDING])
                | (
                    (col(Outbox.state) == OutboxState.UNCERTAIN)
                    & ~col(Outbox.once)
                    & (col(Outbox.uncertain_attempts) < 2)
                )
            )
        )
        counts = {"received": received.one(), "outbox": outbox.one()}
    return {name: count for name, count in counts.items() if count}


async def _stored(database: Database) -> Counter[str]:
    """How often each customer's mail stands in a thread."""
    async with database.read() as session:
        messages = await session.exec(
            select(Message.message_id, func.count())
            .where(col(Message.direction) == Direction.IN, col(Message.author) == Author.CUSTOMER)
            .group_by(col(Message.message_id))
        )
        return Counter({message_id or "(none)": count for message_id, count in messages})
