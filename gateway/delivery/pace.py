"""How many retries may begin in a second: what waited for the same moment does not come back in one burst.

A clock that is put right, a smarthost that is back after hours: then every mail that waits is due at once.
"""

import time
from collections.abc import Callable

RETRIES_PER_SECOND = 30.0
BURST = 10  # of these at once; with the rate, and ten in flight that were held up, never more than 50 in any second


class Pace:
    """A bucket that fills at `rate` a second, up to BURST."""

    def __init__(self, rate: float = RETRIES_PER_SECOND, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._clock = rate, clock
        self._filled, self._at = float(BURST), clock()

    @property
    def allowance(self) -> int:
        """How many may begin now."""
        now = self._clock()
        self._filled = min(BURST, self._filled + (now - self._at) * self._rate)
        self._at = now
        return int(self._filled)

    def spend(self, retries: int) -> None:
        self._filled -= retries
