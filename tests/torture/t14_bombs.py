"""Mails that are made to cost time and memory (A15): none takes five seconds, and the others notice nothing."""

import asyncio
import contextlib
import itertools
import sqlite3
import time
from pathlib import Path

import psutil

from benchmarks.big_mails import STORE, Client
from tests.ledger.daemon import Daemon
from tests.ledger.mails import DOMAIN
from tests.ledger.sink import Sink
from tests.mail.bombs import BOMBS
from tests.torture import crowd
from tests.torture.report import Report

EACH = 5.0  # seconds of the workers' processor time
HONEST_P99 = 2.0  # seconds
PATIENCE = 60.0


async def run(full: bool, folder: Path) -> Report:
    """In small: every bomb with 20 KB."""
    size = 1 << 20 if full else 20_000
    sink = Sink(folder / "sink")
    async with sink.listening() as sink_port:
        daemon = Daemon(folder / "gateway", f"sqlite:///{folder / 'gateway' / 'toiawase.db'}", sink_port)
        async with daemon.at_work():
            met = crowd.Honest()
            await met.deliver(daemon.port, "127.20.0.1")
            await asyncio.sleep(3)  # the worker makes its rules
            over = asyncio.Event()
            honest = [
                asyncio.create_task(_keep_on(met, daemon.port, address, over))
                for address in itertools.islice(crowd.addresses(20), 3)
            ]
            costs = {name: await _cost(daemon, name, bomb(size)) for name, bomb in BOMBS.items()}
            over.set()
            await asyncio.gather(*honest)
            code = await asyncio.to_thread(daemon.stop)
            problems = [str(problem) for problem in (await asyncio.to_thread(daemon.ledger))["problems"]]
    failures = [f"ledger: {problem}" for problem in problems]
    failures += [f"{name} took {cost:.1f} s" for name, cost in costs.items() if cost >= EACH]
    if code != 0:
        failures.append(f"the daemon ended with {code}")
    if met.p99 >= HONEST_P99:
        failures.append(f"honest clients' p99 is {met.p99:.2f} s")
    worst = sorted(costs, key=lambda name: -costs[name])[:3]
    return Report(
        f"{len(BOMBS)} kinds of bombs, of {size} octets",
        {
            "workers' processor time of the worst three, s": {name: round(costs[name], 2) for name in worst},
            "honest: mails": len(met.seconds),
            "honest: connecting to 250, median, p99, longest, s": [
                round(met.quantile(part), 3) for part in (0.5, 0.99, 1)
            ],
        },
        tuple(failures),
    )


async def _keep_on(met: crowd.Honest, port: int, address: str, over: asyncio.Event) -> None:
    while not over.is_set():
        await met.deliver(port, address)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), 1)


async def _cost(daemon: Daemon, name: str, octets: bytes) -> float:
    """Processor seconds of the workers from its 250 until it has its account, other mails' little part included."""
    before = _seconds(daemon)
    text = octets.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\0", b"").replace(b"\n", b"\r\n")
    text = text.replace(b"\r\n.", b"\r\n..") + (b"" if text.endswith(b"\r\n") else b"\r\n")
    with contextlib.suppress(RuntimeError):  # some are refused: too many Received fields (N15)
        async with Client.connected(daemon.port) as client:
            await client.send("bomber@customer.example", f"{STORE}@{DOMAIN}", text)
    end = time.monotonic() + PATIENCE
    file = f"file:{daemon.folder / 'toiawase.db'}?mode=ro"
    with contextlib.closing(sqlite3.connect(file, uri=True)) as database:
        while time.monotonic() < end:
            waiting = "SELECT count(*) FROM received WHERE state = 'received' AND mail_from = 'bomber@customer.example'"
            if database.execute(waiting).fetchone() == (0,):
                return _seconds(daemon) - before
            await asyncio.sleep(0.05)
    return PATIENCE


def _seconds(daemon: Daemon) -> float:
    """Of every process that is or was a worker: a dead one's time is its parent's."""
    seconds = 0.0
    for child in psutil.Process(daemon.pid).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = child.cpu_times()
            seconds += times.user + times.system + times.children_user + times.children_system
    return seconds
