"""A database that is locked, silent, gone, restarted: 451 within ten seconds, nothing lost, and all by itself.

SQLite is locked by another program. PostgreSQL is reached through a relay of ours, which hangs up, refuses, or passes
nothing on any more.
"""

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests import postgres
from tests.ledger.daemon import Daemon
from tests.ledger.sink import Sink
from tests.torture import crowd
from tests.torture.report import Report

ANSWERED = 10.5  # seconds: ten for the database, and what the dialogue takes
BACK = 5.0  # seconds after the database is there again
SOURCE = "127.0.0.1"  # the relay


class Door:
    """Passes connections on to a port, until it does not."""

    def __init__(self, port: int) -> None:
        self.to = port
        self._pairs: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._open = asyncio.Event()
        self._open.set()
        self.refuses = False
        self.port = 0

    @asynccontextmanager
    async def standing(self) -> AsyncIterator["Door"]:
        server = await asyncio.start_server(self._come, "127.0.0.1", 0)
        self.port = int(server.sockets[0].getsockname()[1])
        try:
            yield self
        finally:
            server.close()
            self.hang_up()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def hang_up(self) -> None:
        """Every connection ends, as when the server dies."""
        for writer in list(self._pairs):
            writer.transport.abort()

    def silence(self) -> None:
        """Nothing passes, and nobody is told."""
        self._open.clear()

    def open(self) -> None:
        self._open.set()
        self.refuses = False

    async def _come(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refuses:
            writer.transport.abort()
            return
        try:
            there, here = await asyncio.open_connection("127.0.0.1", self.to)
        except OSError:
            writer.transport.abort()
            return
        self._pairs |= {writer, here}
        for source, target in ((reader, here), (there, writer)):
            task = asyncio.create_task(self._pass(source, target))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while block := await source.read(1 << 16):
                await self._open.wait()
                target.write(block)
                await target.drain()
        self._pairs.discard(target)
        target.transport.abort()


class Trial:
    """Mails into one daemon, and what came of them."""

    def __init__(self, daemon: Daemon) -> None:
        self.daemon = daemon
        self.acknowledged = 0
        self.figures: dict[str, object] = {}
        self.failures: list[str] = []

    async def deliver(self) -> tuple[str, float]:
        """The reply, and the seconds until it came."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(60):
                reply = await crowd.delivered(self.daemon.port, SOURCE)
        except (OSError, EOFError, TimeoutError) as error:
            reply = f"??? {type(error).__name__}"
        self.acknowledged += reply.startswith("250")
        return reply, time.monotonic() - began

    async def during(self, name: str, seconds: float) -> None:
        """Mails one after the other, for so long."""
        told: dict[str, int] = {}
        longest, end = 0.0, time.monotonic() + seconds
        while time.monotonic() < end:
            reply, took = await self.deliver()
            told[reply[:3]] = told.get(reply[:3], 0) + 1
            longest = max(longest, took)
            await asyncio.sleep(0.1)
        self.figures[f"{name}: replies, longest wait, s"] = [told, round(longest, 1)]
        if wrong := set(told) - {"250", "451", "452"}:
            self.failures.append(f"{name}: answered {sorted(wrong)}")
        if longest > ANSWERED:
            self.failures.append(f"{name}: a reply took {longest:.1f} s")

    async def after(self, name: str) -> None:
        """Until mail is accepted."""
        began = time.monotonic()
        while not (await self.deliver())[0].startswith("250") and time.monotonic() - began < 60:
            await asyncio.sleep(0.1)
        back = time.monotonic() - began
        self.figures[f"{name}: accepts again after, s"] = round(back, 1)
        if back > BACK:
            self.failures.append(f"{name}: {back:.1f} s until mail was accepted again")

    async def account(self) -> None:
        """Every 250 has its account in the end."""
        rows: list[str] = []
        for _ in range(20):
            listed = await asyncio.to_thread(
                self.daemon.command, "mail", "list", "--state", "done", "--limit", "100000", "--json"
            )
            rows = listed.split('"state": "done"')
            if len(rows) > self.acknowledged:
                break
            await asyncio.sleep(1)
        if len(rows) <= self.acknowledged:
            self.failures.append(f"{self.acknowledged} acknowledged, {len(rows) - 1} have an account")
        self.figures["acknowledged"] = self.acknowledged
        problems = (await asyncio.to_thread(self.daemon.ledger))["problems"]
        self.failures += [f"ledger: {problem}" for problem in problems]


async def run(full: bool, folder: Path) -> Report:
    """In small: SQLite locked for a second, PostgreSQL hung up on."""
    locks = (1.0, 5.0, 60.0) if full else (1.0,)
    figures: dict[str, object] = {}
    failures: list[str] = []
    (folder / "sqlite").mkdir()
    file = folder / "sqlite" / "gateway" / "toiawase.db"
    async with _at_work(folder / "sqlite", f"sqlite:///{file}") as trial:
        for seconds in locks:
            name = f"SQLite locked for {seconds:.0f} s"
            with contextlib.closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as other:
                await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
                told = asyncio.create_task(trial.during(name, seconds))
                await asyncio.sleep(seconds)
                other.execute("ROLLBACK")
            await trial.after(name)
            await told
        await trial.account()
        figures |= trial.figures
        failures += trial.failures
    try:
        figures_of_postgres, failures_of_postgres = await _postgres(full, folder / "postgresql")
    except postgres.NoBinariesError as missing:
        return Report(f"SQLite locked for {locks} s; no PostgreSQL here: {missing}", figures, tuple(failures))
    figures |= figures_of_postgres
    size = f"SQLite locked for {locks} s; PostgreSQL hung up on, refusing, silent and failing over"
    return Report(size, figures, (*failures, *failures_of_postgres))


async def _postgres(full: bool, folder: Path) -> tuple[dict[str, object], list[str]]:
    folder.mkdir()
    seconds = 30.0 if full else 1.0
    with postgres.running() as server:
        await server.execute("CREATE DATABASE torture")
        url = server.url("torture")
        async with (
            Door(server.port).standing() as door,
            _at_work(folder, url.replace(f":{server.port}/", f":{door.port}/")) as trial,
        ):
            for number in range(10 if full else 1):
                await trial.during(f"PostgreSQL before {number}", 0.5)
                door.hang_up()
                await trial.after(f"PostgreSQL restarted {number}")
            door.refuses = True
            door.hang_up()
            await trial.during("PostgreSQL down", seconds)
            door.open()
            await trial.after("PostgreSQL down")
            door.silence()
            await trial.during("PostgreSQL silent", seconds)
            door.open()
            await trial.after("PostgreSQL silent")
            with postgres.following(server) as standby:
                await server.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
                await server.execute("SELECT pg_reload_conf()")
                await trial.during("PostgreSQL with a standby", seconds / 10)
                server.dies()
                door.hang_up()
                await trial.during("PostgreSQL failing over", seconds / 10)
                await standby.execute("ALTER SYSTEM SET synchronous_standby_names = ''")
                await standby.execute("SELECT pg_reload_conf()")
                await standby.execute("SELECT pg_promote()")
                door.to = standby.port
                await trial.after("PostgreSQL failed over")
                await trial.account()
                return trial.figures, trial.failures


@asynccontextmanager
async def _at_work(folder: Path, url: str) -> AsyncIterator[Trial]:
    sink = Sink(folder / "sink")
    async with sink.listening() as sink_port:
        daemon = Daemon(folder / "gateway", url, sink_port)
        async with daemon.at_work():
            yield Trial(daemon)
