"""`python -m tests.score [--mutations N] [--libraries] [--only WORD]`: rates by corpus, language and client, the
misses, then the goals; exit 1 if a goal is missed by more than docs/limits.md explains."""

import argparse
import sys
from collections.abc import Iterator

from tests import corpora
from tests.score import bounces, libraries, machines, parsing, replies, robustness
from tests.score.check import Check, misses, tables
from tests.score.goals import GOALS, LIMITS, state


def main() -> int:
    """Prints everything; the exit code says whether all goals are met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutations", type=int, default=2000, help="mutated mails (default 2,000)")
    parser.add_argument("--libraries", action="store_true", help="what libraries make of the same cases, too")
    parser.add_argument("--only", default="", help="measures whose name has this word")
    options = parser.parse_args()
    found = [check for check in _checks(options.mutations, options.libraries) if options.only in check.measure]
    if not found:
        parser.error(f"no measure has {options.only!r} in its name")
    print(*tables(found), sep="\n")
    print("\nMisses", *misses(check for check in found if ", by " not in check.measure), sep="\n")
    print(f"\nGoals (listed: every miss stands in {LIMITS.name} with its reason)")
    states = set()
    for goal in GOALS:
        if options.only in goal.measure:
            reached, share = state(goal, found)
            states.add(reached)
            about = f" ({', '.join(goal.only)})" if goal.only else ""
            print(f"{reached:6} {goal.measure + about:80} {share}, goal {goal.least:.1%}")
    return 1 if "MISSED" in states else 0


def _checks(mutations: int, with_libraries: bool) -> Iterator[Check]:
    yield from replies.checks(corpora.require())
    yield from bounces.checks()
    yield from parsing.checks()
    yield from machines.checks()
    yield from robustness.checks(mutations)
    if with_libraries:
        yield from libraries.checks()


if __name__ == "__main__":
    sys.exit(main())
