"""200 power cuts at the points, before an fsync and at random: what did not reach the disk is gone, in any order."""

from pathlib import Path

from tests.ledger.run import Plan
from tests.ledger.run import run as play
from tests.torture.report import Report


async def run(full: bool, folder: Path) -> Report:
    kills = 200 if full else 12
    plan = Plan(mails=10**6, sessions=20, kill="points", database="sqlite", kills=kills, pace=1.0, power=True)
    came = await play(plan, folder)
    verdict = came.verdict
    figures = {
        "sectors written and dropped": came.dropped,
        "acknowledged": verdict.acknowledged,
        "sent again": came.repeats,
        "notifications": verdict.notifications,
        "further copies, each named as uncertain": verdict.copies,
        "automatic answers, none twice": verdict.answers,
    }
    return Report(f"{came.cuts} cuts", figures, tuple(verdict.failures))
