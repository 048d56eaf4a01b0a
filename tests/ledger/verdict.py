"""Compares what was promised with what is there."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.ledger.mails import OPERATOR, CustomerMail
from tests.ledger.sink import Arrival

SHOWN = 5  # examples of each failure


@dataclass
class Verdict:
    """`failures` is empty when every promise was kept."""

    acknowledged: int
    notifications: int = 0  # distinct Message-IDs at the sink, to sellers
    answers: int = 0  # to customers, by rules
    copies: int = 0  # further copies of these
    uncertain: int = 0  # that the gateway itself names as possibly sent twice
    failures: list[str] = field(default_factory=list)

    def fail(self, what: str, which: Iterable[object]) -> None:
        if cases := list(which):
            shown = ", ".join(str(case) for case in cases[:SHOWN])
            self.failures.append(f"{len(cases)} {what}: {shown}{' …' if len(cases) > SHOWN else ''}")


def judge(
    acknowledged: list[CustomerMail],
    stored: Counter[str],
    arrivals: Iterable[Arrival],
    uncertain: set[str],
) -> Verdict:
    """`stored` counts inquiry messages by the customer's Message-ID; `uncertain` are ours that `ledger check` lists."""
    verdict = Verdict(len(acknowledged), uncertain=len(uncertain))
    promised = {mail.message_id for mail in acknowledged}
    verdict.fail("acknowledged twice by the sender's own list", (m for m, n in _count(acknowledged).items() if n > 1))
    verdict.fail("acknowledged and lost", sorted(promised - stored.keys()))
    verdict.fail("stored more than once", (m for m, n in stored.items() if n > 1))
    verdict.fail("stored but never sent", sorted(stored.keys() - promised))

    arrived: Counter[str] = Counter()
    notified: dict[tuple[str, str], set[str]] = {}
    answered: Counter[tuple[str, str]] = Counter(
        {(mail.mark, mail.mail_from): 0 for mail in acknowledged if mail.is_thanks}
    )
    for arrival in arrivals:
        arrived[arrival.message_id] += 1
        if arrival.recipient == OPERATOR and not arrival.marks:
            continue  # what the gateway says of itself
        if len(arrival.marks) != 1:
            verdict.fail("at the sink that show not exactly one mail", [arrival])
        for mark in arrival.marks:
            if (mark, arrival.recipient) in answered:
                answered[mark, arrival.recipient] += 1
            else:
                notified.setdefault((mark, arrival.recipient), set()).add(arrival.message_id)
    verdict.fail("automatic answers doubled", (key for key, times in answered.items() if times > 1))
    missing = [key for key, times in answered.items() if not times]
    owed = {(mail.mark, seller) for mail in acknowledged for seller in mail.sellers}
    # What died with its process is sent once more, an automatic answer never; then it is named, and left to a person.
    if len(missing) + len(owed - notified.keys()) > len(uncertain - arrived.keys()):
        verdict.fail("automatic answers missing that no dead process explains", missing)
        verdict.fail("without a notification", sorted(owed - notified.keys()))
    verdict.fail("notified to somebody who is no seller of that store", sorted(notified.keys() - owed))
    # The sellers, two at most, are told in a letter of its own that nobody knows whether a mail has left.
    several = [key for key, ids in notified.items() if len(ids) > 1]
    if len(several) > 2 * len(uncertain) or any(len(ids) > 2 for ids in notified.values()):
        verdict.fail("with notifications under several Message-IDs", several)

    verdict.answers = len(answered) - len(missing)
    verdict.notifications = sum(map(len, notified.values()))
    verdict.copies = sum(arrived.values()) - len(arrived)
    verdict.fail(
        "copies that no dead process explains", (m for m, n in arrived.items() if n > 1 and m not in uncertain)
    )
    verdict.fail("sent more than twice", (m for m, n in arrived.items() if n > 2))
    return verdict


def _count(mails: list[CustomerMail]) -> Counter[str]:
    return Counter(mail.message_id for mail in mails)
