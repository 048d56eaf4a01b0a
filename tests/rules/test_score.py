"""The shipped phrases judged by labelled messages, and the judge itself."""

import json
from pathlib import Path

import pytest

from gateway.rules.score import Decision, Labelled, Report, judge, labelled
from tests import corpora
from tests.rules.shipped import decided

OWN = [Path(__file__).parent / name for name in ("sentences.jsonl", "variations.jsonl")]
FOUND_LEAST = 0.92


def _told(report: Report) -> str:
    wrong = [f"wrong {one.message.id}: {one.message.body!r} {one.decision.words}" for one in report.wrong]
    missed = [f"missed {one.message.id}: {one.message.body!r} {one.decision.words}" for one in report.missed]
    return "\n".join([f"{report.found} of {report.autos} found", *wrong, *missed])


def _messages(file: Path) -> list[Labelled]:
    return [labelled(line) for line in file.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("file", OWN, ids=lambda file: file.stem)
def test_no_sentence_of_ours_that_needs_a_human_is_kept_from_one(file: Path) -> None:
    report = judge(_messages(file), decided)
    assert not report.wrong, _told(report)
    assert report.found >= FOUND_LEAST * report.autos, _told(report)


def test_no_message_of_a_customer_that_needs_a_human_is_kept_from_one() -> None:
    report = judge(_messages(corpora.require() / "messages" / "messages.jsonl"), decided)
    assert not report.wrong, _told(report)
    assert report.found >= FOUND_LEAST * report.autos, _told(report)


def _message(label: str, kind: str, prior_status: str) -> Labelled:
    return Labelled("1", "ja", label, kind, "", "ありがとうございました。", prior_status)


@pytest.mark.parametrize(
    ("label", "kind", "prior_status", "outcome", "wrong", "missed"),
    [
        ("auto", "thanks", "done", "answered", 0, 0),
        ("auto", "thanks", "done", "human", 0, 1),
        ("auto", "thanks", "in_progress", "filed", 0, 0),
        ("auto", "ack", "in_progress", "answered", 1, 0),
        ("auto", "thanks", "unanswered", "answered", 1, 0),
        ("auto", "solved", "in_progress", "answered", 0, 0),
        ("human", "question", "done", "human", 0, 0),
        ("human", "question", "done", "filed", 1, 0),
        ("either", "thanks", "done", "human", 0, 0),
        ("either", "thanks", "done", "answered", 0, 0),
    ],
)
def test_each_outcome_is_right_wrong_or_missed(
    label: str, kind: str, prior_status: str, outcome: str, wrong: int, missed: int
) -> None:
    decision = Decision(outcome, ("thanks: ありがとう",))  # type: ignore[arg-type]
    report = judge([_message(label, kind, prior_status)], lambda message: decision)
    assert (len(report.wrong), len(report.missed)) == (wrong, missed)


def test_the_report_counts_by_language_and_kind() -> None:
    messages = [_message("auto", "thanks", "done"), _message("human", "question", "done")]
    report = judge(messages, lambda message: Decision("human", ()))
    assert report.by_language["ja"].right == 1
    assert report.by_language["ja"].missed == 1
    assert report.by_kind["thanks"].missed == 1
    assert report.by_kind["question"].right == 1
    assert (report.found, report.autos) == (0, 1)


def test_a_line_without_a_label_says_what_is_missing() -> None:
    with pytest.raises(ValueError, match="label is missing"):
        labelled(json.dumps({"body": "", "prior_status": "done"}))


@pytest.mark.parametrize(
    "line", ["[]", '"ありがとう"', "{", '{"body": "", "prior_status": "done", "label": "perhaps"}']
)
def test_a_line_that_is_no_labelled_message_is_refused(line: str) -> None:
    with pytest.raises(ValueError):
        labelled(line)
