"""What rules make of a customer's mail, as values: a part of effects.py."""

from dataclasses import dataclass
from datetime import datetime

from gateway.rules.ruleset import Match
from gateway.store.states import InquiryStatus, RuleOutcome


@dataclass(frozen=True)
class Label:
    """What rules call the inquiry. None and () leave it as it is; tags are added."""

    category: str | None
    kind: str | None
    tags: tuple[str, ...]


@dataclass(frozen=True)
class Remind:
    """The sellers are reminded then, unless the inquiry is done."""

    at: datetime


@dataclass(frozen=True)
class FollowRules:
    """What rules make of the customer's mail whose entry was made last, as far as the limits of number and the merge
    fields let them, which only the database knows."""

    version: str
    prior_status: str  # before this mail; new for a first one
    outcome: RuleOutcome  # unless something stops the answer
    matches: tuple[Match, ...]  # those that act
    shadowed: tuple[Match, ...]
    decisive: Match | None  # the one that answers, files or quarantines
    repeats: str | None  # the handled inquiry that the mail repeats, if that is what decides
    bar: str | None  # why rules may do no more than sort (RFC 3834)
    reply: str | None  # the name of the text to answer with
    answer: str | None  # that text, its merge fields unfilled
    status: InquiryStatus | None  # after this mail; None for as it is
    otherwise: InquiryStatus | None  # after it, when the answer is stopped
    notify: bool  # the sellers get the notification
    notice: bool  # the store's own way of telling what rules did applies
    also: tuple[str, ...]  # addresses that get the notification too
    raw: bool  # the mail as it came goes along


@dataclass(frozen=True)
class UndoRules:
    """A seller says that a human was needed: the inquiry waits for an answer again, and the sellers get the mail."""

    message_id: int
    by: str
