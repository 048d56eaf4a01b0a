"""One run, from an empty folder to the verdict."""

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any, Literal

from sqlmodel import col, func, select

from gateway.store.attempts import is_resendable
from gateway.store.database import Database
from gateway.store.states import Author, Direction, OutboxState, ReceivedState
from gateway.store.tables import Message, Outbox, Received
from tests import postgres
from tests.ledger.daemon import START_LIMIT, Daemon
from tests.ledger.killers import is_reached, kill_at_points, kill_daemons, kill_workers
from tests.ledger.mails import CustomerMail
from tests.ledger.points import POINTS, hook
from tests.ledger.power import BEFORE_FSYNC, Power
from tests.ledger.scales import Weight, weigh
from tests.ledger.sender import Sender
from tests.ledger.sink import Sink
from tests.ledger.verdict import Verdict, judge

DATABASE = "toiawase.db"
DRAIN_LIMIT = 900  # seconds
LAST_MAILS = 40
STILL = 3  # looks in a row that must find nothing under way


@dataclass(frozen=True)
class Plan:
    mails: int
    sessions: int
    kill: Literal["worker", "daemon", "points", "nothing"]
    database: Literal["sqlite", "postgresql"]
    kills: float = inf  # after so many nobody is killed, and no further mail is sent
    nodes: int = 1
    lost: tuple[str, ...] = ()  # the points at which at last a node dies for good
    fault_every: int = 0  # so many mails one meets a fault at the smarthost
    power: bool = False  # cut with each death of a daemon; on SQLite
    pace: float = 0.0  # seconds between two mails of a session
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
    exit_code: int  # of the drained daemons, after SIGTERM; the first that is not 0
    points: Counter[str]  # how often each was reached
    taken_over: float  # seconds from the last such death until nothing was the dead's any more
    weights: list[Weight]  # of the first node, every few seconds while mails came in
    cuts: int  # of the power
    dropped: int  # sectors that were written before a cut, and were not there after it


async def run(plan: Plan, folder: Path) -> Report:
    sink = Sink(folder / "sink.mails", plan.fault_every)
    armed = folder / "points"
    armed.mkdir()
    async with sink.listening() as sink_port:
        with _database(plan.database, folder) as url:
            environment = hook(armed) if plan.kill == "points" or plan.lost else {}
            nodes = [Daemon(folder / f"node{number}", url, sink_port, environment) for number in range(plan.nodes)]
            nodes[0].set_up()
            for other in nodes[1:]:
                other.join(nodes[0])
            power = Power(folder / DATABASE, random.Random(plan.seed), armed)
            if plan.power:
                nodes[0].environment |= power.environment
                nodes[0].at_death = power.cut
                power.begin()
            try:
                for node in nodes:
                    node.start()
                return await _under_fire(plan, folder, nodes, sink, power)
            finally:
                for node in nodes:
                    node.remove()


@contextlib.contextmanager
def _database(kind: str, folder: Path) -> Iterator[str]:
    """On PostgreSQL with fsync on: the promise is about its commits."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / DATABASE}"
    else:
        with postgres.running(fsync=True) as server:
            yield server.url("postgres")


async def _under_fire(plan: Plan, folder: Path, nodes: Sequence[Daemon], sink: Sink, power: Power) -> Report:
    for node in nodes:
        await node.listens()
    began = time.monotonic()
    sender = Sender([node.port for node in nodes], folder / "acknowledged", plan.pace)
    points = Counter[str]()
    weights: list[Weight] = []
    scales = asyncio.create_task(weigh(nodes[0], weights))
    killer = asyncio.create_task(_killer(plan, nodes, folder / "points", points))
    try:
        await _unless_ended(killer, sender.send(_mails(plan, nodes), plan.sessions))
        seconds_in = time.monotonic() - began
        scales.cancel()
        owed = sum(len(mail.sellers) + mail.is_thanks for mail in sender.acknowledged)
        if plan.kills == inf and plan.kill != "nothing":  # so that delivery is killed as much as intake
            await _unless_ended(killer, _until(lambda: any(node.kills for node in nodes), START_LIMIT))
            await _unless_ended(killer, _until(lambda: sink.count >= owed * 9 // 10, plan.fire))
    finally:
        killer.cancel()
        scales.cancel()
        await asyncio.wait([killer, scales])
    for node in nodes:
        await node.listens()
    for point in plan.lost:
        await _lose(nodes, folder / "points" / point, sender)
    kills = sum(node.kills for node in nodes) + len(plan.lost)
    nodes = [node for node in nodes if not node.ended]
    database = Database(nodes[0].database)
    try:
        taken_over = await _taken_over(database)
        waiting = await _drained(database)
        seconds = time.monotonic() - began
        stored = await _stored(database)
    finally:
        await database.close()
    ledger = nodes[0].ledger()
    exit_code = next(filter(None, [node.stop() for node in nodes]), 0)
    verdict = judge(sender.acknowledged, stored, sink.arrivals(), ledger["uncertain"])
    verdict.fail("problems that the gateway itself sees", ledger["problems"])
    verdict.fail(f"queues not empty after {DRAIN_LIMIT} s", waiting.items())
    verdict.fail("cuts after which the database was damaged", power.damaged)
    return Report(
        verdict,
        kills,
        sender.repeats,
        seconds_in,
        seconds,
        exit_code,
        points,
        taken_over,
        weights,
        power.cuts,
        power.dropped,
    )


async def _lose(nodes: Sequence[Daemon], point: Path, sender: Sender) -> None:
    """Some more mails, and one node fewer."""
    sent = len(sender.acknowledged)
    sending = asyncio.create_task(sender.send(map(CustomerMail, range(sent, sent + LAST_MAILS)), 4))
    assert await is_reached(point), point.name
    await sending


def _mails(plan: Plan, nodes: Sequence[Daemon]) -> Iterator[CustomerMail]:
    for number in range(plan.mails):
        if sum(node.kills for node in nodes) >= plan.kills:
            return
        yield CustomerMail(number)


async def _killer(plan: Plan, nodes: Sequence[Daemon], armed: Path, points: Counter[str]) -> None:
    chance = random.Random(plan.seed)
    match plan.kill:
        case "worker":
            await kill_workers(nodes[0], plan.interval, plan.kills)
        case "daemon":
            await kill_daemons(nodes, plan.interval, plan.kills, chance)
        case "points":
            chosen = [word for point in POINTS for word in (point, *[BEFORE_FSYNC] * plan.power)]
            await kill_at_points(nodes[0], armed, chosen, plan.interval, plan.kills, chance, points)
        case "nothing":
            pass
    await asyncio.Event().wait()


async def _unless_ended(killer: "asyncio.Task[None]", work: Coroutine[Any, Any, None]) -> None:
    """Does `work`, unless the killer found that there is nothing left to kill."""
    task = asyncio.create_task(work)
    await asyncio.wait([task, killer], return_when=asyncio.FIRST_COMPLETED)
    if killer.done():
        task.cancel()
        killer.result()
    await task


async def _until(look: Callable[[], bool], limit: float) -> None:
    deadline = time.monotonic() + limit
    while not look() and time.monotonic() < deadline:
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


async def _taken_over(database: Database) -> float:
    """Seconds until everything that is held now was given up or ended."""
    began, at_first = time.monotonic(), await _held(database)
    while at_first & await _held(database) and time.monotonic() < began + DRAIN_LIMIT:
        await asyncio.sleep(0.2)
    return time.monotonic() - began


async def _held(database: Database) -> set[tuple[str, str | None]]:
    """What is being read and sent, and by whom."""
    async with database.read() as session:
        read = select(Received.queue_id, Received.claimed_by).where(
            col(Received.state) == ReceivedState.RECEIVED, col(Received.claimed_by).is_not(None)
        )
        sent = select(Outbox.id, Outbox.claimed_by).where(col(Outbox.state) == OutboxState.SENDING)
        return {(key, holder) for query in (read, sent) for key, holder in await session.exec(query)}


async def _under_way(database: Database) -> dict[str, int]:
    async with database.read() as session:
        received = await session.exec(select(func.count()).where(col(Received.state) == ReceivedState.RECEIVED))
        outbox = await session.exec(
            select(func.count()).where(
                col(Outbox.state).in_([OutboxState.QUEUED, OutboxState.SENDING]) | is_resendable()
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
