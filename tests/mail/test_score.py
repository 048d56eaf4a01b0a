"""The goals over the mail corpora are held, and every miss stands in docs/limits.md with its reason."""

from collections.abc import Iterator

from tests import corpora
from tests.score import bounces, machines, parsing, replies
from tests.score.check import Check
from tests.score.goals import GOALS, is_listed, state


def test_the_goals_over_the_corpora_are_held_and_every_miss_is_explained() -> None:
    checks = list(_judged())  # once: the mails are many
    reached = {f"{goal.measure} {goal.only}": state(goal, checks) for goal in GOALS}
    assert {goal: share for goal, (met, share) in reached.items() if met == "MISSED"} == {}
    assert [f"{check.measure}: {check.case}" for check in checks if not check.right and not is_listed(check)] == []
    lost = [check.case for check in checks if check.measure == replies.LOST and not check.right]
    assert lost == []


def _judged() -> Iterator[Check]:
    yield from replies.checks(corpora.require())
    yield from bounces.checks()
    yield from parsing.checks()
    yield from machines.checks()
