"""500 kills at random and at the twelve named points under 20 senders."""

from pathlib import Path

from tests.ledger.points import POINTS
from tests.ledger.run import Plan
from tests.ledger.run import run as play
from tests.torture.report import Report


async def run(full: bool, folder: Path) -> Report:
    kills = 500 if full else len(POINTS) + 1
    came = await play(Plan(mails=10**6, sessions=20, kill="points", database="sqlite", kills=kills, pace=1.0), folder)
    verdict = came.verdict
    figures = {
        "points": dict(came.points),
        "acknowledged": verdict.acknowledged,
        "sent again": came.repeats,
        "notifications": verdict.notifications,
        "further copies, each named as uncertain": verdict.copies,
        "automatic answers, none twice": verdict.answers,
        "exit code": came.exit_code,
    }
    return Report(f"{came.kills} kills", figures, tuple(verdict.failures))
