"""Three nodes on one PostgreSQL, one killed every 5 s for 10 minutes; then two die for good, each with work in hand."""

from pathlib import Path

from tests.ledger.run import Plan
from tests.ledger.run import run as play
from tests.torture.report import Report

LOST = ("worker-with-its-claim", "delivery-between-dot-and-reply")
MOST = 60.0  # seconds until the others have what a dead node held


async def run(full: bool, folder: Path) -> Report:
    kills = 120 if full else 2
    plan = Plan(
        mails=10**6, sessions=10, kill="daemon", database="postgresql", kills=kills, nodes=3, lost=LOST,
        interval=5.0 if full else 0.5, pace=1.0,
    )  # fmt: skip
    came = await play(plan, folder)
    verdict, failures = came.verdict, list(came.verdict.failures)
    if came.taken_over > MOST:
        failures.append(f"the leases of the dead moved after {came.taken_over:.0f} s only")
    figures = {
        "acknowledged": verdict.acknowledged,
        "sent again": came.repeats,
        "notifications": verdict.notifications,
        "further copies, each named as uncertain": verdict.copies,
        "automatic answers, none twice": verdict.answers,
        "seconds until the others had what the dead held": round(came.taken_over, 1),
    }
    return Report(f"{came.kills} kills, of which {len(LOST)} for good", figures, tuple(failures))
