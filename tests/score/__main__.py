"""`python -m tests.score [--mutations N] [--libraries] [--only WORD]`: rates by corpus, language and client, the
misses, then the goals; exit 1 unless each goal is met."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from tests import corpora
from tests.score import bounces, libraries, machines, parsing, replies, robustness
from tests.score.check import Check, Goal, misses, rate, tables

LIMITS = Path(__file__).parents[2] / "docs" / "limits.md"
GOALS = (
    Goal(replies.PUBLIC, 0.97),
    Goal(replies.LOST, 0.995),
    Goal(replies.KNOWN, 1.0, (replies.REAL,)),
    Goal(replies.KNOWN, 0.97, (replies.RECONSTRUCTED,)),
    Goal(replies.UNKNOWN, 0.95, (replies.REAL,)),
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


def main() -> int:
    """Prints everything; the exit code says whether all goals are met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutations", type=int, default=2000, help="mutated mails (default 2,000)")
    parser.add_argument("--libraries", action="store_true", help="what libraries make of the same cases, too")
    parser.add_argument("--only", default="", help="measures whose name has this word")
    options = parser.parse_args()
    found = [check for check in _checks(options.mutations, options.libraries) if options.only in check.measure]
    print(*tables(found), sep="\n")
    print("\nMisses", *misses(check for check in found if ", by " not in check.measure), sep="\n")
    print(f"\nGoals (listed: every miss stands in {LIMITS.name} with its reason)")
    listed = LIMITS.read_text("utf-8")
    met = [_met(goal, found, listed) for goal in GOALS if options.only in goal.measure]
    return 0 if all(met) else 1


def _checks(mutations: int, with_libraries: bool) -> Iterator[Check]:
    yield from replies.checks(corpora.require())
    yield from bounces.checks()
    yield from parsing.checks()
    yield from machines.checks()
    yield from robustness.checks(mutations)
    if with_libraries:
        yield from libraries.checks()


def _met(goal: Goal, found: list[Check], listed: str) -> bool:
    """Prints how far the goal is met; it is so, too, where every miss is one that `listed` gives a reason for."""
    counted = [check for check in found if goal.counts(check)]
    reached = rate(counted)
    missed = [check.case for check in counted if not check.right]
    state = "met" if reached.share >= goal.least else "MISSED"
    if state == "MISSED" and all(case.split()[0].removesuffix(".eml") in listed for case in missed):
        state = "listed"
    about = f" ({', '.join(goal.only)})" if goal.only else ""
    print(f"{state:6} {goal.measure + about:80} {reached}, goal {goal.least:.1%}")
    return state != "MISSED"


if __name__ == "__main__":
    sys.exit(main())
