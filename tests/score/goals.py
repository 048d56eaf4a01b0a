"""What must be reached, and which misses are known and explained."""

from collections.abc import Sequence
from pathlib import Path

from tests.score import bounces, machines, replies, robustness
from tests.score.check import Check, Goal, Rate, rate

LIMITS = Path(__file__).parents[2] / "docs" / "limits.md"
GOALS = (
    Goal(replies.PUBLIC, 0.97),
    Goal(replies.LOST, 0.995),
    Goal(replies.KNOWN, 1.0, (replies.REAL,)),
    Goal(replies.KNOWN, 0.97, (replies.RECONSTRUCTED,)),
    Goal(replies.UNKNOWN, 0.95, (replies.REAL,)),
    *(Goal(replies.KNOWN, 0.98, (f"samples/{folder.name}",)) for folder in replies.OWN_SAMPLES),
    *(Goal(replies.UNKNOWN, 0.98, (f"samples/{folder.name}",)) for folder in replies.OWN_SAMPLES),
    Goal(replies.COMMANDS, 1.0),
    Goal(bounces.RECIPIENTS, 0.98),
    Goal(bounces.RECIPIENTS, 0.95, bounces.JAPANESE_GROUPS),
    Goal(bounces.NO_WRONG, 1.0),
    Goal(bounces.PERMANENT, 0.99),
    Goal(bounces.DEAD, 0.97),
    *(Goal(f"parsing: {field}", 1.0, ("CJK",)) for field in ("subject", "body")),
    Goal("parsing", 0.97),
    Goal(machines.KIND, 0.99),
    Goal(machines.PERSONS, 1.0),
    Goal(robustness.RAISES, 1.0),
    Goal(robustness.WITHIN, 0.99),
)


def state(goal: Goal, found: Sequence[Check]) -> tuple[str, Rate]:
    """`met`; `listed`, where every miss stands in docs/limits.md with its reason; else `MISSED`."""
    counted = [check for check in found if goal.counts(check)]
    reached = rate(counted)
    if reached.share >= goal.least:
        return "met", reached
    return "listed" if all(is_listed(check) for check in counted if not check.right) else "MISSED", reached


def is_listed(check: Check) -> bool:
    """Whether docs/limits.md names the case."""
    name = check.case.split()[0].removesuffix(".eml").removesuffix(".txt")
    return name in LIMITS.read_text("utf-8")
