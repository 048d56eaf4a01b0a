"""Compares what was promised with what is there."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

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
    uncertain: Iterable[Mapping[str, Any]],
) -> Verdict:
    """`stored` counts inquiry messages by the customer's Message-ID; for the rest see `judge_arrivals`."""
    verdict = judge_arrivals(acknowledged, arrivals, uncertain)
    promised = {mail.message_id for mail in acknowledged}
    verdict.fail("acknowledged and lost", sorted(promised - stored.keys()))
    verdict.fail("stored more than once", (m for m, n in stored.items() if n > 1))
    verdict.fail("stored but never sent", sorted(stored.keys() - promised))
    return verdict


def judge_arrivals(
    acknowledged: list[CustomerMail], arrivals: Iterable[Arrival], uncertain: Iterable[Mapping[str, Any]]
) -> Verdict:
    """What came of the mails outside. `uncertain` are the mails of ours that `ledger check --json` names so."""
    broken_off = {row["message_id"]: row["uncertain_attempts"] for row in uncertain}
    left = {row["to"] for row in uncertain if row["kind"] == "auto_response" and row["state"] == "uncertain"}
    verdict = Verdict(len(acknowledged), uncertain=len(broken_off))
    verdict.fail("acknowledged twice by the sender's own list", (m for m, n in _count(acknowledged).items() if n > 1))

    arrived: Counter[str] = Counter()
    notified: dict[tuple[str, str], set[str]] = {}
    answered: Counter[tuple[str, str]] = Counter(
        {(mail.mark, mail.mail_from): 0 for mail in acknowledged if mail.is_thanks}
    )
    for arrival in arrivals:
        arrived[arrival.message_id] += 1
        if arrival.is_list or (arrival.recipient == OPERATOR and not arrival.marks):
            continue  # a digest, or what the gateway says of itself
        if len(arrival.marks) != 1:
            verdict.fail("at the sink that show not exactly one mail", [arrival])
        for mark in arrival.marks:
            if (mark, arrival.recipient) in answered:
                answered[mark, arrival.recipient] += 1
            else:
                notified.setdefault((mark, arrival.recipient), set()).add(arrival.message_id)
    verdict.fail("automatic answers doubled", (key for key, times in answered.items() if times > 1))
    # An automatic answer that died with its process is never sent again, but named, and left to a person.
    missing = [key for key, times in answered.items() if not times]
    unexplained = [(mark, customer) for mark, customer in missing if customer not in left]
    verdict.fail("automatic answers missing that no dead process explains", unexplained)
    owed = {(mail.mark, seller) for mail in acknowledged for seller in mail.sellers}
    verdict.fail("without a notification", sorted(owed - notified.keys()))
    verdict.fail("notified to somebody who is no seller of that store", sorted(notified.keys() - owed))
    # That nobody knows whether an automatic answer has left, its sellers are told in a letter of its own.
    told = {mail.mark for mail in acknowledged if mail.is_thanks and mail.mail_from in left}
    several = [key for key, ids in notified.items() if len(ids) > 1 + (key[0] in told)]
    verdict.fail("with notifications under several Message-IDs", several)

    verdict.answers = len(answered) - len(missing)
    verdict.notifications = sum(map(len, notified.values()))
    verdict.copies = sum(arrived.values()) - len(arrived)
    unexplained_copies = [m for m, times in arrived.items() if times > 1 + broken_off.get(m, 0)]
    verdict.fail("copies that no dead process explains", unexplained_copies)
    return verdict


def _count(mails: list[CustomerMail]) -> Counter[str]:
    return Counter(mail.message_id for mail in mails)
