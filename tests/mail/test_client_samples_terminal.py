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

NOT_READ_KNOWING: Mapping[str, str] = {
    "aerc-04-thread-top-sig": "a signature without a -- line below the quotation is taken for text",
    "mew-04-thread-top-utf8": "a written line beginning 件名: goes into the block of header fields far below it",
    "mew-05-thread-inline-username": "a name with 様 as prefix (佐藤様> ) is no quotation mark",
    "mew-09-customer-inline-supercite": "supercite: only lines marked with a long name as prefix, after four spaces",
    "mew-11-cite-prefix-bar": "inline below | : a quoted line that stands alone is taken for text",
    "neomutt-11-inline-bar-iso2022jp": "inline below | : a quoted line that stands alone is taken for text; さん曰く (DATE)",
    "nmh-02-format-top": "marked lines that are not in the mail answered (the source of its HTML part) are taken for text",
    "nmh-03-format-inline": "marked lines that are not in the mail answered (the source of its HTML part) are taken for text",
    "nmh-06-command": "marked lines that are not in the mail answered (the source of its HTML part) are taken for text",
    "nmh-07-filter-ja-inline": "marked lines that are not in the mail answered (the source of its HTML part) are taken for text",
    "nmh-08-customer-filter-bar": "inline below | : a quoted line that stands alone is taken for text; the source of the HTML part too",
    "nmh-09-customer-indent": "the source of the MIME parts, indented by a tab and a space, without marks",
    "notmuch-emacs-06-customer-supercite": "supercite: only lines marked with a long name as prefix, after four spaces",
    "wanderlust-04-thread-top": "the tag of a MIME part, [2  <text/html; utf-8 (base64)>], quoted at the end",
    "wanderlust-08-customer-top-ja": "the tag of a MIME part, [2  <text/html; utf-8 (base64)>], quoted at the end",
    "wanderlust-09-customer-inline-supercite": "supercite: only lines marked with a long name as prefix",
    "wanderlust-10-attach-utf8": "the tag of a MIME part, [2  <text/html; utf-8 (base64)>], quoted at the end",
    "wanderlust-12-supercite-nested": "the tag of a MIME part, [2  <text/html; utf-8 (base64)>], quoted at the end",
    "wanderlust-13-supercite-verbose": "supercite: only lines marked with a long name as prefix, after four spaces",
}
"""Samples that are not read right even when the mail answered is known, and why."""
NOT_READ_UNKNOWING: Mapping[str, str] = {
    "aerc-04-thread-top-sig": "a signature without a -- line below the quotation is taken for text",
    "mew-04-thread-top-utf8": "a written line beginning 件名: goes into the block of header fields far below it",
    "mew-05-thread-inline-username": "a name with 様 as prefix (佐藤様> ) is no quotation mark",
    "mew-09-customer-inline-supercite": "supercite: only lines marked with a long name as prefix, after four spaces",
    "mew-11-cite-prefix-bar": "inline below | : a quoted line that stands alone is taken for text",
    "neomutt-11-inline-bar-iso2022jp": "inline below | : a quoted line that stands alone is taken for text; さん曰く (DATE)",
    "nmh-08-customer-filter-bar": "inline below | : a quoted line that stands alone is taken for text; the source of the HTML part too",
    "nmh-09-customer-indent": "the source of the MIME parts, indented by a tab and a space, without marks",
    "notmuch-emacs-06-customer-supercite": "supercite: only lines marked with a long name as prefix, after four spaces",
    "wanderlust-09-customer-inline-supercite": "supercite: only lines marked with a long name as prefix",
    "wanderlust-13-supercite-verbose": "supercite: only lines marked with a long name as prefix, after four spaces",
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
