"""45 minutes of 20 mails a second, one in a hundred with a fault: the ledger balances, the last 30 cost no memory."""

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from statistics import median

from tests.ledger.run import Plan
from tests.ledger.run import run as play
from tests.ledger.scales import Weight
from tests.torture.report import Report

RATE = 20  # mails a second
SLOPE = 1.0  # MB an hour
MB = 1 << 20


async def run(full: bool, folder: Path) -> Report:
    return await soak(45 * 60 if full else 10, folder, judge_memory=full)


async def soak(seconds: int, folder: Path, *, judge_memory: bool) -> Report:
    """The first third warms it up, until its caches are full; in a few seconds nothing can be said about its memory."""
    plan = Plan(
        mails=RATE * seconds, sessions=RATE, kill="nothing", database="sqlite", pace=1.0, fault_every=100
    )  # fmt: skip
    came = await play(plan, folder)
    verdict, failures = came.verdict, list(came.verdict.failures)
    warm = came.weights[len(came.weights) // 3 :]
    minutes = _by_minute(warm)
    slope = _slope(minutes)
    descriptors = [one.descriptors for one in warm]
    if judge_memory and slope > SLOPE:
        failures.append(f"memory grows by {slope:.1f} MB an hour")
    if descriptors and descriptors[-1] > descriptors[0] + 5:
        failures.append(f"{descriptors[0]} descriptors became {descriptors[-1]}")
    figures = {
        "mails a second": round(verdict.acknowledged / came.seconds_in, 1),
        "MB an hour": round(slope, 1),
        "MB, the median of each fifth": [round(median(part)) for part in _fifths(minutes)],
        "MB, least and most": (min(one.octets for one in warm) // MB, max(one.octets for one in warm) // MB)
        if warm
        else None,
        "descriptors, least and most": (min(descriptors), max(descriptors)) if warm else None,
        "notifications": verdict.notifications,
        "further copies, each named as uncertain": verdict.copies,
        "automatic answers, none twice": verdict.answers,
    }
    return Report(f"{seconds} s, {verdict.acknowledged} mails", figures, tuple(failures))


def _by_minute(weights: Sequence[Weight]) -> list[float]:
    """The median of each minute, in MB: a big mail in a worker, or a new worker, is no growth."""
    minutes: dict[int, list[float]] = {}
    for one in weights:
        minutes.setdefault(int(one.at // 60), []).append(one.octets / MB)
    return [median(minutes[minute]) for minute in sorted(minutes)]


def _slope(minutes: Sequence[float]) -> float:
    """MB an hour: the median of the slopes between any two (Theil and Sen's), which an outlier does not move."""
    pairs = combinations(enumerate(minutes), 2)
    return median([(later - earlier) * 60 / (j - i) for (i, earlier), (j, later) in pairs] or [0.0])


def _fifths(minutes: Sequence[float]) -> list[Sequence[float]]:
    step = max(1, len(minutes) // 5)
    return [minutes[start : start + step] for start in range(0, len(minutes), step)]
