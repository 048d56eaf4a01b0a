"""The supervisor keeps one worker alive, and lets none live on after the gateway's end."""

import asyncio
import os
import signal
import socket
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from gateway.mail.keyring import SECRET_OCTETS, Key
from gateway.rules.ruleset import RuleSet
from gateway.store.database import Database
from gateway.worker import process
from gateway.worker.loop import Worker
from gateway.worker.process import Supervisor, WorkerSettings

LIMIT = 60  # seconds


class Starts:
    """The real `start`, counted, and held up while `gate` is closed."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.begun: asyncio.Queue[None] = asyncio.Queue()
        self.workers: list[BaseProcess] = []
        self._loop = asyncio.get_running_loop()
        self._start = process.start

    def __call__(self, settings: WorkerSettings, name: str) -> tuple[BaseProcess, socket.socket]:
        self._loop.call_soon_threadsafe(self.begun.put_nowait, None)
        assert self.gate.wait(LIMIT)
        worker, channel = self._start(settings, name)
        self.workers.append(worker)
        return worker, channel


@pytest.fixture
async def starts(monkeypatch: pytest.MonkeyPatch) -> Starts:
    counted = Starts()
    monkeypatch.setattr(process, "start", counted)
    return counted


@pytest.fixture
def settings(sqlite_url: str, tmp_path: Path) -> WorkerSettings:
    key = Key("k1", b"s" * SECRET_OCTETS, datetime(2026, 11, 20, tzinfo=UTC))
    return WorkerSettings(
        sqlite_url,
        "q.example.jp",
        "ops@example.jp",
        (key,),
        timedelta(days=5),
        timedelta(days=14),
        None,
        tmp_path / "marker",
        {},
    )


@pytest.fixture
async def supervisor(starts: Starts, settings: WorkerSettings) -> AsyncIterator[tuple[Supervisor, asyncio.Task[None]]]:
    async def died(_name: str, _marker: Path, _code: int | None) -> bool:
        return False

    kept = Supervisor("node:test", lambda: None, died)
    running = asyncio.create_task(kept.run(lambda: settings))
    yield kept, running
    await kept.stop()
    await asyncio.wait_for(running, LIMIT)


async def test_a_killed_worker_has_a_successor(
    starts: Starts, supervisor: tuple[Supervisor, "asyncio.Task[None]"]
) -> None:
    async with asyncio.timeout(LIMIT):
        await starts.begun.get()
        while not starts.workers:
            await asyncio.sleep(0.01)
        os.kill(starts.workers[0].pid or 0, signal.SIGKILL)
        await starts.begun.get()


async def test_a_stop_while_the_next_worker_starts_ends_that_one_too(
    starts: Starts, supervisor: tuple[Supervisor, "asyncio.Task[None]"]
) -> None:
    kept, running = supervisor
    async with asyncio.timeout(LIMIT):
        await starts.begun.get()
        while not starts.workers:
            await asyncio.sleep(0.01)
        starts.gate.clear()
        os.kill(starts.workers[0].pid or 0, signal.SIGKILL)
        await starts.begun.get()
        await kept.stop()
        starts.gate.set()
        await running
    assert [worker.is_alive() for worker in starts.workers] == [False, False]


async def test_a_restart_while_a_worker_starts_replaces_that_one_too(
    starts: Starts, supervisor: tuple[Supervisor, "asyncio.Task[None]"]
) -> None:
    kept, _ = supervisor
    starts.gate.clear()
    async with asyncio.timeout(LIMIT):
        await starts.begun.get()
        kept.restart()  # it was given the settings of before
        starts.gate.set()
        await starts.begun.get()


async def test_a_worker_is_there_at_once_and_makes_its_rules_when_it_has_time(settings: WorkerSettings) -> None:
    made = []

    def rules() -> RuleSet | None:
        made.append(worker)
        worker.stop()
        return process.rules_of(settings.rules)

    database = Database(settings.database_url)
    worker = Worker("w", database, settings.office(), None, lambda: None, make_rules=rules)
    assert not await worker.work()
    assert not made
    async with asyncio.timeout(LIMIT):
        await worker.run()
    assert made == [worker]
    assert worker.rules is not None
    await database.close()


def test_rules_that_cannot_be_made_keep_no_worker_from_its_mail() -> None:
    assert process.rules_of({"10-one.yaml": b"rules: ["}) is None
    rules = process.rules_of({"10-one.yaml": b"rules: []"})
    assert rules is not None
    assert rules.rules == ()
