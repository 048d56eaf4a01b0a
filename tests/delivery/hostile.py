"""T09, the run: all cases of the table at once.

Each case has a far server and a client of its own, and shares one outbox, one delivery and one clock with the others.
The first attempt of each mail meets the fault; then the time of the retries comes, and all servers are good.
"""

import asyncio
import errno
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from sqlmodel import col, select

from gateway.delivery.envelope import Envelope
from gateway.delivery.outcome import Outcome
from gateway.delivery.schedule import Schedule
from gateway.delivery.sender import Delivery, DeliverySettings
from gateway.delivery.session import Timeouts
from gateway.delivery.smarthost import Smarthost, SmarthostAddress
from gateway.store import outbox
from gateway.store.database import Database
from gateway.store.states import OutboxState
from gateway.store.tables import Outbox, OutboxAttempt
from tests.delivery.desk import Desk
from tests.delivery.hostile_cases import CASES, SMTPS, TLS, Case, Ends
from tests.delivery.post import MINUTE, NOW, mail
from tests.delivery.sink import Sink, listening, server_tls

HOLD = timedelta(milliseconds=200)  # also waited for in earnest
LIFE = timedelta(days=5)
SHORT = 0.3  # seconds of patience with what never answers; with all else there is plenty


@dataclass
class Seen:
    """What became of a case's mail."""

    queued: Outbox  # as it was at first
    first: Outbox  # after the first attempt
    last: Outbox  # long after the second
    attempts: list[OutboxAttempt]
    told: list[str]
    copies: list[bytes]  # of the mail, at the server
    is_dead: bool  # its address, as the desk was told


@dataclass
class Servers:
    """A way out of the gateway that has another smarthost for each recipient."""

    smarthosts: dict[str, Smarthost] = field(default_factory=dict)

    async def send(self, envelope: Envelope, message: bytes) -> Outcome:
        return await self.smarthosts[envelope.rcpt_to].send(envelope, message)

    async def abort(self) -> None:
        await asyncio.gather(*(one.abort() for one in self.smarthosts.values()))

    async def close(self) -> None:
        await asyncio.gather(*(one.close() for one in self.smarthosts.values()))


@dataclass
class Stage:
    """Everything that the cases share."""

    database: Database
    password_file: Path
    authority: trustme.CA = field(default_factory=trustme.CA)
    servers: Servers = field(default_factory=Servers)
    sinks: dict[str, Sink] = field(default_factory=dict)
    rows: dict[str, Outbox] = field(default_factory=dict)
    desk: Desk = field(default_factory=Desk)
    now: datetime = NOW
    good: dict[str, int] = field(default_factory=dict)  # ports to turn to when all is well

    def __post_init__(self) -> None:
        self.server_tls = server_tls(self.authority, "127.0.0.1")
        self.client_tls = ssl.create_default_context()
        self.authority.configure_trust(self.client_tls)

    async def open(self, stack: AsyncExitStack, case: Case) -> None:
        """Its server with its faults, its client, and its mail."""
        to = case.to or f"c{len(self.rows)}@example.jp"
        sink = self.sinks[case.name] = Sink(list(case.extensions), window=65536 if case.is_big else None)
        for stage, steps in case.script.items():
            sink.answer(stage, *(steps if isinstance(steps, list) else [steps]))
        tls = self.server_tls if case.scheme == SMTPS else None
        sink.tls = self._faulty(case) if case.scheme == TLS else None
        await stack.enter_async_context(listening(sink, tls))
        self.good[case.name] = sink.port
        port = await self._faulty_port(stack, case, sink)
        host = f"{case.server}.example" if case.server in ("unknown", "unresolved") else "127.0.0.1"
        user = "user" if case.scheme != "smtp" else None
        address = SmarthostAddress(case.scheme, host, port, user, self.password_file)
        timeouts = replace(_patient(), **({case.impatient: SHORT} if case.impatient else {}))
        smarthost = Smarthost(address, local_hostname="q.example.jp", tls=self.client_tls, timeouts=timeouts)
        self.servers.smarthosts[to] = smarthost
        self.rows[case.name] = _mail(case, to)

    def _faulty(self, case: Case) -> ssl.SSLContext:
        if case.server == "stranger":
            return server_tls(trustme.CA(), "127.0.0.1")
        return server_tls(self.authority, "other.example") if case.server == "another name" else self.server_tls

    async def _faulty_port(self, stack: AsyncExitStack, case: Case, sink: Sink) -> int:
        if case.server == "refused":
            closed = stack.enter_context(socket.socket())  # bound, and nobody listens
            closed.bind(("127.0.0.1", 0))
            return int(closed.getsockname()[1])
        if case.scheme == SMTPS and case.server:
            tls = None if case.server == "plain" else self._faulty(case)
            other = await stack.enter_async_context(listening(Sink(), tls))
            return other.port
        return sink.port

    def mend(self) -> None:
        """From now on every server is there, and good."""
        for name, sink in self.sinks.items():
            smarthost = self.servers.smarthosts[self.rows[name].to_address]
            sink.tls = self.server_tls if smarthost.address.scheme == TLS else None
            sink.extensions = [*sink.extensions, "STARTTLS", "AUTH PLAIN"]
            smarthost.address = replace(smarthost.address, host="127.0.0.1", port=self.good[name])
            smarthost.timeouts = _patient()

    async def stored(self) -> dict[str, Outbox]:
        """By the name of the case."""
        names = {row.id: name for name, row in self.rows.items()}
        async with self.database.read() as session:
            rows = await session.exec(select(Outbox).where(col(Outbox.id).in_(names)))
            return {names[row.id]: row for row in rows}

    async def until_at_rest(self, *, attempts: int) -> dict[str, Outbox]:
        """Once none is on its way, and each was tried so often or will not be tried again."""
        over = (OutboxState.SENT, OutboxState.FAILED)
        async with asyncio.timeout(100):
            while True:
                rows = await self.stored()
                moving = [row for row in rows.values() if row.state not in over and row.attempts < attempts]
                moving += [row for row in rows.values() if row.state is OutboxState.SENDING]
                if not moving or all(row.once and row.state is OutboxState.UNCERTAIN for row in moving):
                    return rows
                await asyncio.sleep(0.05)


@asynccontextmanager
async def staged(database: Database, folder: Path, cases: tuple[Case, ...]) -> AsyncIterator[tuple[Stage, Delivery]]:
    """All servers listening, all mails waiting, and a delivery that has not begun."""
    password_file = folder / "password"
    password_file.write_text("secret\n")
    stage = Stage(database, password_file)
    async with AsyncExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(asyncio.get_running_loop(), "getaddrinfo", _no_names)
        for case in cases:
            await stage.open(stack, case)
        async with database.write() as session:
            for row in stage.rows.values():
                await outbox.enqueue(session, row.model_copy())
        schedule = Schedule((MINUTE, 5 * MINUTE), chance=lambda: 0.5)
        settings = DeliverySettings(schedule, slots=len(cases), settle=timedelta(), hold=HOLD, poll=0.1)
        delivery = Delivery(database, stage.servers, stage.desk, settings, node="node", now=lambda: stage.now)
        try:
            yield stage, delivery
        finally:
            await delivery.stop()


async def play(database: Database, folder: Path, cases: tuple[Case, ...] = CASES) -> dict[str, Seen]:
    """Every case from the first attempt to the end, by its name."""
    async with staged(database, folder, cases) as (stage, delivery):
        await delivery.start()
        first = await stage.until_at_rest(attempts=1)
        stage.mend()
        stage.now += MINUTE
        await asyncio.sleep(HOLD.total_seconds())
        delivery.wake()
        await stage.until_at_rest(attempts=2)
        stage.now += timedelta(days=1)
        delivery.wake()
        await asyncio.sleep(0.3)
        last = await stage.stored()
        return {case.name: await _seen(stage, case, first[case.name], last[case.name]) for case in cases}


async def _seen(stage: Stage, case: Case, first: Outbox, last: Outbox) -> Seen:
    async with stage.database.read() as session:
        query = select(OutboxAttempt).where(OutboxAttempt.outbox_id == last.id).order_by(col(OutboxAttempt.id))
        attempts = list(await session.exec(query))
    told = [what for what, outbox_id in stage.desk.told if outbox_id == last.id]
    copies = [sunk.data for sunk in stage.sinks[case.name].mails]
    return Seen(stage.rows[case.name], first, last, attempts, told, copies, last.to_address in stage.desk.dead)


def _patient() -> Timeouts:
    return Timeouts(60, 60, 60, 60, 60)


async def _no_names(host: str, port: int, **_: Any) -> list[Any]:
    """What a resolver says: this host is not there, or nothing can be asked."""
    if host.startswith("unknown."):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    if host.startswith("unresolved."):
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
    raise OSError(errno.EINVAL, f"nobody asks for {host}:{port}")


def _mail(case: Case, to: str) -> Outbox:
    row = mail(to_address=to, text="お問い合わせありがとうございます。\n" * (200_000 if case.is_big else 1))
    if case.ends is Ends.NEVER_AGAIN:
        row.once, row.mail_from = True, ""
    return row
