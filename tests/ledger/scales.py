"""How heavy the gateway is while it works."""

import asyncio
import contextlib
import time
from dataclasses import dataclass

import psutil

from tests.ledger.daemon import Daemon

INTERVAL = 2.0  # seconds


@dataclass(frozen=True)
class Weight:
    at: float  # monotonic
    octets: int  # resident, of all its processes
    descriptors: int  # of the main process


async def weigh(daemon: Daemon, weights: list[Weight]) -> None:
    """Adds to `weights` until it is cancelled; nothing while a process comes or goes."""
    while True:
        await asyncio.sleep(INTERVAL)
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(daemon.pid)
            octets = sum(one.memory_info().rss for one in (process, *process.children(recursive=True)))
            weights.append(Weight(time.monotonic(), octets, process.num_fds()))
