"""Whole mails of customers, written for these tests: none that needs a human is kept from one.

They were written in batches, each judged before the phrases knew it; those named `attack`, only to get past them.
"""

import json
from pathlib import Path

import pytest

from gateway.rules.score import Report, judge, labelled
from tests.rules.shipped import decided

MAILS = [labelled(line) for line in (Path(__file__).parent / "messages.jsonl").read_text("utf-8").splitlines()]
FOUND_LEAST = 0.92
LANGUAGES = ("ja", "en", "ko", "zh")


@pytest.fixture(scope="module")
def report() -> Report:
    return judge(MAILS, decided)


def test_no_mail_that_needs_a_human_is_answered_or_filed(report: Report) -> None:
    assert not report.wrong, "\n".join(f"{one.message.id}: {one.message.body!r}" for one in report.wrong)


@pytest.mark.parametrize("language", LANGUAGES)
def test_most_mails_that_need_no_human_are_found(report: Report, language: str) -> None:
    autos = [one for one in report.judged if one.message.label == "auto" and one.message.lang == language]
    missed = [one for one in autos if one.is_missed]
    told = "\n".join(json.dumps(one.message.body, ensure_ascii=False) for one in missed)
    assert len(missed) <= (1 - FOUND_LEAST) * len(autos), told


def test_half_of_the_mails_need_a_human_and_their_states_vary() -> None:
    assert len({one.id for one in MAILS}) == len(MAILS)
    humans = sum(one.label == "human" for one in MAILS)
    assert humans * 2 >= len(MAILS)
    assert {one.prior_status for one in MAILS} == {"new", "unanswered", "in_progress", "done"}
    assert {one.lang for one in MAILS} == set(LANGUAGES)
