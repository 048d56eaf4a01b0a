"""What came of one question."""

from dataclasses import dataclass
from enum import StrEnum


class Result(StrEnum):
    OK = "ok"
    NOTE = "note"  # works, but somebody should know
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """`check` names the question in a word or two; `remedy` is one plain sentence, "" where all is well."""

    check: str
    result: Result
    text: str
    remedy: str = ""


def ok(check: str, text: str) -> Finding:
    return Finding(check, Result.OK, text)


def note(check: str, text: str, remedy: str) -> Finding:
    return Finding(check, Result.NOTE, text, remedy)


def wrong(check: str, text: str, remedy: str) -> Finding:
    return Finding(check, Result.WRONG, text, remedy)
