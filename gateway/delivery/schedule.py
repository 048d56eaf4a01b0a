"""When a mail that was not delivered is tried again (RFC 5321 4.5.4.1, N10). Pure."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

JITTER = 0.1  # of each waiting time, up or down: what failed together does not come back together


@dataclass(frozen=True)
class Schedule:
    """The waiting times after each attempt; the last repeats. `chance` gives a number in [0, 1)."""

    steps: tuple[timedelta, ...]
    chance: Callable[[], float] = random.random

    def wait(self, attempts: int) -> timedelta:
        """The time from the beginning of attempt number `attempts` (from 1) to the next."""
        step = self.steps[min(attempts, len(self.steps)) - 1]
        return step * (1 + JITTER * (2 * self.chance() - 1))
