"""Answers typed into graphical mail clients, each judged as sent, by its HTML alone and by its text alone."""

import json
import unicodedata
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest

from gateway.mail.parse import parse, renderings
from gateway.mail.reply import divide, divide_seller

FOLDER = Path(__file__).parent / "samples" / "clients_gui"
NAMES = sorted(path.stem for path in FOLDER.glob("*.eml"))
UNDELIMITED = "a signature above the quotation, where Thunderbird writes no '-- ' and the text no drawn line"
NOT_YET = {f"thunderbird-11-customer-sig-sent-{known}": UNDELIMITED for known in ("known", "unknown")}
"""What is still misread, by name, form and knowledge of the answered mail."""


def _expectation(name: str) -> dict[str, Any]:
    expectation: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return expectation


def _alone(raw: bytes, content_type: str) -> bytes:
    """The mail with the header it had and nothing but its first part of that type."""
    whole = message_from_bytes(raw)
    part = next(part for part in whole.walk() if part.get_content_type() == content_type)
    kept = (f"{field}: {value}\n" for field, value in whole.items() if not field.lower().startswith("content-"))
    return "".join(kept).encode() + part.as_bytes()


def _forms(name: str) -> list[str]:
    types = {part.get_content_type() for part in message_from_bytes((FOLDER / f"{name}.eml").read_bytes()).walk()}
    return ["sent", "html", "text"] if types >= {"text/plain", "text/html"} else ["sent"]


def _cases() -> list[Any]:
    return [
        pytest.param(
            name,
            form,
            known,
            id=(case := f"{name}-{form}-{'known' if known else 'unknown'}"),
            marks=[pytest.mark.xfail(strict=True, reason=NOT_YET[case])] if case in NOT_YET else [],
        )
        for name in NAMES
        for form in _forms(name)
        for known in (True, False)
    ]


@pytest.mark.parametrize(("name", "form", "known"), _cases())
def test_what_was_typed_into_a_graphical_client_is_read_whole_and_alone(name: str, form: str, known: bool) -> None:
    expectation = _expectation(name)
    raw = (FOLDER / f"{name}.eml").read_bytes()
    if form != "sent":
        raw = _alone(raw, {"html": "text/html", "text": "text/plain"}[form])
    sent = renderings((FOLDER / "answered" / f"{expectation['reply_to_mail']}.eml").read_bytes()) if known else ()
    reply = (divide_seller if expectation["direction"] == "seller" else divide)(parse(raw).text, sent)
    assert [command.line for command in reply.commands] == expectation["expected_directives"]
    assert reply.refused == ()
    readings = [
        _lines(reading) for reading in (expectation["expected_reply_text"], *expectation.get("also_accepted", []))
    ]
    assert _lines(reply.text) in readings


@pytest.mark.parametrize("name", NAMES)
def test_the_files_of_a_graphical_clients_answer_keep_their_names(name: str) -> None:
    mail = parse((FOLDER / f"{name}.eml").read_bytes())
    assert [file.name for file in mail.attachments] == _expectation(name)["attachments"]


def _lines(text: str) -> list[str]:
    """The lines that say something, whatever their width and white space."""
    return [" ".join(unicodedata.normalize("NFKC", line).split()) for line in text.split("\n") if line.strip()]
