"""When a store is open: its weekly hours, the days it is closed, and the public holidays of Japan.

Hours: `mon-fri 09:00-12:00,13:00-18:00; sat 10:00-15:00`, or `always`; `holiday` is a day of its own, for a store that
works on public holidays. Closed days: `2026-12-29..2027-01-03, 08-13..08-15, wed`, a date without its year every year.
Both are checked where they are set; what is stored and cannot be read any more counts as nothing set, and never raises.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import jpholiday

from gateway.rules.facts import WEEKDAYS
from gateway.store.tables import Store

USUAL_HOURS: str = Store.model_fields["hours"].default
HOLIDAY = "holiday"
JAPAN = ("Asia/Tokyo", "Japan")  # whose stores keep Japan's holidays
LOOKED_AHEAD = 366  # days: a store that is closed for longer is asked to remember its customers all the same
HOURS_LENGTH, CLOSED_DAYS_LENGTH = 200, 2000  # characters that their columns hold

_DAY = 24 * 60  # minutes
_MORNING = 9 * 60
_MINUTE = timedelta(minutes=1)
_GROUP = re.compile(r"([a-z, -]*?) +([0-9].*)")
_SPAN = re.compile(r"([0-2][0-9]):([0-5][0-9])-([0-2][0-9]):([0-5][0-9])")
_CLOCK = re.compile(r"([0-2][0-9]):([0-5][0-9])")
_DATES = re.compile(r"(?:([0-9]{4})-)?([0-9]{2})-([0-9]{2})")

Span = tuple[int, int]  # minutes of a day: opens, closes
Hours = Mapping[str, tuple[Span, ...]]  # by weekday or `holiday`; a day that is not there has none


@dataclass(frozen=True)
class ClosedDays:
    weekdays: frozenset[str] = frozenset()
    dates: tuple[tuple[date, date], ...] = ()  # first and last
    yearly: tuple[tuple[Span, Span], ...] = ()  # month and day, first and last

    def __contains__(self, day: date) -> bool:
        if WEEKDAYS[day.weekday()] in self.weekdays or any(first <= day <= last for first, last in self.dates):
            return True
        of_year = (day.month, day.day)
        return any(
            first <= of_year <= last if first <= last else (of_year >= first or of_year <= last)
            for first, last in self.yearly
        )


def is_open(store: Store, at: datetime) -> bool:
    """Whether the store works at that moment."""
    day = at.astimezone(_zone(store)).date()
    return any(opens <= at < closes for opens, closes in _open_on(store, day))


def is_holiday(store: Store, at: datetime) -> bool:
    """Whether that moment lies on a public holiday of the store's country, or on a day that it is closed."""
    day = at.astimezone(_zone(store)).date()
    return _is_public_holiday(store, day) or day in _closed_days(store.closed_days)


def after_open_time(store: Store, start: datetime, duration: timedelta) -> datetime:
    """The moment at which so much time has passed while the store was open; UTC, `LOOKED_AHEAD` days later at most."""
    start, left = start.astimezone(UTC), duration
    today = start.astimezone(_zone(store)).date()
    for ahead in range(LOOKED_AHEAD):
        for opens, closes in _open_on(store, today + timedelta(days=ahead)):
            begins = max(opens, start)
            if left <= closes - begins:
                return begins + left
            left -= max(closes - begins, timedelta())
    return start + timedelta(days=LOOKED_AHEAD)


def local_day(store: Store, at: datetime) -> date:
    """The day of the store's calendar on which that moment lies."""
    return at.astimezone(_zone(store)).date()


def morning_of(store: Store, day: date) -> datetime:
    """When the store opens on that day; on a day on which it is closed, when it first opens on any; UTC. A store that
    opens at midnight has its morning at 09:00."""
    name = HOLIDAY if _is_public_holiday(store, day) else WEEKDAYS[day.weekday()]
    hours = _hours(store.hours)
    spans = hours.get(name, ()) if day not in _closed_days(store.closed_days) else ()
    opens = min(first for first, _ in spans or (span for some in hours.values() for span in some))
    return _reached(_zone(store), day, opens or _MORNING).astimezone(UTC)


def last_time(store: Store, clock: str, now: datetime) -> datetime:
    """When the store's clock last came to a time of day such as 09:00, today or yesterday, in its time zone."""
    zone = _zone(store)
    match = _CLOCK.fullmatch(clock)
    minute = int(match[1]) * 60 + int(match[2]) if match else 0
    today = now.astimezone(zone).date()
    at = _reached(zone, today, minute)
    return (at if at <= now else _reached(zone, today - timedelta(days=1), minute)).astimezone(zone)


@lru_cache(maxsize=256)
def parse_hours(text: str) -> Hours:
    """Raises ValueError, whose text ends a sentence that begins with "hours must be"."""
    if len(text) > HOURS_LENGTH:
        raise ValueError(f"must be at most {HOURS_LENGTH} characters")
    if text.strip().lower() == "always":
        return dict.fromkeys((*WEEKDAYS, HOLIDAY), ((0, _DAY),))
    hours: dict[str, tuple[Span, ...]] = {}
    for group in text.lower().split(";"):
        match = _GROUP.fullmatch(group.strip())
        if match is None:
            raise _no_hours(f"{group.strip()!r} is no days and times")
        for day in _days(match[1]):
            if day in hours:
                raise _no_hours(f"{day} stands there twice")
            hours[day] = _spans(match[2])
    return hours


@lru_cache(maxsize=256)
def parse_closed_days(text: str) -> ClosedDays:
    """Raises ValueError, whose text ends a sentence that begins with "closed_days must be"."""
    if len(text) > CLOSED_DAYS_LENGTH:
        raise ValueError(f"must be at most {CLOSED_DAYS_LENGTH} characters")
    weekdays: set[str] = set()
    dates: list[tuple[date, date]] = []
    yearly: list[tuple[Span, Span]] = []
    for item in text.lower().split(",") if text.strip() else ():
        written = item.strip()
        if written in WEEKDAYS:
            weekdays.add(written)
            continue
        first, dots, last = written.partition("..")
        begins, ends = _date(first.strip(), written), _date(last.strip() if dots else first.strip(), written)
        if isinstance(begins, date) and isinstance(ends, date):
            if ends < begins:
                raise _no_days(f"{written!r} ends before it begins")
            dates.append((begins, ends))
        elif isinstance(begins, tuple) and isinstance(ends, tuple):
            yearly.append((begins, ends))
        else:
            raise _no_days(f"{written!r} has a year on one side only")
    return ClosedDays(frozenset(weekdays), tuple(dates), tuple(yearly))


def _days(text: str) -> list[str]:
    """`mon-fri,sun`; a range may go round the weekend."""
    days: list[str] = []
    for item in text.split(","):
        first, dash, last = (word.strip() for word in item.partition("-"))
        if first == HOLIDAY and not dash:
            days.append(HOLIDAY)
        elif first in WEEKDAYS and (not dash or last in WEEKDAYS):
            begins, ends = WEEKDAYS.index(first), WEEKDAYS.index(last if dash else first)
            days += [WEEKDAYS[(begins + step) % 7] for step in range((ends - begins) % 7 + 1)]
        else:
            raise _no_hours(f"{item.strip()!r} is none of {', '.join(WEEKDAYS)}, {HOLIDAY}")
    return days


def _spans(text: str) -> tuple[Span, ...]:
    spans: list[Span] = []
    for item in text.split(","):
        match = _SPAN.fullmatch(item.strip())
        if match is None:
            raise _no_hours(f"{item.strip()!r} is no times of a day")
        opens, closes = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
        if closes > _DAY:
            raise _no_hours("a day ends at 24:00")
        if closes <= opens:
            raise _no_hours(f"{item.strip()} ends before it begins: what goes on past 24:00 is written at the next day")
        if spans and opens < spans[-1][1]:
            raise _no_hours(f"{item.strip()} begins before the times in front of it end")
        spans.append((opens, closes))
    return tuple(spans)


def _date(text: str, item: str) -> date | Span:
    match = _DATES.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        leap_year = 2000  # has every day that there is
        day = date(int(match[1] or leap_year), int(match[2]), int(match[3]))
    except ValueError:
        raise _no_days(f"{item!r} is no date and no weekday") from None
    return day if match[1] else (day.month, day.day)


def _no_hours(why: str) -> ValueError:
    return ValueError(f'must be always, or such as "mon-fri 09:00-12:00,13:00-18:00; sat 10:00-15:00" ({why})')


def _no_days(why: str) -> ValueError:
    return ValueError(f'must be days such as "2026-12-29..2027-01-03, 08-13..08-15, wed" ({why})')


def _hours(text: str) -> Hours:
    try:
        return parse_hours(text)
    except ValueError:
        return parse_hours(USUAL_HOURS)


def _closed_days(text: str) -> ClosedDays:
    try:
        return parse_closed_days(text)
    except ValueError:
        return ClosedDays()


def _zone(store: Store) -> ZoneInfo:
    try:
        return ZoneInfo(store.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def _is_public_holiday(store: Store, day: date) -> bool:
    return store.timezone in JAPAN and jpholiday.is_holiday(day)


def _open_on(store: Store, day: date) -> Iterator[tuple[datetime, datetime]]:
    """When the store opens and closes on that day of its calendar, in order."""
    if day in _closed_days(store.closed_days):
        return
    name = HOLIDAY if _is_public_holiday(store, day) else WEEKDAYS[day.weekday()]
    zone = _zone(store)
    for opens, closes in _hours(store.hours).get(name, ()):
        yield _reached(zone, day, opens), _reached(zone, day, closes)


def _reached(zone: ZoneInfo, day: date, minute: int) -> datetime:
    """When a clock of the zone first shows that minute of the day, or a later one where it was put forward past it."""
    shown = datetime.combine(day, time()) + minute * _MINUTE
    at = shown.replace(tzinfo=zone).astimezone(UTC)  # of a time that there is twice the first (PEP 495)
    while (at - _MINUTE).astimezone(zone).replace(tzinfo=None) >= shown:
        at -= _MINUTE
    return at
