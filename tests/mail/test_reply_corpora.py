"""How often the new text of others' mails is found whole and alone. The floors were measured; they only rise."""

import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.mail.parse import parse
from gateway.mail.reply import divide, divide_seller
from tests.corpora import require

PUBLIC_FLOORS = {"talon": 51, "quotequail": 6, "willdurand-emailreplyparser": 20, "mail-parser-reply": 26}
"""Right cases. Of the others, talon keeps a signature, a footer and a forwarded mail that we take away, wraps one
attribution as no client does and contradicts itself once; mail-parser-reply twice forbids a "Hej" that was written;
one of willdurand's has an unmarked quotation below nothing but a footer."""


@pytest.fixture
def root() -> Path:
    return require()


def test_real_and_reconstructed_clients_replies_are_divided_right_when_the_mail_they_answer_is_known(
    root: Path,
) -> None:
    wrong = [path.name for path in _client_replies(root) if not _is_right(path, known=True)]
    assert wrong == []


def test_without_knowing_the_mail_at_least_98_of_100_clients_replies_are_divided_right(root: Path) -> None:
    paths = list(_client_replies(root))
    wrong = [path.name for path in paths if not _is_right(path, known=False)]
    assert len(wrong) <= len(paths) * 2 // 100, wrong


def test_no_word_of_any_writer_is_lost_in_the_clients_replies(root: Path) -> None:
    for known in (True, False):
        for path in _client_replies(root):
            expectation = _expectation(path)
            found = set(_lines(_divided(path, expectation, known)))
            readings = [expectation["expected_reply_text"], *(expectation.get("also_accepted") or [])]
            assert any(found >= set(_lines(reading)) for reading in readings), path.name


@pytest.mark.parametrize("name", PUBLIC_FLOORS)
def test_public_reply_corpora_stay_at_the_measured_level(root: Path, name: str) -> None:
    cases = [json.loads(line) for line in (root / name / "cases.reply.jsonl").read_text("utf-8").splitlines()]
    right = sum(_is_public_case_right(root / name, case) for case in cases)
    assert right >= PUBLIC_FLOORS[name]


def _client_replies(root: Path) -> Iterator[Path]:
    folder = root / "client-replies"
    yield from sorted(folder.glob("*.eml"))
    yield from sorted((folder / "reconstructed").glob("*.eml"))


def _expectation(path: Path) -> dict[str, Any]:
    expectation: dict[str, Any] = json.loads(path.with_suffix(".json").read_text("utf-8"))
    return expectation


def _divided(path: Path, expectation: dict[str, Any], known: bool) -> str:
    folder = path.parent if path.parent.name == "client-replies" else path.parent.parent
    answered = folder / "notifications" / f"{expectation['reply_to_mail']}.eml"
    sent = [parse(answered.read_bytes()).text] if known else []
    divider = divide_seller if expectation["direction"] == "seller" else divide
    reply = divider(parse(path.read_bytes()).text, sent)
    assert [command.line for command in reply.commands] == expectation["expected_directives"], path.name
    return reply.text


def _is_right(path: Path, known: bool) -> bool:
    expectation = _expectation(path)
    found = _lines(_divided(path, expectation, known))
    return any(
        found == _lines(reading)
        for reading in (expectation["expected_reply_text"], *(expectation.get("also_accepted") or []))
    )


def _is_public_case_right(folder: Path, case: dict[str, Any]) -> bool:
    text = case.get("input") or (folder / case["file"]).read_text("utf-8", errors="replace")
    found = divide(text).text
    expected = case.get("expected")
    return (
        (expected is None or _without_rules(found) == _without_rules(expected))
        and all(must in found for must in case.get("must") or [])
        and not any(forbidden in found for forbidden in case.get("must_not") or [])
    )


def _lines(text: str) -> list[str]:
    return [unicodedata.normalize("NFKC", line).strip() for line in text.split("\n") if line.strip()]


def _without_rules(text: str) -> list[str]:
    return [line for line in _lines(text) if line.strip("-_=")]
