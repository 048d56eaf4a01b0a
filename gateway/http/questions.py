"""Which entries of a product's inquiries are shown, as questions with their answers. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from gateway.store.publications import PublicEntry


@dataclass(frozen=True)
class Answer:
    at: datetime
    text: str


@dataclass
class Question:
    """What a customer asked; `follow_ups` are the same customer's later questions in the same inquiry."""

    number: int
    asked_at: datetime
    text: str
    language: str
    answers: list[Answer] = field(default_factory=list)
    follow_ups: "list[Question]" = field(default_factory=list)


def questions(entries: Iterable[PublicEntry]) -> list[Question]:
    """One for each inquiry, in the order of the entries. What waits is shown once an answer after it has left."""
    found = []
    for _, thread in groupby(entries, key=lambda entry: entry.number):
        asked = _asked(list(thread))
        if asked:
            asked[0].follow_ups.extend(asked[1:])
            found.append(asked[0])
    return found


def as_json(found: Sequence[Question], zone: str) -> list[dict[str, Any]]:
    """The array that docs/operating.md promises; times are the store's own."""
    return [
        {"number": question.number}
        | _exchange(question, zone)
        | {"follow_ups": [_exchange(later, zone) for later in question.follow_ups]}
        for question in found
    ]


def _asked(thread: Sequence[PublicEntry]) -> list[Question]:
    asked: list[Question] = []
    last_answer = max((place for place, entry in enumerate(thread) if entry.has_left), default=-1)
    for place, entry in enumerate(thread):
        if entry.is_question and (entry.waits is None or place < last_answer):
            asked.append(Question(entry.number, entry.at, entry.text, entry.language))
        elif entry.has_left and asked:
            asked[-1].answers.append(Answer(entry.at, entry.text))
    return asked


def _exchange(question: Question, zone: str) -> dict[str, Any]:
    answers = [{"at": _iso(answer.at, zone), "text": answer.text} for answer in question.answers]
    return {"asked_at": _iso(question.asked_at, zone), "question": question.text, "answers": answers}


def _iso(at: datetime, zone: str) -> str:
    return at.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")
