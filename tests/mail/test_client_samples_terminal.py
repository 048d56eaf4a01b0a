"""Replies that real terminal mail clients sent (samples/clients): each is read whole and alone.

Every mail is judged knowing the mail that it answers and, harder, without knowing it.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from gateway.mail.parse import parse, renderings
from gateway.mail.values import Reply
from tests.score.replies import divided, lines

FOLDER = Path(__file__).parent / "samples" / "clients"
NAMES = sorted(path.stem for path in FOLDER.glob("*.eml"))

NOT_READ: Mapping[str, str] = {
    "nmh-09-customer-indent": "quotes the source of every MIME part, indented by a tab and a space, without marks",
}
"""Samples that are not read right, and why (docs/limits.md)."""


def _cases() -> list[Any]:
    return [
        pytest.param(name, marks=pytest.mark.xfail(strict=True, reason=NOT_READ[name])) if name in NOT_READ else name
        for name in NAMES
    ]


def test_every_sample_has_an_expectation_and_an_answered_mail() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.json")) == NAMES
    assert all((FOLDER / "answered" / f"{_case(name)['reply_to_mail']}.eml").exists() for name in NAMES)


@pytest.mark.parametrize("name", _cases())
def test_an_answer_is_read_whole_and_alone_beside_the_mail_that_it_answers(name: str) -> None:
    answered = (FOLDER / "answered" / f"{_case(name)['reply_to_mail']}.eml").read_bytes()
    _assert_read(name, renderings(answered))


@pytest.mark.parametrize("name", _cases())
def test_an_answer_is_read_whole_and_alone_without_the_mail_that_it_answers(name: str) -> None:
    _assert_read(name, ())


@pytest.mark.parametrize("name", NAMES)
def test_the_subject_and_the_names_of_files_are_decoded(name: str) -> None:
    mail = parse((FOLDER / f"{name}.eml").read_bytes())
    answered = parse((FOLDER / "answered" / f"{_case(name)['reply_to_mail']}.eml").read_bytes())
    assert mail.subject.removeprefix("Re: ") == answered.subject.removeprefix("Re: ")
    assert [file.name for file in mail.attachments] == _case(name)["attachments"]


def _case(name: str) -> dict[str, Any]:
    case: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return case


def _assert_read(name: str, sent: Sequence[str]) -> None:
    case = _case(name)
    reply: Reply = divided((FOLDER / f"{name}.eml").read_bytes(), case["direction"], sent)
    assert [command.line for command in reply.commands] == case["expected_directives"]
    readings = [case["expected_reply_text"], *case.get("also_accepted", ())]
    assert lines(reply.text) in [lines(reading) for reading in readings]
