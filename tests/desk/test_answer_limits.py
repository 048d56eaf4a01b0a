"""N30, A12, A13: how many automatic answers are enough."""

from dataclasses import replace

import pytest

from gateway.desk.answer_limits import AnswerLimits, reached
from gateway.store.auto_answers import Counts

NONE_YET = Counts(0, 0, 0, 0, 0, exchanged=1)


@pytest.mark.parametrize(
    ("counts", "limit"),
    [
        (NONE_YET, None),
        (replace(NONE_YET, in_inquiry=1), "inquiry"),
        (replace(NONE_YET, by_rule=1), "sender"),
        (replace(NONE_YET, to_address=2), None),
        (replace(NONE_YET, to_address=3), "address"),
        (replace(NONE_YET, exchanged=4), None),
        (replace(NONE_YET, exchanged=5), "loop"),
        (replace(NONE_YET, of_store=59, of_gateway=199), None),
        (replace(NONE_YET, of_store=60), "store"),
        (replace(NONE_YET, of_gateway=200), "gateway"),
        (replace(NONE_YET, of_gateway=10**6, in_inquiry=1), "inquiry"),
    ],
)
def test_the_first_limit_that_is_reached_is_named(counts: Counts, limit: str | None) -> None:
    assert reached(counts, AnswerLimits(per_hour=200, per_store_per_hour=60)) == limit


def test_an_operator_who_allows_none_gets_none() -> None:
    assert reached(NONE_YET, AnswerLimits(per_hour=0)) == "gateway"
    assert reached(NONE_YET, AnswerLimits(per_store_per_hour=0)) == "store"
