"""Mails in English, Korean and Chinese that look like thanks, and some that are.

Who waits, chooses, has only a part or thanks in advance is for a human; an answer that is owed anyway may be expected.
"""

import json
from pathlib import Path

import pytest

from gateway.rules.score import Report, judge, labelled
from tests.rules.shipped import decided

MAILS = [labelled(line) for line in (Path(__file__).parent / "messages_foreign.jsonl").read_text("utf-8").splitlines()]
FOUND_LEAST = 0.95


@pytest.fixture(scope="module")
def report() -> Report:
    return judge(MAILS, decided)


def test_what_only_looks_like_thanks_reaches_a_human(report: Report) -> None:
    assert not report.wrong, "\n".join(f"{one.message.id}: {one.message.body!r}" for one in report.wrong)


@pytest.mark.parametrize("language", ["en", "ko", "zh"])
def test_thanks_that_are_only_thanks_are_found(report: Report, language: str) -> None:
    autos = [one for one in report.judged if one.message.label == "auto" and one.message.lang == language]
    missed = [one for one in autos if one.is_missed]
    told = "\n".join(json.dumps(one.message.body, ensure_ascii=False) for one in missed)
    assert autos
    assert len(missed) <= (1 - FOUND_LEAST) * len(autos), told
