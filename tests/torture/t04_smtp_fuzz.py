"""A million sessions of spoiled commands and octets: well-formed replies, no word of a fault of ours, no memory lost.

A session is made from its number: whoever finds a fault has its number in the report.
"""

import asyncio
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from tests.intake.test_fuzz import REPLY, script
from tests.ledger.daemon import Daemon
from tests.ledger.sink import Sink
from tests.torture.report import Report

CLIENTS = 8
PATIENCE = 60.0  # seconds until a session that does not end is a failure
GROWTH = 20 << 20  # octets
OURS = re.compile(rb"[a-z]Error|Exception|Traceback|, line \d|site-packages|gateway/")


async def run(full: bool, folder: Path) -> Report:
    return await play(1_000_000 if full else 400, folder)


async def play(sessions: int, folder: Path) -> Report:
    sink = Sink(folder / "sink.mails")
    async with sink.listening() as sink_port:
        daemon = Daemon(folder / "gateway", f"sqlite:///{folder}/toiawase.db", sink_port)
        async with daemon.at_work():
            daemon.command("store", "add", "testshop", "--title", "t", "--seller", "s@shop.example", "--no-welcome")
            return await _fuzzed(daemon, sessions)


async def _fuzzed(daemon: Daemon, sessions: int) -> Report:
    failures: list[str] = []
    process, seeds, replies = psutil.Process(daemon.pid), iter(range(sessions)), [0]
    warm = iter(range(sessions, sessions + max(200, sessions // 50)))
    await asyncio.gather(*(_client(daemon.port, warm, failures, replies) for _ in range(CLIENTS)))
    before = process.memory_info().rss
    await asyncio.gather(*(_client(daemon.port, seeds, failures, replies) for _ in range(CLIENTS)))
    grown = process.memory_info().rss - before
    if grown > GROWTH:
        failures.append(f"the gateway grew by {grown >> 20} MB")
    log = daemon.log.read_text()
    if "Traceback" in log or '"level": "critical"' in log:
        failures.append(f"the log has a fault of ours: {daemon.log}")
    figures = {"replies": replies[0], "grown by": f"{grown / (1 << 20):.1f} MB", "exit code": daemon.stop()}
    return Report(f"{sessions} sessions", figures, tuple(failures))


async def _client(port: int, seeds: Iterator[int], failures: list[str], replies: list[int]) -> None:
    for seed in seeds:
        said = b""
        try:
            async with asyncio.timeout(PATIENCE):
                said = await _session(port, seed)
        except TimeoutError:
            failures.append(f"session {seed} did not end")
        if REPLY.sub(b"", said):
            failures.append(f"session {seed}: {REPLY.sub(b'', said)[:80]!r} is no reply")
        if found := OURS.search(said):
            failures.append(f"session {seed}: a reply speaks of us: {found[0]!r}")
        replies[0] += said.count(b"\r\n")


async def _session(port: int, seed: int) -> bytes:
    """All that the gateway said. It may hang up at any time, and what it said last may be lost with that."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    said = b""
    try:
        with suppress(OSError):
            if seed % 10:  # one in ten talks before the greeting, and is sent away for that
                said += await reader.readline()
            for block in script(seed):
                writer.write(block)
                await writer.drain()
                await asyncio.sleep(0)
            writer.write_eof()
        with suppress(OSError):
            while block := await reader.read(65_536):
                said += block
    finally:
        writer.close()
    return said
