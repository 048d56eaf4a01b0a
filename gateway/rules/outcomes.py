"""What becomes of a message when nothing but its words and the state of its inquiry are known (design: the rules).

Pure. Who may be answered at all (RFC 3834) is decided elsewhere.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from gateway.mail.reply import divide
from gateway.rules.phrases import Phrases
from gateway.rules.says import Said, what_is_said

Outcome = Literal["answered", "filed", "human"]
POLITE = frozenset(("thanks", "acknowledged", "received"))
ENDING = frozenset(("solved", "withdrawn"))
WAITING = frozenset(("waiting",))  # for what the shop still owes, as it said
_ANSWER = re.compile(r"^\s*(?:re|aw|sv|回复|回覆|答复|답장|返信)\s*(?:\[\d+\])?\s*[:：]", re.IGNORECASE)


@dataclass(frozen=True)
class Decision:
    outcome: Outcome
    words: tuple[str, ...]


def decide(
    body: str, subject: str, prior_status: str, phrases: Mapping[str, Phrases], *, attachments: int = 0
) -> Decision:
    """The outcome and the words that decided. `body` is the whole text, with quotations and signature;
    `prior_status` is the state before this mail: new, unanswered, in_progress or done."""
    said = what_is_said(divide(body).text, phrases, subject)
    if attachments:
        return Decision("human", (f"attachments: {attachments}",))
    allowed = POLITE | ENDING | WAITING if prior_status == "in_progress" and said.says(POLITE) else POLITE | ENDING
    if said.only(allowed) is None:
        return Decision("human", said.words)
    if asked := _asked(subject, said, phrases):
        return Decision("human", asked)
    if any(one.classes & ENDING for one in said.sentences):
        return Decision("answered", said.words)
    outcomes: dict[str, Outcome] = {"done": "answered", "new": "answered", "in_progress": "filed"}
    return Decision(outcomes.get(prior_status, "human"), said.words)


def _asked(subject: str, said: Said, phrases: Mapping[str, Phrases]) -> tuple[str, ...]:
    """What a subject of the writer's own asks or complains of; one that answers ours repeats our words."""
    if _ANSWER.match(subject) or any("withdrawn" in one.classes or "solved" in one.classes for one in said.sentences):
        return ()
    own = what_is_said(subject, phrases)
    return tuple(
        f"subject, {find.name}: {find.words}"
        for find in own.doubts
        if find.name in ("question", "request", "complaint", "threat", "decision", "change")
    )
