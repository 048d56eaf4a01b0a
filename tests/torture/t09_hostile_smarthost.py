"""Every case of a hostile smarthost: right state, right time, no copy; and meanwhile a 250 comes within 2 s.

The cases are played on a delivery by themselves. Then one smarthost does ten kinds of harm to a whole gateway, which is
a process of its own, while people write to it.
"""

import asyncio
import signal
import statistics
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from time import perf_counter

import aiosmtplib
from sqlmodel import select

from gateway.ids import new_id
from gateway.store import ledger
from gateway.store.database import Database
from gateway.store.migrate import upgrade
from gateway.store.states import OutboxState
from gateway.store.tables import Outbox
from tests.delivery.hostile import play
from tests.delivery.hostile_cases import CASES, ENDLESS, ENDLESS_LINES
from tests.delivery.hostile_verdict import problems
from tests.delivery.sink import Fault, Sink, Step, listening
from tests.integration.daemon import Daemon, daemon
from tests.integration.house import DOMAIN
from tests.torture.report import Report

LIMIT = 2.0  # seconds from the final dot to the 250, of 99 in 100
PAUSE = 0.2  # seconds between two mails of one sender
HARM: tuple[dict[str, Step], ...] = (
    {"connect": "421 4.3.2 busy"},
    {"connect": Fault.SILENT},
    {"connect": Fault.SLOW},
    {"EHLO": ENDLESS_LINES},
    {"RCPT": ENDLESS},
    {"DATA": ("354 Go on", Fault.STOPS_READING)},
    {"DOT": "451 4.3.0 later"},
    {"DOT": Fault.SILENT},
    {"DOT": Fault.RESET},
    {"MAIL": "530 5.7.0 log in"},  # the last: for five minutes nothing is tried then, unless a reload says so
)


@dataclass
class Senders:
    """People who go on writing; `seconds` are from their final dots to our 250s."""

    port: int
    seconds: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    stopping: bool = False

    async def write(self) -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=self.port, use_tls=False, start_tls=False) as client:
            while not self.stopping:
                await client.mail("hanako@customer.example")
                await client.rcpt(f"testshop@{DOMAIN}")
                began = perf_counter()
                raw = f"From: hanako@customer.example\r\nMessage-ID: <{new_id()}@customer.example>\r\n\r\n送料は。\r\n"
                try:
                    await client.data(raw.encode())
                except aiosmtplib.SMTPDataError as error:
                    self.refused.append(f"{error.code} {error.message}")
                else:
                    self.seconds.append(perf_counter() - began)
                await asyncio.sleep(PAUSE)


async def run(full: bool, folder: Path) -> Report:
    rounds, seconds, people = (3, 15.0, 20) if full else (1, 1.0, 4)
    wrong: list[str] = []
    for number in range(rounds):
        wrong += await _cases(folder / f"round{number}")
    (folder / "gateway").mkdir()
    async with AsyncExitStack() as stack:
        url = f"sqlite:///{folder / 'gateway' / 'toiawase.db'}"
        house = await stack.enter_async_context(daemon(folder / "gateway", url))
        sink = await stack.enter_async_context(listening(Sink()))
        house.configure("smarthost", url=f"smtp://127.0.0.1:{sink.port}")
        house.configure("delivery", retry=["1s"], settle="1s", dot_timeout="2s")
        await house.start()
        senders = Senders(house.port)
        tasks = [asyncio.create_task(senders.write()) for _ in range(people)]
        for harm in HARM:
            sink.always = dict(harm)
            await asyncio.sleep(seconds)
            wrong += [f"a sender died: {task.exception()!r}" for task in tasks if task.done()]
        senders.stopping = True
        await asyncio.gather(*tasks)
        sink.always = {}
        sink.closing.set()
        await sink.hang_up()
        house.signal(signal.SIGHUP)
        wrong += await _account(house, sink, len(senders.seconds))
        await house.stop()
    late = statistics.quantiles(senders.seconds, n=100)[98]
    wrong += [f"99 in 100 of 250s came within {late:.2f} s, not {LIMIT} s"] * (late >= LIMIT)
    wrong += [f"refused: {reply}" for reply in sorted(set(senders.refused))]
    return Report(
        f"{len(CASES)} cases, {rounds} times; {len(HARM)} kinds of harm, {seconds:.0f} s each, beside {people} senders",
        {
            "mails taken meanwhile": len(senders.seconds),
            "seconds from the dot to the 250": f"p50 {statistics.median(senders.seconds):.3f}, p99 {late:.3f}",
        },
        tuple(wrong),
    )


async def _cases(folder: Path) -> list[str]:
    folder.mkdir()
    database = Database(f"sqlite:///{folder / 'toiawase.db'}")
    await upgrade(database)
    seen = await play(database, folder)
    await database.close()
    return [problem for case in CASES for problem in problems(case, seen[case.name])]


async def _account(house: Daemon, sink: Sink, taken: int) -> list[str]:
    """What is otherwise than promised, once all that can leave has left."""
    rows: list[Outbox] = []
    async with asyncio.timeout(600):
        while not rows or any(_is_waiting(row) for row in rows) or len(rows) < taken:
            await house.command("outbox", "retry", "--all")
            await asyncio.sleep(1)
            async with house.database.read() as session:
                rows = list(await session.exec(select(Outbox)))
    copies = Counter(message_from_bytes(sunk.data)["Message-ID"] for sunk in sink.mails)
    wrong = [
        f"{row.id} ended {row.state}" for row in rows if row.state not in (OutboxState.SENT, OutboxState.UNCERTAIN)
    ]
    for row in rows:
        most = 1 + row.uncertain_attempts
        if not int(row.state is OutboxState.SENT) <= copies[row.message_id] <= most:
            wrong.append(f"{row.id} is {row.state} and arrived {copies[row.message_id]} times")
    notifications = sum(row.kind == "notification" for row in rows)
    wrong += [f"{taken} mails were answered 250, and told of {notifications} times"] * (notifications != taken)
    async with house.database.read() as session:
        wrong += [str(line) for line in (await ledger.check(session)).problems]
    return wrong


def _is_waiting(row: Outbox) -> bool:
    again = row.state is OutboxState.UNCERTAIN and row.uncertain_attempts < 2 and not row.once
    return row.state in (OutboxState.QUEUED, OutboxState.SENDING) or again
