"""Who kills what, and when. Each starts again what it ended, and goes on until so many were killed, or for ever."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from itertools import cycle, takewhile
from pathlib import Path

from tests.ledger.daemon import Daemon

REACH_LIMIT = 60.0  # seconds in which a point is reached, or another one is tried


async def kill_workers(daemon: Daemon, interval: float, kills: float) -> None:
    """The workers every `interval` seconds."""
    while daemon.kills < kills:
        await asyncio.sleep(interval)
        daemon.kill_workers()


async def kill_daemons(daemons: Sequence[Daemon], interval: float, kills: float, chance: random.Random) -> None:
    """One of the daemons `interval` seconds after it listens, on average; one time in ten while it still starts."""
    while sum(daemon.kills for daemon in daemons) < kills:
        daemon = chance.choice(daemons)
        if chance.random() >= 0.1:
            await daemon.listens()
        await asyncio.sleep(chance.uniform(0, 2 * interval))
        daemon.kill()
        daemon.start()


async def kill_at_points(
    daemon: Daemon,
    folder: Path,
    points: Sequence[str],
    interval: float,
    kills: float,
    chance: random.Random,
    reached: Counter[str],
) -> None:
    """The daemon at one named point after the other, and after each round of them at random; at the worker's points one
    time in two the worker alone. `reached` counts them."""
    for point in takewhile(lambda _: daemon.kills < kills, cycle((*points, ""))):
        await daemon.listens()
        if not point:
            await asyncio.sleep(chance.uniform(0, 2 * interval))
            daemon.kill()
        else:
            alone = point.startswith("worker") and chance.random() < 0.5
            await asyncio.sleep(chance.uniform(0, interval / 2))
            if not await is_reached(folder / point, alone):
                continue
            if alone:
                daemon.kills += 1
            else:
                daemon.killed()
        reached[point or "at random"] += 1
        if daemon.ended:
            daemon.start()


async def is_reached(point: Path, alone: bool = False) -> bool:
    """Arms the point, and waits until somebody died there. False when nobody came."""
    whole = point.with_suffix(".new")
    whole.write_text("alone" if alone else "")
    whole.rename(point)
    deadline = time.monotonic() + REACH_LIMIT
    while point.exists():
        await asyncio.sleep(0.005)
        if time.monotonic() > deadline:
            try:
                point.unlink()
            except FileNotFoundError:
                break
            return False
    while point.with_suffix(".reached").exists():
        await asyncio.sleep(0.001)
    return True
