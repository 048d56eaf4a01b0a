"""The settings of a store, as `store set KEY=VALUE` takes them and `store list` shows them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gateway.cli.context import USAGE, CommandError
from gateway.cli.people import checked_language
from gateway.desk.business_hours import parse_closed_days, parse_hours
from gateway.durations import format_duration, parse_duration
from gateway.store.tables import Store

LONGEST_HOLD = timedelta(hours=1)
LONGEST_ANSWER = 100_000  # characters


@dataclass(frozen=True)
class Setting:
    """A column of `store`: how its value is read from a text, and shown."""

    column: str
    read: Callable[[str], Any]
    show: Callable[[Any], Any] = lambda value: value


def _title(text: str) -> str:
    if not text.strip() or not text.isprintable() or len(text) > 200:
        raise ValueError("one line of at most 200 characters")
    return text.strip()


def _timezone(text: str) -> str:
    try:
        return ZoneInfo(text).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("an IANA time zone such as Asia/Tokyo") from None


def _hold(text: str) -> int:
    duration = parse_duration(text)
    if duration > LONGEST_HOLD:
        raise ValueError(f"at most {format_duration(LONGEST_HOLD)}")
    return int(duration.total_seconds())


def _max_chars(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= LONGEST_ANSWER:
        raise ValueError(f"a number from 1 to {LONGEST_ANSWER}")
    return int(text)


def _switch(text: str) -> bool:
    if text not in ("on", "off"):
        raise ValueError("on or off")
    return text == "on"


def _clock(text: str) -> str:
    """A time of day, or `off` for no digest."""
    if text != "off" and not re.fullmatch(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]", text):
        raise ValueError("a time of day such as 09:00, or off")
    return text


def _one_of(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError(" or ".join((", ".join(words[:-1]), words[-1])))
        return text

    return read


def _hours(text: str) -> str:
    parse_hours(text)
    return text


def _closed_days(text: str) -> str:
    parse_closed_days(text)
    return text


def _line(length: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if len(text) > length or (text and not text.isprintable()):
            raise ValueError(f"one line of at most {length} characters")
        return text

    return read


SETTINGS = {
    "title": Setting("title", _title),
    "language": Setting("language", checked_language),
    "timezone": Setting("timezone", _timezone),
    "hold": Setting("hold_seconds", _hold, lambda seconds: format_duration(timedelta(seconds=seconds))),
    "max_chars": Setting("max_chars", _max_chars),
    "receipts": Setting("receipts", _switch),
    "copies": Setting("copies", _switch),
    "subject_prefix": Setting("subject_prefix", _line(20)),
    "digest_at": Setting("digest_at", _clock),
    "reminders": Setting("reminders", _line(200)),
    "hours": Setting("hours", _hours),
    "closed_days": Setting("closed_days", _closed_days),
    "auto_notice": Setting("auto_notice", _one_of("notice", "digest", "off")),
    "active": Setting("active", _switch),
}


def read_settings(pairs: list[str]) -> dict[str, Any]:
    """Columns and values of `KEY=VALUE` pairs. Raises CommandError."""
    values = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals or key not in SETTINGS:
            near = get_close_matches(key, SETTINGS, 1)
            hint = f"did you mean {near[0]}=…?" if near else f"settings are {', '.join(SETTINGS)}"
            raise CommandError(f"{pair!r} sets nothing; {hint}", USAGE)
        setting = SETTINGS[key]
        try:
            values[setting.column] = setting.read(text)
        except ValueError as error:
            raise CommandError(f"{key} is {str(error).removeprefix('must be ')}, not {text!r}", USAGE) from None
    return values


def settings_of(store: Store) -> dict[str, Any]:
    """Every setting with its value, ready for JSON."""
    return {key: setting.show(getattr(store, setting.column)) for key, setting in SETTINGS.items()}
