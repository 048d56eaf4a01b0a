"""Who may be connected (A26): so many at all, so many of one client, and at the cap the slowest one goes.

A stranger that has not finished a mail gives way to whoever comes; relays of ours and clients that delivered before
never do, and a part of the places is theirs alone. What a connection says is not known here.
"""

from collections import Counter
from typing import Protocol

from gateway.intake import replies
from gateway.intake.clients import Acquaintances

GRACE = 1.0  # seconds in which nobody counts as slow: an honest client answers at once


class Member(Protocol):
    """One connection."""

    client: str  # see clients.client_of
    trusted: bool  # a relay of ours
    settled: bool  # gives way to nobody

    def give_way(self) -> None:
        """Ends, with 421: its place is another's already."""


class Places:
    """`most` connections at once, `kept` of them for those who are known, `of_one_client` of each other client.
    `turned_away` counts by reason. Times are monotonic seconds."""

    def __init__(
        self, most: int, of_one_client: int, kept: int, known: Acquaintances, turned_away: Counter[str]
    ) -> None:
        self._most, self._of_one_client, self._kept = most, of_one_client, kept
        self._known, self._turned_away = known, turned_away
        self._members: set[Member] = set()
        self._of_client: Counter[str] = Counter()
        self._waited_for: dict[Member, float] = {}  # since when: the slowest first

    def __len__(self) -> int:
        return len(self._members)

    @property
    def share(self) -> float:
        """Of the places of strangers, how many are taken: 1.0 when there is none left."""
        return len(self._members) / (self._most - self._kept)

    def admit(self, member: Member, now: float) -> str | None:
        """None, or the reply for a connection that must go at once."""
        member.settled = member.trusted or member.client in self._known
        if not member.trusted and self._of_client[member.client] >= self._of_one_client:
            self._turned_away["client"] += 1
            return replies.TOO_MANY_OF_YOURS
        if len(self._members) >= self._most - (0 if member.settled else self._kept) and not self._make_room(now):
            self._turned_away["full"] += 1
            return replies.TOO_BUSY
        self._members.add(member)
        self._of_client[member.client] += 1
        self.progressed(member, now)
        return None

    def _make_room(self, now: float) -> bool:
        slowest = next(iter(self._waited_for), None)
        if slowest is None or now - self._waited_for[slowest] < GRACE:
            return False
        self._turned_away["slow"] += 1
        self.forget(slowest)
        slowest.give_way()
        return True

    def progressed(self, member: Member, now: float) -> None:
        """It said something whole, or sends its mail fast enough; from now on it is waited for again."""
        self.at_work_for(member)
        if member in self._members and not member.settled:
            self._waited_for[member] = now

    def at_work_for(self, member: Member) -> None:
        """It waits for us: no fault of its own."""
        self._waited_for.pop(member, None)

    def delivered(self, member: Member) -> None:
        """It has finished a mail."""
        member.settled = True
        self._known.add(member.client)
        self._waited_for.pop(member, None)

    def forget(self, member: Member) -> None:
        """The connection is over."""
        if member not in self._members:
            return
        self._members.remove(member)
        self._waited_for.pop(member, None)
        self._of_client[member.client] -= 1
        if not self._of_client[member.client]:
            del self._of_client[member.client]
