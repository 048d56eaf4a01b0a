"""From the words of a snooze, `明日` or `2026-12-01`, to the moment at which the inquiry comes back. Pure.

A day means the store's morning: when it opens on that day of its calendar, or would on any other.
"""

import re
from datetime import date, datetime, timedelta

from gateway.desk.business_hours import local_day, morning_of
from gateway.store.tables import Store

FARTHEST = timedelta(days=731)  # two years: nobody means more, and every calendar holds it
PAST, TOO_FAR, NO_DAY = "snooze_past", "snooze_too_far", "snooze_no_day"  # why a day is refused

_NAMED = {"今日": 0, "today": 0, "明日": 1, "tomorrow": 1, "明後日": 2, "あさって": 2}  # days from now
_WEEKS = {"来週": 1, "next week": 1, "再来週": 2}  # their Mondays
_WEEKDAYS = "月火水木金土日"
_AFTER = re.compile(r"(\d{1,3}) ?(時間|日|週間|hours?|h|days?|d|weeks?|w)後?")
_DATE = re.compile(r"(\d{4})[-/年](\d{1,2})[-/月](\d{1,2})日?")
_DAY_OF_YEAR = re.compile(r"(\d{1,2})[/月](\d{1,2})日?")
_HALF_A_YEAR = timedelta(days=183)


def returns_at(words: str, store: Store, now: datetime) -> datetime | str:
    """When it comes back, later than `now`; or why it cannot: PAST, TOO_FAR or NO_DAY."""
    words = words.strip().casefold()
    today = local_day(store, now)
    after = _AFTER.fullmatch(words)
    if after and after[2].startswith(("時", "h")):
        at = now + timedelta(hours=int(after[1]))
        return at if at > now else PAST
    if after:
        days = int(after[1]) * (7 if after[2].startswith(("週", "w")) else 1)
        day: date | None = today + timedelta(days=days)
    elif words in _WEEKS:
        day = today + timedelta(days=7 * _WEEKS[words] - today.weekday())
    elif words.removesuffix("日").removesuffix("曜") in _WEEKDAYS and "曜" in words:
        away = (_WEEKDAYS.index(words[0]) - today.weekday()) % 7
        day = today + timedelta(days=away or 7)  # the next one, never today
    elif words in _NAMED:
        day = today + timedelta(days=_NAMED[words])
    else:
        day = _written(words, today)
    if day is None:
        return NO_DAY
    if day > today + FARTHEST:
        return TOO_FAR
    at = morning_of(store, day)
    return at if at > now else PAST


def _written(words: str, today: date) -> date | None:
    """A date; one without its year is the next such day, or, where it was within half a year, that one."""
    if match := _DATE.fullmatch(words):
        return _date(int(match[1]), int(match[2]), int(match[3]))
    if match := _DAY_OF_YEAR.fullmatch(words):
        month, day = int(match[1]), int(match[2])
        this_year, next_year = (_date(year, month, day) for year in (today.year, today.year + 1))
        return next_year if this_year is None or today - this_year > _HALF_A_YEAR else this_year
    return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
