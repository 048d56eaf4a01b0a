"""Clients that keep naming addresses which do not exist: how many each may name, and for how long it is remembered.

A bucket for each client leaks at a steady rate. What is refused beyond it is not counted, so that a big sender with its
share of stale addresses always has its hourly number of final answers (A08, A27).
"""

from collections import OrderedDict
from time import monotonic

from gateway.intake.clients import client_of

HOUR = 3600.0
CLIENTS = 10_000  # remembered at once, about 200 octets each; the one that was seen longest ago makes room


class Failures:
    """`per_hour` refused recipients of one IPv4 address or one IPv6 /64, the least that one person is given."""

    def __init__(self, per_hour: int) -> None:
        self._limit = per_hour
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()  # how full, and when

    def note(self, client: str) -> bool:
        """Counts one; False, without counting, when the client has had its share."""
        name, now = client_of(client), monotonic()
        level, at = self._levels.pop(name, (0.0, now))
        level = max(0.0, level - (now - at) * self._limit / HOUR)
        within = level + 1 <= self._limit
        self._levels[name] = (level + within, now)
        if len(self._levels) > CLIENTS:
            self._levels.popitem(last=False)
        return within
