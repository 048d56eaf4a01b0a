"""A wall clock that jumps an hour, a day, to 1970 and back: no second has over 50 retries, and nothing stalls."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlmodel import col, select

from gateway.delivery.pace import RETRIES_PER_SECOND
from gateway.delivery.schedule import Schedule
from gateway.delivery.sender import LEASE, Delivery, DeliverySettings
from gateway.delivery.smarthost import Smarthost, SmarthostAddress
from gateway.store import outbox
from gateway.store.database import Database
from gateway.store.migrate import upgrade
from gateway.store.tables import Outbox
from tests.delivery.desk import Desk
from tests.delivery.post import mail
from tests.delivery.sink import Sink, listening
from tests.torture.report import Report

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TO_1970 = datetime(2026, 11, 26, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
JUMPS = (HOUR, -HOUR, DAY, -DAY, timedelta(seconds=1), -TO_1970, TO_1970)  # a leap second is one
STEP = timedelta(seconds=20)  # between two attempts at one mail
LIFE = timedelta(days=100_000)  # the jump out of 1970 is to cost no mail its life here
MOST = 50  # retries in any second
SLACK = 15.0  # seconds of a busy machine


@dataclass
class Greylisting(Sink):
    """Puts every mail off, and knows when it was asked."""

    asked: list[float] = field(default_factory=list)

    async def _note(self, command: str) -> None:
        if command.startswith("RCPT"):
            self.asked.append(time.monotonic())
        await super()._note(command)


@dataclass
class Clock:
    """The true time, and how wrong the clock is."""

    wrong: timedelta = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.wrong


async def run(full: bool, folder: Path) -> Report:
    mails, jumps = (600, JUMPS) if full else (60, JUMPS[:1])
    database = Database(f"sqlite:///{folder / 'toiawase.db'}")
    await upgrade(database)
    clock, rows = Clock(), [mail(next_at=datetime.now(UTC)) for _ in range(mails)]
    async with database.write() as session:
        for row in rows:
            row.date, row.expires_at = row.next_at, row.next_at + LIFE
            await outbox.enqueue(session, row)
    wrong: list[str] = []
    longest = 0.0
    async with listening(Greylisting(always={"RCPT": "450 4.2.1 greylisted"})) as sink:
        assert isinstance(sink, Greylisting)
        address = SmarthostAddress.parse(f"smtp://127.0.0.1:{sink.port}")
        smarthost = Smarthost(address, local_hostname="q.example.jp")
        settings = DeliverySettings(Schedule((STEP,), chance=lambda: 0.5), settle=timedelta())
        delivery = Delivery(database, smarthost, Desk(), settings, node="node", now=clock.now)
        await delivery.start()
        await _all_tried(database, 1)
        patience = STEP.total_seconds() + LEASE.total_seconds() / 3 + mails / RETRIES_PER_SECOND + SLACK
        sink.asked.clear()  # first attempts are no retries
        for jump in jumps:
            clock.wrong += jump
            began, before = time.monotonic(), await _fewest(database)
            try:
                async with asyncio.timeout(patience):
                    await _all_tried(database, before + 1)
            except TimeoutError:
                wrong.append(f"after a jump of {jump} a mail was not tried for {patience:.0f} s")
            longest = max(longest, time.monotonic() - began)
        wrong += ["delivery is not alive"] * (not delivery.alive)
        await delivery.stop()
        busiest = _busiest(sink.asked)
    await database.close()
    wrong += [f"{busiest} retries in one second"] * (busiest > MOST)
    return Report(
        f"{mails} mails that wait, {len(jumps)} jumps",
        {
            "retries": len(sink.asked),
            "most in one second": busiest,
            "longest until all were tried, s": f"{longest:.0f}",
        },
        tuple(wrong),
    )


async def _fewest(database: Database) -> int:
    async with database.read() as session:
        return (await session.exec(select(Outbox.attempts).order_by(col(Outbox.attempts)).limit(1))).one()


async def _all_tried(database: Database, times: int) -> None:
    while await _fewest(database) < times:
        await asyncio.sleep(0.5)


def _busiest(times: Sequence[float]) -> int:
    """The most of them in any second."""
    return max(
        (sum(at <= other < at + 1 for other in times[start : start + 200]) for start, at in enumerate(times)), default=0
    )
