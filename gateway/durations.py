"""Lengths of time as people write them in configuration and rules: `90s`, `1m`, `2h`, `5d`."""

import re
from datetime import timedelta

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}  # seconds
LONGEST = timedelta(days=3660)

_DURATION = re.compile(r"([0-9]{1,9})([smhd])")


def parse_duration(text: str) -> timedelta:
    """`90s`, `1m`, `2h`, `5d`. Raises ValueError."""
    given = f'"{text}"' if len(text) <= 60 else f'"{text[:57]}…"'
    match = _DURATION.fullmatch(text)
    if not match:
        raise ValueError(f'must be a time such as "30s", "5m", "2h" or "5d", not {given}')
    duration = timedelta(seconds=int(match[1]) * UNITS[match[2]])
    if duration > LONGEST:
        raise ValueError(f"must be at most {LONGEST.days}d, not {given}")
    return duration


def format_duration(duration: timedelta) -> str:
    """The shortest form that `parse_duration` reads as the same."""
    seconds = int(duration.total_seconds())
    if not seconds:
        return "0s"
    unit = next(unit for unit, length in reversed(UNITS.items()) if seconds % length == 0)
    return f"{seconds // UNITS[unit]}{unit}"
