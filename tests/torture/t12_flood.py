"""2,000 connections a second for a minute: nothing breaks, 421 is what most are told, and then it is over."""

import asyncio
import itertools
import time
from pathlib import Path

from benchmarks.memory import watched
from tests.ledger.daemon import Daemon
from tests.ledger.sink import Sink
from tests.torture import crowd
from tests.torture.report import Report

RECOVERED = 5.0  # seconds after the flood
HOLD = 2.0  # seconds that each of the flood's clients stays, unless it is sent away
SOURCES = 500


async def run(full: bool, folder: Path) -> Report:
    """In small: for three seconds, to a tenth of the places."""
    rate, seconds = (2000.0, 60) if full else (500.0, 3)
    sink = Sink(folder / "sink")
    async with sink.listening() as sink_port:
        daemon = Daemon(folder / "gateway", f"sqlite:///{folder / 'gateway' / 'toiawase.db'}", sink_port)
        async with daemon.at_work(*["connections = 400"] * (not full)):
            with watched(daemon.pid) as memory:
                plan = crowd.Plan(daemon.port, int(rate * seconds), SOURCES, rate, every=0.5, hold=HOLD)
                process, there = crowd.begin(plan, limit=60.0)
                coming = asyncio.create_task(asyncio.to_thread(there.recv))
                during, after = crowd.Honest(), crowd.Honest()
                for address in itertools.cycle(itertools.islice(crowd.addresses(20), 20)):
                    if coming.done():
                        break
                    await during.deliver(daemon.port, address)
                came = await coming
                ended = time.monotonic()
                for address in itertools.islice(crowd.addresses(21), 20):
                    await after.deliver(daemon.port, address)
                recovered = time.monotonic() - ended - sum(after.seconds) + max(after.seconds)
            process.join()
            code = await asyncio.to_thread(daemon.stop)
            problems = [str(problem) for problem in (await asyncio.to_thread(daemon.ledger))["problems"]]
    failures = [f"ledger: {problem}" for problem in problems]
    if code != 0:
        failures.append(f"the daemon ended with {code}")
    if recovered > RECOVERED or after.told_to_wait:
        failures.append(f"{recovered:.1f} s after the flood honest clients still waited: {dict(after.told_to_wait)}")
    if during.refused or after.refused:
        failures.append(f"an honest client was refused: {[*during.refused, *after.refused][0]}")
    if came.left:
        failures.append(f"{came.left} connections were never ended")
    if not any(code.startswith("421") for code in came.told):
        failures.append("nobody was told 421")
    return Report(
        f"{plan.connections} connections from {SOURCES} addresses in {came.coming:.1f} s",
        {
            "flood: were greeted, were not taken by the system": [came.connected, came.not_taken],
            "flood: told as they went": dict(came.told),
            "honest meanwhile: mails": len(during.seconds),
            "honest meanwhile: connecting to 250, median, longest, s": [
                round(during.quantile(part), 3) for part in (0.5, 1)
            ],
            "honest meanwhile: told to come again": dict(during.told_to_wait),
            "honest after it: longest, s": round(max(after.seconds, default=0.0), 3),
            "memory of all processes, RSS, PSS, MiB": [memory.rss >> 20, memory.pss >> 20],
        },
        tuple(failures),
    )
