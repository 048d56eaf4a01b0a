"""10,000 slow connections from 500 addresses, an octet every ten seconds: honest clients are served in time."""

import asyncio
import itertools
import random
from pathlib import Path

from benchmarks.memory import watched
from tests.ledger.daemon import Daemon
from tests.ledger.sink import Sink
from tests.torture import crowd
from tests.torture.report import Report

MEMORY = 384 << 20  # octets of the daemon and its processes: PSS, which counts what they share once
HONEST_P99 = 2.0  # seconds
GONE = 30.0  # seconds after the last has come, for they put it under stress


async def run(full: bool, folder: Path) -> Report:
    """In small: a tenth of the connections, to a tenth of the places."""
    connections, sources, honest = (10_000, 500, 100) if full else (1_000, 50, 10)
    sink = Sink(folder / "sink")
    async with sink.listening() as sink_port:
        daemon = Daemon(folder / "gateway", f"sqlite:///{folder / 'gateway' / 'toiawase.db'}", sink_port)
        async with daemon.at_work(*["connections = 400"] * (not full)):
            with watched(daemon.pid) as memory:
                plan = crowd.Plan(daemon.port, connections, sources, per_second=2000)
                process, there = crowd.begin(plan, limit=300.0)
                met = crowd.Honest()
                coming = asyncio.create_task(asyncio.to_thread(there.recv))
                served = [
                    asyncio.create_task(_come_again(met, daemon.port, address, coming))
                    for address in itertools.islice(crowd.addresses(20), honest)
                ]
                came = await coming
                await asyncio.gather(*served)
            process.join()
            code = await asyncio.to_thread(daemon.stop)
            problems = [str(problem) for problem in (await asyncio.to_thread(daemon.ledger))["problems"]]
    failures = [f"ledger: {problem}" for problem in problems]
    if code != 0:
        failures.append(f"the daemon ended with {code}")
    if memory.pss >= MEMORY:
        failures.append(f"memory: {memory.pss >> 20} MiB")
    if met.p99 >= HONEST_P99:
        failures.append(f"honest clients' p99 is {met.p99:.2f} s")
    if met.refused:
        failures.append(f"an honest client was refused: {met.refused[0]}")
    if came.left or came.gone > GONE:
        failures.append(f"slow connections stayed: {came.left} of them, the last for {came.gone:.0f} s")
    return Report(
        f"{connections} slow connections from {sources} addresses in {came.coming:.1f} s, {honest} honest clients",
        {
            "slow: were greeted, were not taken by the system": [came.connected, came.not_taken],
            "slow: told as they went": dict(came.told),
            "slow: all gone, s after the last came": round(came.gone, 1),
            "honest: mails": len(met.seconds),
            "honest: connecting to 250, median, p99, longest, s": [
                round(met.quantile(part), 3) for part in (0.5, 0.99, 1)
            ],
            "honest: told to come again": dict(met.told_to_wait),
            "memory of all processes, RSS, PSS, MiB": [memory.rss >> 20, memory.pss >> 20],
        },
        tuple(failures),
    )


async def _come_again(met: crowd.Honest, port: int, address: str, until: "asyncio.Task[crowd.Came]") -> None:
    """A mail every ten seconds or so, on a new connection each time, as long as the slow ones are there."""
    await asyncio.sleep(random.uniform(0, 5))
    while True:
        await met.deliver(port, address)
        if until.done():
            return
        await asyncio.sleep(random.uniform(5, 15))
