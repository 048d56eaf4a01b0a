"""The goals over the mail corpora are held, and what docs/limits.md says of single cases is true."""

from collections.abc import Iterator

import pytest

from tests import corpora
from tests.score import bounces, machines, parsing, replies
from tests.score.check import Check, Goal
from tests.score.goals import GOALS, is_listed, state


@pytest.fixture(scope="module")
def checks() -> list[Check]:
    return list(_judged())


def _judged() -> Iterator[Check]:
    yield from replies.checks(corpora.require())
    yield from bounces.checks()
    yield from parsing.checks()
    yield from machines.checks()


def _judgeable(goal: Goal) -> bool:
    return not goal.measure.startswith("mails ")  # robustness, which test_corpora.py tries on fewer mails


@pytest.mark.parametrize(
    "goal", [goal for goal in GOALS if _judgeable(goal)], ids=lambda goal: f"{goal.measure} {goal.only}"
)
def test_a_goal_over_the_corpora_is_held(goal: Goal, checks: list[Check]) -> None:
    reached, share = state(goal, checks)
    assert reached != "MISSED", share


def test_no_word_of_any_writer_is_lost_in_the_clients_replies(checks: list[Check]) -> None:
    lost = [check for check in checks if check.measure == replies.LOST and not check.right]
    assert [check.case for check in lost if check.corpus.startswith("client-replies")] == []


def test_every_miss_is_explained_in_the_limits(checks: list[Check]) -> None:
    assert [f"{check.measure}: {check.case}" for check in checks if not check.right and not is_listed(check)] == []
