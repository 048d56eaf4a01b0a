"""Replies in forms that attackers of the reader thought of (samples/forms): the new text, whole and alone."""

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.mail.commands import read_commands
from gateway.mail.explain import explain
from gateway.mail.parse import renderings
from tests.score.replies import divided, lines

FOLDER = Path(__file__).parent / "samples" / "forms"
NAMES = sorted(path.stem for path in FOLDER.glob("*.eml"))
LIMITS = {
    "more-edited-mid-sentence-enter": "a line of ours broken in two by hand, the second half without a mark",
    "more-html-gmail-hr": "drawn lines of the writer's above and below a quotation",
    "more-thread-outlook-flat4-2": "a line between two of ours, in the third of four mails of a thread without marks",
    "phish-E1": "fields of another mail that the writer listed, with a whole date, above a quotation",
    "oe-ja-badwrap-D1": "the rest of a quoted line, wrapped without marks in the middle of a word",
    "inline-longquote-badwrap-D1": "the same",
    "owa-blockquote-N1": "a writer's own block with a line drawn beside it, as clients draw it beside quotations",
    "gmail-indent-altgt-D1": "a writer's own block that the plain text shows with quote marks",
    "at-name-san-D2": "「山田さん:」 above a quotation, which may be a salutation",
    "at-name-san-N1": "the same",
    "empty-reply-outlook-D1": "a reply that says nothing, where the mail that is answered is not known",
    "foxmail-N1": "a header block without an address and without a blank line below it",
    "datula-N2": "two lines of an unknown mail that begin with | and no space",
}
"""Not read right in one way or both (docs/limits.md)."""


def _case(name: str) -> dict[str, Any]:
    case: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return case


def _wrong(name: str) -> list[str]:
    """The ways, knowing the answered mail or not, in which the new text does not come back."""
    case = _case(name)
    raw = (FOLDER / f"{name}.eml").read_bytes()
    answered = case["answers"] and (FOLDER / "answered" / f"{case['answers']}.eml").read_bytes()
    readings = [lines(reading) for reading in (case["reply"], *case.get("also", []))]
    may_stay = set(lines("\n".join(case.get("may_keep", [])))).difference(*readings)
    ways = {"known": renderings(answered) if answered else ()}
    ways |= {"unknown": ()} if case["told_without_the_mail"] else {}
    found = {way: divided(raw, "seller" if case["commands"] else "customer", sent) for way, sent in ways.items()}
    return [
        way
        for way, reply in found.items()
        if [line for line in lines(reply.text) if line not in may_stay] not in readings
        or [command.name for command in reply.commands]
        != [read_commands(line).commands[0].name for line in case["commands"]]
    ]


@pytest.mark.parametrize("name", [name for name in NAMES if name not in LIMITS])
def test_the_new_text_comes_back(name: str) -> None:
    assert _wrong(name) == []


@pytest.mark.parametrize("name", LIMITS)
def test_a_known_limit_still_is_one(name: str) -> None:
    assert _wrong(name) != []


@pytest.mark.parametrize("name", NAMES)
def test_nobody_is_a_machine(name: str) -> None:
    assert explain((FOLDER / f"{name}.eml").read_bytes())["machine"] is None
