"""A disk that fills, and one that writes nothing any more (EIO): 451 and 452 alone, nothing lost, and all by itself.

The disk is a small tmpfs in a mount namespace of its own, which needs root. Writes that fail otherwise than for want of
room come from RLIMIT_FSIZE: EFBIG, which SQLite reports as an I/O error.
"""

import asyncio
import contextlib
import os
import resource
import subprocess
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.ledger.daemon import Daemon
from tests.ledger.sink import Sink
from tests.torture import crowd
from tests.torture.report import Report

RECOVERED = 10.0  # seconds after there is room again
ACCOUNTED = 90.0  # seconds until the last mail is done: a claim that could not be given back runs out, after 40
DISK = "8m"
ROOT = Path(__file__).parents[2]
SOURCE = "127.0.0.1"  # the relay
BLOCK = b"\0" * (1 << 16)


class NoNamespaceError(Exception):
    """This machine lets nobody mount here; the text says why."""


@dataclass
class Boxed(Daemon):
    """A daemon that sees a disk which nobody else sees."""

    holder: int = 0  # a process that keeps the disk there

    def _words(self, *words: str) -> list[str]:
        enter = ["nsenter", f"--mount=/proc/{self.holder}/ns/mnt", "env", f"PYTHONPATH={ROOT}"]
        return [*enter, *super()._words(*words)]


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[int]:
    """A tmpfs at `folder` in a namespace of its own. Yields the pid of a process that is in it. Raises
    NoNamespaceError."""
    folder.mkdir()
    mount = f"mount -t tmpfs -o size={DISK},mode=700 tmpfs {folder} && echo mounted && exec sleep 86400"
    process = subprocess.Popen(
        ["unshare", "--mount", "sh", "-c", mount], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        if process.stdout.readline() != b"mounted\n":
            raise NoNamespaceError(process.stderr.read().decode(errors="replace").strip())
        yield process.pid
    finally:
        process.kill()
        process.communicate()


@dataclass
class Told:
    """What senders were told: queue ids, and other replies by their code."""

    ids: list[str] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)

    async def deliver(self, port: int) -> bool:
        try:
            reply = await crowd.delivered(port, SOURCE)
        except (OSError, EOFError) as error:
            reply = f"??? {type(error).__name__}"
        if reply.startswith("250"):
            self.ids.append(reply.split()[-1])
            return True
        self.refused[reply[:9]] = self.refused.get(reply[:9], 0) + 1
        return False


async def run(full: bool, folder: Path) -> Report:
    """In small: each fault once. A round has a disk of its own: one that mail has filled is full for good."""
    rounds, mails = (10, 20) if full else (1, 5)
    refused, recoveries, failures = Counter[str](), [], []
    told: list[int] = []
    for number in range(rounds):
        try:
            async with _boxed(folder / str(number)) as (daemon, disk):
                met = await _round(daemon, disk, mails)
        except NoNamespaceError as error:
            failures.append(f"cannot be tried here: {error}")
            break
        refused += Counter(met.refused)
        recoveries += met.recoveries
        told.append(len(met.ids))
        failures += [f"round {number}: {failure}" for failure in met.failures]
    return Report(
        f"{rounds} x full and EIO, tmpfs of {DISK} each, {mails} mails before and during each fault",
        {
            "told during the faults": dict(refused),
            "slowest until mail was accepted again, s": round(max(recoveries, default=0.0), 1),
            "acknowledged": sum(told),
        },
        tuple(failures),
    )


@dataclass
class Met:
    """What came of a round. `refused`: replies during the faults, by their code."""

    ids: list[str] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    recoveries: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


async def _round(daemon: Boxed, disk: Path, mails: int) -> Met:
    met, told = Met(), Told()
    for name, fault in (("full", _full_disk(disk)), ("EIO", _no_writes(daemon.pid))):
        if not all([await told.deliver(daemon.port) for _ in range(mails)]):
            met.failures.append(f"{name}: refused without a fault: {told.refused}")
        during = Told()
        with fault:
            for _ in range(mails):
                await during.deliver(daemon.port)
                await asyncio.sleep(0.3)  # so that the reserve is given up meanwhile
        took = await _until_accepted(told, daemon.port)
        told.ids += during.ids
        met.recoveries.append(took)
        met.refused += Counter(during.refused | {"250": len(during.ids)})
        if wrong := [code for code in during.refused if code[:3] not in ("451", "452")]:
            met.failures.append(f"{name}: answered {wrong}")
        if took > RECOVERED:
            met.failures.append(f"{name}: {took:.1f} s until mail was accepted again")
    met.ids = told.ids
    if lost := await _not_done(daemon, told.ids):
        met.failures.append(f"{len(lost)} of {len(told.ids)} acknowledged mails have no account")
    problems = (await asyncio.to_thread(daemon.ledger))["problems"]
    met.failures += [f"ledger: {problem}" for problem in problems]
    met.failures += ["the daemon died"] * (not psutil.pid_exists(daemon.pid))
    if not (disk / "toiawase.db-reserve").exists():
        met.failures.append("the reserve was not taken again")
    if "disk.full" not in daemon.log.read_text("utf-8"):
        met.failures.append("the operator was not told")
    return met


@contextlib.asynccontextmanager
async def _boxed(folder: Path) -> AsyncIterator[tuple[Boxed, Path]]:
    """The daemon at work, and its disk as it is seen from outside."""
    folder.mkdir(exist_ok=True)
    state, sink = folder / "state", Sink(folder / "sink")
    with small_disk(state) as holder:
        async with sink.listening() as sink_port:
            daemon = Boxed(folder / "gateway", f"sqlite:///{state / 'toiawase.db'}", sink_port, holder=holder)
            async with daemon.at_work("free_space = 1048576", "message_size = 65536", "spool_size = 1048576"):
                yield daemon, Path(f"/proc/{holder}/root{state}")


@contextlib.contextmanager
def _full_disk(disk: Path) -> Iterator[None]:
    file = os.open(disk / "somebody-elses", os.O_WRONLY | os.O_CREAT)
    try:
        with contextlib.suppress(OSError):
            while True:
                os.write(file, BLOCK)
        yield
        with contextlib.suppress(OSError):  # the reserve's room, too
            while True:
                os.write(file, BLOCK)
    finally:
        os.close(file)
        (disk / "somebody-elses").unlink()


@contextlib.contextmanager
def _no_writes(pid: int) -> Iterator[None]:
    """No process of the daemon can write to a file; its log is a file, too."""
    processes = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]

    def limit(octets: int) -> None:
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (octets, resource.RLIM_INFINITY))

    limit(0)
    try:
        yield
    finally:
        limit(resource.RLIM_INFINITY)


async def _until_accepted(told: Told, port: int) -> float:
    began = time.monotonic()
    while not await told.deliver(port) and time.monotonic() - began < 60:
        await asyncio.sleep(0.2)
    return time.monotonic() - began


async def _not_done(daemon: Boxed, ids: list[str]) -> list[str]:
    """Acknowledged mails without a final account, after all the time it may take."""
    waiting, deadline = ids, time.monotonic() + ACCOUNTED
    while time.monotonic() < deadline:
        done = await asyncio.to_thread(daemon.command, "mail", "list", "--state", "done", "--limit", "100000", "--json")
        if not (waiting := [one for one in ids if one not in done]):
            break
        await asyncio.sleep(0.5)
    return waiting
