"""Every state a row can have, what it means, and the legal transitions.

Each table keeps the state it came from (`prior_state`) beside the state it has; a CHECK made from the tables below
refuses any pair that is not listed, so that no code path, ours or a hand at the SQL prompt, can make an illegal step.
"""

from collections.abc import Mapping
from enum import StrEnum

from sqlalchemy import CheckConstraint


class InquiryStatus(StrEnum):
    """状態. QAPI calls them S1, S2, S3."""

    UNANSWERED = "unanswered"  # 未回答: the customer waits for a first answer, or wrote again
    IN_PROGRESS = "in_progress"  # 処理中: the shop answered and owes more
    DONE = "done"  # 処理完了


class Origin(StrEnum):
    """受付元: how the inquiry came in."""

    PRODUCT_PAGE = "product_page"
    MY_PAGE = "my_page"
    DIRECT = "direct"
    MARKETPLACE = "marketplace"


class Direction(StrEnum):
    IN = "in"
    OUT = "out"
    INTERNAL = "internal"  # kept in the thread, seen by the shop only


class Author(StrEnum):
    CUSTOMER = "customer"
    SELLER = "seller"
    RULE = "rule"
    GATEWAY = "gateway"
    STAFF = "staff"


class ReceivedState(StrEnum):
    """A mail that was answered 250."""

    RECEIVED = "received"  # stored, not yet understood
    DONE = "done"  # its effects are in the tables
    SET_ASIDE = "set_aside"  # could not be understood; raw kept, told as 「読めないメール」, can be replayed
    DUPLICATE = "duplicate"  # the same mail came before (RFC 1047)


class OutboxState(StrEnum):
    """A mail that we send."""

    QUEUED = "queued"  # waits for next_at
    SENDING = "sending"  # an attempt was written; the network may have been touched
    SENT = "sent"  # the smarthost's 250 is recorded
    FAILED = "failed"  # given up, or refused for good
    HELD = "held"  # waits for a person
    CANCELLED = "cancelled"  # stopped by a person before it left
    UNCERTAIN = "uncertain"  # a process died during an attempt: it may or may not have left


class DraftState(StrEnum):
    """A seller's reply that was held instead of sent."""

    HELD = "held"
    SENT = "sent"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class RuleOutcome(StrEnum):
    """What the rules did with a customer's mail."""

    ANSWERED = "answered"
    WITHHELD = "withheld"  # a rule answered, and a limit of number kept the mail back: the rest was done
    FILED = "filed"
    QUARANTINED = "quarantined"
    HUMAN = "human"  # the sellers were told, whatever else was done
    BARRED = "barred"  # nothing that silences or answers was allowed (RFC 3834): the sellers were told


Transitions = Mapping[StrEnum, frozenset[StrEnum]]

INQUIRY: Transitions = {
    InquiryStatus.UNANSWERED: frozenset({InquiryStatus.IN_PROGRESS, InquiryStatus.DONE}),
    InquiryStatus.IN_PROGRESS: frozenset({InquiryStatus.UNANSWERED, InquiryStatus.DONE}),
    InquiryStatus.DONE: frozenset({InquiryStatus.UNANSWERED, InquiryStatus.IN_PROGRESS}),
}
RECEIVED: Transitions = {
    ReceivedState.RECEIVED: frozenset({ReceivedState.DONE, ReceivedState.SET_ASIDE, ReceivedState.DUPLICATE}),
    ReceivedState.SET_ASIDE: frozenset({ReceivedState.RECEIVED}),  # replay
    ReceivedState.DONE: frozenset(),
    ReceivedState.DUPLICATE: frozenset(),
}
OUTBOX: Transitions = {
    OutboxState.QUEUED: frozenset(
        {OutboxState.SENDING, OutboxState.HELD, OutboxState.CANCELLED, OutboxState.FAILED}  # FAILED: its life is over
    ),
    OutboxState.SENDING: frozenset(
        {OutboxState.SENT, OutboxState.QUEUED, OutboxState.FAILED, OutboxState.HELD, OutboxState.UNCERTAIN}
    ),
    OutboxState.UNCERTAIN: frozenset({OutboxState.SENDING, OutboxState.QUEUED, OutboxState.CANCELLED}),
    OutboxState.HELD: frozenset({OutboxState.QUEUED, OutboxState.CANCELLED}),
    OutboxState.FAILED: frozenset({OutboxState.QUEUED}),  # the operator's retry
    OutboxState.SENT: frozenset({OutboxState.FAILED}),  # it bounced
    OutboxState.CANCELLED: frozenset(),
}
DRAFT: Transitions = {
    DraftState.HELD: frozenset({DraftState.SENT, DraftState.CANCELLED, DraftState.EXPIRED}),
    DraftState.SENT: frozenset(),
    DraftState.CANCELLED: frozenset(),
    DraftState.EXPIRED: frozenset(),
}


def sources(table: Transitions, target: StrEnum) -> list[StrEnum]:
    """The states from which `target` may be reached: the WHERE of every state change."""
    return [state for state, targets in table.items() if target in targets]


def one_of(column: str, enum: type[StrEnum], name: str) -> CheckConstraint:
    """CHECK that the column holds a value of the enum."""
    values = ", ".join(f"'{value}'" for value in enum)
    return CheckConstraint(f"{column} IN ({values})", name=name)


def legal_steps(column: str, prior: str, table: Transitions, name: str) -> CheckConstraint:
    """CHECK that (prior, column) is a listed transition, or the first state (no prior)."""
    pairs = [f"'{a}>{b}'" for a, targets in table.items() for b in sorted(targets)]
    return CheckConstraint(f"{prior} IS NULL OR {prior} || '>' || {column} IN ({', '.join(pairs)})", name=name)
