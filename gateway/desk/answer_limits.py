"""How many automatic answers are enough (RFC 3834 2, RFC 5230 4.2, N30, A12, A13): the reason for none more. Pure."""

from dataclasses import dataclass

from gateway.store.auto_answers import Counts

PER_INQUIRY = 1  # ever
PER_RULE = 1  # to one customer of one store in seven days
PER_ADDRESS = 3  # a day: an address that is not the writer's must not be flooded
EXCHANGED = 5  # mails of one customer and store in ten minutes without a seller: two machines talk


@dataclass(frozen=True)
class AnswerLimits:
    """What the operator sets: answers in an hour."""

    per_hour: int = 200
    per_store_per_hour: int = 60


USUAL = AnswerLimits()


def reached(counts: Counts, limits: AnswerLimits) -> str | None:
    """The name of the first limit that is reached, a key of the texts under `withheld`; None when one may answer."""
    table = (
        ("loop", counts.exchanged, EXCHANGED),
        ("inquiry", counts.in_inquiry, PER_INQUIRY),
        ("sender", counts.by_rule, PER_RULE),
        ("address", counts.to_address, PER_ADDRESS),
        ("store", counts.of_store, limits.per_store_per_hour),
        ("gateway", counts.of_gateway, limits.per_hour),
    )
    return next((name for name, count, limit in table if count >= limit), None)
