"""How well rules judge labelled messages: which were answered, filed or left to a human, and which of that is wrong."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from gateway.mail import language
from gateway.mail.reply import divide
from gateway.rules.facts import Facts, InquiryFacts, MessageFacts
from gateway.rules.match import decide
from gateway.rules.reading import Later
from gateway.rules.ruleset import RuleSet

Outcome = Literal["answered", "filed", "human"]
POLITE_KINDS = ("thanks", "ack")
OWED = ("in_progress", "unanswered")


@dataclass(frozen=True)
class Decision:
    """What becomes of a message, and the words that decided."""

    outcome: Outcome
    words: tuple[str, ...]


@dataclass(frozen=True)
class Labelled:
    """One line of a file of labelled messages. `label` is auto, human or either (not scored)."""

    id: str
    lang: str
    label: str
    kind: str
    subject: str
    body: str
    prior_status: str
    attachments: int = 0


@dataclass(frozen=True)
class Judged:
    message: Labelled
    decision: Decision

    @property
    def is_wrong(self) -> bool:
        """A human's message that no human saw, or a thank-you answered while the shop still owes an answer."""
        message, outcome = self.message, self.decision.outcome
        if message.label == "human":
            return outcome != "human"
        return outcome == "answered" and message.kind in POLITE_KINDS and message.prior_status in OWED

    @property
    def is_missed(self) -> bool:
        return self.message.label == "auto" and self.decision.outcome == "human"


@dataclass
class Tally:
    """Of one language or kind: messages judged rightly, wrongly, and the `auto` ones that were not found."""

    right: int = 0
    wrong: int = 0
    missed: int = 0


@dataclass(frozen=True)
class Report:
    judged: tuple[Judged, ...]
    by_language: dict[str, Tally] = field(default_factory=dict)
    by_kind: dict[str, Tally] = field(default_factory=dict)

    @property
    def wrong(self) -> tuple[Judged, ...]:
        return tuple(one for one in self.judged if one.is_wrong)

    @property
    def missed(self) -> tuple[Judged, ...]:
        return tuple(one for one in self.judged if one.is_missed)

    @property
    def autos(self) -> int:
        return sum(one.message.label == "auto" for one in self.judged)

    @property
    def found(self) -> int:
        """The `auto` messages answered or filed."""
        return self.autos - len(self.missed)


def labelled(line: str) -> Labelled:
    """The message of one line of JSON. ValueError names what is missing or not of its type."""
    try:
        raw: dict[str, Any] = json.loads(line)
        texts = {name: raw.get(name, "") for name in ("id", "lang", "kind", "subject")}
        message = Labelled(
            **texts,
            label=raw["label"],
            body=raw["body"],
            prior_status=raw["prior_status"],
            attachments=raw.get("attachments", 0),
        )
    except KeyError as error:
        raise ValueError(f"{error.args[0]} is missing") from error
    except (TypeError, AttributeError) as error:
        raise ValueError("not an object with body, prior_status and label") from error
    if message.label not in ("auto", "human", "either"):
        raise ValueError(f"label is {message.label!r}: auto, human or either")
    return message


def judge(messages: Iterable[Labelled], decide: Callable[[Labelled], Decision]) -> Report:
    """Every message decided and told right, wrong or missed, by language and by kind."""
    judged = tuple(Judged(message, decide(message)) for message in messages)
    report = Report(judged)
    for one in judged:
        if one.message.label == "either" and not one.is_wrong:
            continue
        for tallies, name in ((report.by_language, one.message.lang), (report.by_kind, one.message.kind)):
            tally = tallies.setdefault(name, Tally())
            tally.wrong += one.is_wrong
            tally.missed += one.is_missed and not one.is_wrong
            tally.right += not (one.is_wrong or one.is_missed)
    return report


def decided(rules: RuleSet, message: Labelled) -> Decision:
    """What the rules make of it when nothing but its words and the state of its inquiry are known."""
    text = divide(message.body).text
    facts = Facts(
        message=MessageFacts(
            text=text,
            subject=message.subject,
            language=language.of(text),
            attachments=message.attachments,
            reading=Later(rules.phrases, text, message.subject),
        ),
        inquiry=InquiryFacts(status=message.prior_status),
    )
    verdict = decide(rules, facts)
    words = verdict.decisive.words if verdict.decisive else ()
    if verdict.effects.auto_respond:
        return Decision("answered", words)
    return Decision("filed" if verdict.effects.file else "human", words)
