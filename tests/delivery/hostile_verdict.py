"""T09, the verdict: what has to have become of a case's mail, at its first attempt and in the end."""

from collections.abc import Iterator
from email import message_from_bytes

from gateway.store.states import OutboxState
from tests.delivery.hostile import HOLD, LIFE, Seen
from tests.delivery.hostile_cases import Case, Ends
from tests.delivery.post import MINUTE, NOW

FIRST = {  # after the first attempt: its state, and the record of the attempt
    Ends.SENT: (OutboxState.SENT, "sent"),
    Ends.LATER: (OutboxState.QUEUED, "deferred"),
    Ends.REFUSED: (OutboxState.FAILED, "failed"),
    Ends.HELD: (OutboxState.QUEUED, "held"),
    Ends.RESENT: (OutboxState.UNCERTAIN, "uncertain"),
    Ends.UNKNOWN: (OutboxState.UNCERTAIN, "uncertain"),
    Ends.NEVER_AGAIN: (OutboxState.UNCERTAIN, "uncertain"),
}
LAST = {  # in the end: its state, the number of attempts, and what the desk was told in all
    Ends.SENT: (OutboxState.SENT, 1, ["delivered"]),
    Ends.LATER: (OutboxState.SENT, 2, ["delivered"]),
    Ends.REFUSED: (OutboxState.FAILED, 1, ["failed"]),
    Ends.HELD: (OutboxState.SENT, 2, ["delivered"]),
    Ends.RESENT: (OutboxState.SENT, 2, ["delivered"]),
    Ends.UNKNOWN: (OutboxState.UNCERTAIN, 2, ["unknown"]),
    Ends.NEVER_AGAIN: (OutboxState.UNCERTAIN, 1, ["unknown"]),
}


def problems(case: Case, mail: Seen) -> list[str]:
    """What is otherwise than it has to be."""
    return [
        f"{case.name}: {what}: {found!r}, not {wanted!r}"
        for what, found, wanted in _checks(case, mail)
        if found != wanted
    ]


def _checks(case: Case, mail: Seen) -> Iterator[tuple[str, object, object]]:
    first, last = mail.first, mail.last
    yield "first", (first.state, mail.attempts[0].outcome), FIRST[case.ends]
    yield "reply", (first.reply or "")[: len(case.reply)], case.reply
    if case.ends is Ends.HELD:  # no mail grows old by a fault of ours
        yield "next attempt and life", (first.next_at, first.expires_at), (NOW + HOLD, NOW + LIFE + HOLD)
    elif case.ends in (Ends.LATER, Ends.RESENT, Ends.UNKNOWN):
        yield "next attempt and life", (first.next_at, first.expires_at), (NOW + MINUTE, NOW + LIFE)
    yield "last", (last.state, last.attempts, mail.told), LAST[case.ends]
    yield "dead", mail.is_dead, case.is_dead
    yield "copies", len(mail.copies), case.kept
    ids = {message_from_bytes(copy)["Message-ID"] for copy in mail.copies}
    yield "other mails", ids - {mail.queued.message_id}, set()
