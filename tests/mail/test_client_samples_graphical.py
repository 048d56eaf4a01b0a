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
UNDELIMITED = (
    "a signature above the quotation, where Thunderbird and Geary write no '-- ' and the text has no drawn line"
)
MARKED = "an element moz-signature (class) or geary-signature (id) above the quotation is not taken as a signature"
FORWARDED = "the last line of a known mail forwarded inline, a link rendered as `words <address>`, is taken as written"
HEADER_BLOCK = (
    "`-------- オリジナルのメッセージ --------` above a header block is taken as written; of the known mail below an"
    " unmarked header block, the words of its last link are"
)
OVERFLOWN = "the second piece of a quoted line that KMail wraps on sending bears no mark and is taken as written"
NOT_YET = {
    "geary-08-customer-sig-sent-known": UNDELIMITED,
    "geary-08-customer-sig-sent-unknown": UNDELIMITED,
    "geary-09-html-customer-sig-sent-known": UNDELIMITED,
    "geary-09-html-customer-sig-sent-unknown": UNDELIMITED,
    "geary-09-html-customer-sig-text-known": UNDELIMITED,
    "geary-09-html-customer-sig-text-unknown": UNDELIMITED,
    "geary-12-html-project-customer-top-sent-known": UNDELIMITED,
    "geary-12-html-project-customer-top-sent-unknown": UNDELIMITED,
    "geary-12-html-project-customer-top-text-known": UNDELIMITED,
    "geary-12-html-project-customer-top-text-unknown": UNDELIMITED,
    "thunderbird-11-customer-sig-sent-known": UNDELIMITED,
    "thunderbird-11-customer-sig-sent-unknown": UNDELIMITED,
    "thunderbird-79-plain-signature-above-sent-known": UNDELIMITED,
    "thunderbird-79-plain-signature-above-sent-unknown": UNDELIMITED,
    "thunderbird-80-html-both-plain-signature-above-sent-known": UNDELIMITED,
    "thunderbird-80-html-both-plain-signature-above-sent-unknown": UNDELIMITED,
    "thunderbird-80-html-both-plain-signature-above-text-known": UNDELIMITED,
    "thunderbird-80-html-both-plain-signature-above-text-unknown": UNDELIMITED,
    "geary-09-html-customer-sig-html-known": MARKED,
    "geary-09-html-customer-sig-html-unknown": MARKED,
    "geary-12-html-project-customer-top-html-known": MARKED,
    "geary-12-html-project-customer-top-html-unknown": MARKED,
    "thunderbird-78-html-only-html-signature-sent-known": MARKED,
    "thunderbird-78-html-only-html-signature-sent-unknown": MARKED,
    "thunderbird-80-html-both-plain-signature-above-html-known": MARKED,
    "thunderbird-80-html-both-plain-signature-above-html-unknown": MARKED,
    "thunderbird-88-html-only-customer-signature-above-sent-known": MARKED,
    "thunderbird-88-html-only-customer-signature-above-sent-unknown": MARKED,
    "thunderbird-76-forwarded-sent-known": FORWARDED,
    "thunderbird-77-html-both-forwarded-html-known": FORWARDED,
    "thunderbird-77-html-both-forwarded-sent-known": FORWARDED,
    "thunderbird-77-html-both-forwarded-text-known": FORWARDED,
    "evolution-08-outlook-style-sent-known": HEADER_BLOCK,
    "evolution-08-outlook-style-sent-unknown": HEADER_BLOCK,
    "evolution-13-html-outlook-style-html-known": HEADER_BLOCK,
    "evolution-13-html-outlook-style-html-unknown": HEADER_BLOCK,
    "evolution-13-html-outlook-style-sent-known": HEADER_BLOCK,
    "evolution-13-html-outlook-style-sent-unknown": HEADER_BLOCK,
    "evolution-13-html-outlook-style-text-known": HEADER_BLOCK,
    "evolution-13-html-outlook-style-text-unknown": HEADER_BLOCK,
    "evolution-26-english-html-outlook-style-html-known": HEADER_BLOCK,
    "evolution-26-english-html-outlook-style-sent-known": HEADER_BLOCK,
    "evolution-26-english-html-outlook-style-text-known": HEADER_BLOCK,
    "kmail-06-project-thread-bottom-sent-unknown": OVERFLOWN,
}
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
