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

SUPERCITE = "supercite: lines marked only with a name of some length, flush left or after four spaces"
TITLED_NAME = "a name with 様 as the prefix of each line is no mark of quotation"
PART_TAG = "a marked line that is not in the mail answered, [2  <text/html; utf-8 (base64)>], is taken for text"
PART_SOURCE = "marked lines that are not in the mail answered, the source of its HTML part, are taken for text"
LONE_BAR = "a single line marked with | between two answers is taken for text"
FIELD_WORD = "written text that begins like a header field (件名:) goes with the block of fields further down"
BARE_SIGNATURE = "a signature without a -- line below the quotation is taken for text"
INDENTED_SOURCE = "the source of all MIME parts, indented and without marks, is taken for text"
QUOTING = "an attribution line of the form Quoting NAME (2026-11-20 14:03:12) is taken for text"

NOT_READ_KNOWING: Mapping[str, str] = {
    "aerc-04-thread-top-sig": BARE_SIGNATURE,
    "alot-01-top": QUOTING,
    "alot-02-bottom": QUOTING,
    "alot-03-thread-inline": QUOTING,
    "alot-04-sig-command": QUOTING,
    "alot-05-customer-inline": QUOTING,
    "alot-06-attach": QUOTING,
    "alot-07-bar-inline": QUOTING,
    "mew-04-thread-top-utf8": FIELD_WORD,
    "mew-05-thread-inline-username": TITLED_NAME,
    "mew-09-customer-inline-supercite": SUPERCITE,
    "mew-11-cite-prefix-bar": LONE_BAR,
    "mh-e-05-customer-supercite": SUPERCITE,
    "mu4e-06-customer-supercite": SUPERCITE,
    "neomutt-11-inline-bar-iso2022jp": LONE_BAR,
    "nmh-02-format-top": PART_SOURCE,
    "nmh-03-format-inline": PART_SOURCE,
    "nmh-06-command": PART_SOURCE,
    "nmh-07-filter-ja-inline": PART_SOURCE,
    "nmh-08-customer-filter-bar": LONE_BAR,
    "nmh-09-customer-indent": INDENTED_SOURCE,
    "notmuch-emacs-06-customer-supercite": SUPERCITE,
    "wanderlust-04-thread-top": PART_TAG,
    "wanderlust-08-customer-top-ja": PART_TAG,
    "wanderlust-09-customer-inline-supercite": SUPERCITE,
    "wanderlust-10-attach-utf8": PART_TAG,
    "wanderlust-12-supercite-nested": PART_TAG,
    "wanderlust-13-supercite-verbose": SUPERCITE,
}
"""Samples that are not read right even when the mail answered is known, and why."""
NOT_READ_UNKNOWING: Mapping[str, str] = {
    "aerc-04-thread-top-sig": BARE_SIGNATURE,
    "alot-01-top": QUOTING,
    "alot-02-bottom": QUOTING,
    "alot-03-thread-inline": QUOTING,
    "alot-04-sig-command": QUOTING,
    "alot-05-customer-inline": QUOTING,
    "alot-06-attach": QUOTING,
    "alot-07-bar-inline": QUOTING,
    "mew-04-thread-top-utf8": FIELD_WORD,
    "mew-05-thread-inline-username": TITLED_NAME,
    "mew-09-customer-inline-supercite": SUPERCITE,
    "mew-11-cite-prefix-bar": LONE_BAR,
    "mh-e-05-customer-supercite": SUPERCITE,
    "mu4e-06-customer-supercite": SUPERCITE,
    "neomutt-11-inline-bar-iso2022jp": LONE_BAR,
    "nmh-08-customer-filter-bar": LONE_BAR,
    "nmh-09-customer-indent": INDENTED_SOURCE,
    "notmuch-emacs-06-customer-supercite": SUPERCITE,
    "wanderlust-09-customer-inline-supercite": SUPERCITE,
    "wanderlust-13-supercite-verbose": SUPERCITE,
}
"""Samples that are not read right when the mail answered is not known, and why."""


def _cases(wrong: Mapping[str, str]) -> list[Any]:
    return [
        pytest.param(name, marks=pytest.mark.xfail(strict=True, reason=wrong[name])) if name in wrong else name
        for name in NAMES
    ]


def test_every_sample_has_an_expectation_and_an_answered_mail() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.json")) == NAMES
    assert all((FOLDER / "answered" / f"{_case(name)['reply_to_mail']}.eml").exists() for name in NAMES)


@pytest.mark.parametrize("name", _cases(NOT_READ_KNOWING))
def test_an_answer_is_read_whole_and_alone_beside_the_mail_that_it_answers(name: str) -> None:
    answered = (FOLDER / "answered" / f"{_case(name)['reply_to_mail']}.eml").read_bytes()
    _assert_read(name, renderings(answered))


@pytest.mark.parametrize("name", _cases(NOT_READ_UNKNOWING))
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
