"""When a store is open, in every kind of week, and through clocks that jump."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.desk.business_hours import (
    CLOSED_DAYS_LENGTH,
    LOOKED_AHEAD,
    after_open_time,
    is_holiday,
    is_open,
    parse_closed_days,
    parse_hours,
)
from gateway.rules.facts import WEEKDAYS
from gateway.store.tables import Store

TOKYO = ZoneInfo("Asia/Tokyo")
HOUR, QUARTER = timedelta(hours=1), timedelta(minutes=15)


def store(hours: str = "mon-fri 09:00-18:00", closed_days: str = "", timezone: str = "Asia/Tokyo") -> Store:
    return Store(name="testshop", title="T", hours=hours, closed_days=closed_days, timezone=timezone)


def at(text: str, zone: str = "Asia/Tokyo") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("hours", "moment", "open_"),
    [
        ("mon-fri 09:00-18:00", "2026-11-26T09:00", True),
        ("mon-fri 09:00-18:00", "2026-11-26T08:59:59", False),
        ("mon-fri 09:00-18:00", "2026-11-26T17:59:59", True),
        ("mon-fri 09:00-18:00", "2026-11-26T18:00", False),
        ("mon-fri 09:00-18:00", "2026-11-28T12:00", False),
        ("mon-fri 09:00-12:00,13:00-18:00; sat 10:00-15:00", "2026-11-26T12:30", False),
        ("mon-fri 09:00-12:00, 13:00-18:00 ; SAT 10:00-15:00", "2026-11-28T14:00", True),
        ("sat-mon 09:00-18:00", "2026-11-29T12:00", True),
        ("sat-mon 09:00-18:00", "2026-12-01T12:00", False),
        ("tue, thu 09:00-18:00", "2026-11-26T12:00", True),
        ("thu 22:00-24:00", "2026-11-26T23:59:59", True),
        ("thu 22:00-24:00", "2026-11-27T00:00", False),
        ("always", "2026-11-29T03:00", True),
        ("always", "2026-11-23T03:00", True),  # Labour Thanksgiving Day
        ("mon-fri 09:00-18:00", "2026-11-23T12:00", False),
        ("mon-fri 09:00-18:00; holiday 10:00-15:00", "2026-11-23T12:00", True),
        ("mon-fri 09:00-18:00; holiday 10:00-15:00", "2026-11-23T09:30", False),
        ("mon-fri 09:00-18:00", "2026-05-06T12:00", False),  # in lieu of a holiday on a Sunday
        ("mon-fri 09:00-18:00", "2026-09-22T12:00", False),  # between two holidays
    ],
)
def test_a_store_is_open_when_its_hours_say_so(hours: str, moment: str, open_: bool) -> None:
    assert is_open(store(hours), at(moment)) is open_


def test_only_stores_in_japan_keep_its_holidays() -> None:
    assert is_holiday(store(), at("2026-11-23T12:00"))
    assert not is_holiday(store(timezone="Asia/Seoul"), at("2026-11-23T12:00", "Asia/Seoul"))
    assert is_open(store(timezone="Asia/Seoul"), at("2026-11-23T12:00", "Asia/Seoul"))


def test_the_day_is_that_of_the_stores_own_clock() -> None:
    assert is_holiday(store(), datetime(2026, 11, 22, 15, 0, tzinfo=UTC))
    assert not is_holiday(store(), datetime(2026, 11, 22, 14, 59, tzinfo=UTC))


@pytest.mark.parametrize(
    ("closed_days", "day", "closed"),
    [
        ("2026-12-29..2027-01-03", "2026-12-28", False),
        ("2026-12-29..2027-01-03", "2026-12-29", True),
        ("2026-12-29..2027-01-03", "2027-01-03", True),
        ("2026-12-29..2027-01-03", "2027-12-29", False),
        ("2026-12-02", "2026-12-02", True),
        ("12-29..01-03", "2027-12-31", True),
        ("12-29..01-03", "2028-01-02", True),
        ("12-29..01-03", "2028-02-02", False),
        ("08-13..08-15, wed", "2027-08-13", True),
        ("08-13..08-15, wed", "2026-12-02", True),
        ("08-13..08-15, wed", "2026-12-03", False),
        ("02-29", "2028-02-29", True),
        ("", "2026-12-02", False),
    ],
)
def test_a_closed_day_is_a_holiday_on_which_nobody_works(closed_days: str, day: str, closed: bool) -> None:
    shop = store("always", closed_days)
    assert is_holiday(shop, at(f"{day}T12:00")) is closed or date.fromisoformat(day).month == 1
    assert is_open(shop, at(f"{day}T12:00")) is not closed


@pytest.mark.parametrize(
    ("start", "duration", "end"),
    [
        ("2026-11-26T10:00", 4 * HOUR, "2026-11-26T14:00"),
        ("2026-11-26T16:00", 4 * HOUR, "2026-11-27T11:00"),
        ("2026-11-27T17:00", 4 * HOUR, "2026-11-30T12:00"),  # over a weekend
        ("2026-11-20T17:00", 4 * HOUR, "2026-11-24T12:00"),  # over a weekend and a holiday
        ("2026-11-26T14:00", 4 * HOUR, "2026-11-26T18:00"),  # to the last moment
        ("2026-11-26T05:00", 4 * HOUR, "2026-11-26T13:00"),
        ("2026-11-26T19:00", timedelta(), "2026-11-27T09:00"),
        ("2026-12-28T17:00", 4 * HOUR, "2027-01-04T12:00"),  # the new year's holidays
        ("2026-11-26T09:00", 45 * HOUR, "2026-12-02T18:00"),
    ],
)
def test_only_open_time_counts(start: str, duration: timedelta, end: str) -> None:
    shop = store(closed_days="12-29..01-03")
    assert after_open_time(shop, at(start), duration) == at(end)


def test_a_store_that_never_opens_still_remembers_its_customers() -> None:
    shop = store(closed_days="mon,tue,wed,thu,fri,sat,sun")
    start = at("2026-11-26T10:00")
    assert after_open_time(shop, start, HOUR) == start + timedelta(days=LOOKED_AHEAD)
    assert after_open_time(store(), start, timedelta(days=3660)) == start + timedelta(days=LOOKED_AHEAD)


@pytest.mark.parametrize("nonsense", ["", "mon-fri", "25:00", "営業中", "mon 09:00-08:00", "always;", "\0"])
def test_stored_nonsense_counts_as_nothing_set(nonsense: str) -> None:
    shop = store(nonsense, nonsense)
    assert is_open(shop, at("2026-11-26T10:00"))
    assert not is_open(shop, at("2026-11-28T10:00"))
    assert not is_holiday(shop, at("2026-11-26T10:00"))
    assert after_open_time(shop, at("2026-11-27T17:00"), 2 * HOUR) == at("2026-11-30T10:00")
    assert is_open(store("always", timezone=nonsense), at("2026-11-26T10:00"))


@pytest.mark.parametrize(
    ("hours", "why"),
    [
        ("", "'' is no days and times"),
        ("mon-fri", "'mon-fri' is no days and times"),
        ("09:00-18:00", "'09:00-18:00' is no days and times"),
        ("mon-fri 9:00-18:00", "'9:00-18:00' is no times of a day"),
        ("mon-fri 09:00-18:60", "'09:00-18:60' is no times of a day"),
        ("mon-fri 09:00", "'09:00' is no times of a day"),
        ("mon-fri 09:00-25:00", "a day ends at 24:00"),
        ("fri 22:00-02:00", "22:00-02:00 ends before it begins: what goes on past 24:00 is written at the next day"),
        ("mon 09:00-12:00,11:00-18:00", "11:00-18:00 begins before the times in front of it end"),
        ("mon-fri 09:00-18:00; fri 10:00-12:00", "fri stands there twice"),
        ("mon-fry 09:00-18:00", "'mon-fry' is none of mon, tue, wed, thu, fri, sat, sun, holiday"),
        ("mon-fri 09:00-18:00;", "'' is no days and times"),
        ("mon ０９:00-18:00", "is no days and times"),
        ("mon 09:00-10:00,  " + " " * 200, "at most 200 characters"),
    ],
)
def test_hours_that_cannot_be_meant_are_refused_with_the_reason(hours: str, why: str) -> None:
    with pytest.raises(ValueError) as refused:
        parse_hours(hours)
    assert why in str(refused.value)


@pytest.mark.parametrize(
    ("closed_days", "why"),
    [
        ("2026-12-32", "'2026-12-32' is no date and no weekday"),
        ("2027-02-29", "'2027-02-29' is no date and no weekday"),
        ("2027-01-03..2026-12-29", "'2027-01-03..2026-12-29' ends before it begins"),
        ("2026-12-29..01-03", "'2026-12-29..01-03' has a year on one side only"),
        ("wednesday", "'wednesday' is no date and no weekday"),
        ("wed,", "'' is no date and no weekday"),
        ("2026-12-29..", "'2026-12-29..' is no date and no weekday"),
        ("年末年始", "'年末年始' is no date and no weekday"),
        (" " * (CLOSED_DAYS_LENGTH + 1), "at most 2000 characters"),
    ],
)
def test_closed_days_that_cannot_be_meant_are_refused_with_the_reason(closed_days: str, why: str) -> None:
    with pytest.raises(ValueError) as refused:
        parse_closed_days(closed_days)
    assert why in str(refused.value)


@pytest.mark.parametrize(
    ("day", "hours", "opens", "closes"),
    [
        ("2026-03-08", "sun 01:30-04:00", "2026-03-08T06:30Z", "2026-03-08T08:00Z"),  # 02:00 becomes 03:00
        ("2026-03-08", "sun 02:30-04:00", "2026-03-08T07:00Z", "2026-03-08T08:00Z"),
        ("2026-03-08", "sun 01:00-02:30", "2026-03-08T06:00Z", "2026-03-08T07:00Z"),
        ("2026-11-01", "sun 01:30-03:00", "2026-11-01T05:30Z", "2026-11-01T08:00Z"),  # 02:00 becomes 01:00
        ("2026-11-01", "sun 00:00-24:00", "2026-11-01T04:00Z", "2026-11-02T05:00Z"),
    ],
)
def test_hours_pass_a_jump_of_the_clock(day: str, hours: str, opens: str, closes: str) -> None:
    shop = store(hours, timezone="America/New_York")
    begins, ends = datetime.fromisoformat(opens), datetime.fromisoformat(closes)
    midnight = at(f"{day}T00:00", "America/New_York")
    assert after_open_time(shop, midnight, timedelta()) == begins
    assert after_open_time(shop, midnight, ends - begins) == ends
    assert is_open(shop, begins) and not is_open(shop, begins - timedelta(seconds=1))
    assert is_open(shop, ends - timedelta(seconds=1)) and not is_open(shop, ends)


ZONES = st.sampled_from(["Asia/Tokyo", "America/New_York", "Australia/Lord_Howe", "Europe/Dublin", "Africa/Cairo"])
STARTS = st.datetimes(datetime(2026, 1, 1), datetime(2031, 1, 1), timezones=st.just(UTC))


@st.composite
def weeks(draw: st.DrawFn) -> str:
    groups = []
    for day in draw(st.lists(st.sampled_from([*WEEKDAYS, "holiday"]), min_size=1, unique=True)):
        quarters = sorted(draw(st.sets(st.integers(0, 96), min_size=2, max_size=6)))
        times = [f"{quarter // 4:02}:{quarter % 4 * 15:02}" for quarter in quarters]
        groups.append(f"{day} " + ",".join(f"{a}-{b}" for a, b in zip(times[::2], times[1::2], strict=False)))
    return "; ".join(groups)


@settings(max_examples=50, deadline=None)
@given(weeks(), ZONES, STARTS, st.integers(0, 200))
def test_as_much_open_time_passes_as_was_asked_for(hours: str, zone: str, start: datetime, quarters: int) -> None:
    shop = store(hours, "08-13..08-15", zone)
    start = start.replace(minute=start.minute // 15 * 15, second=0, microsecond=0)
    end = after_open_time(shop, start, quarters * QUARTER)
    if end - start < timedelta(days=10):  # what is longer takes too long to count
        assert sum(is_open(shop, start + step * QUARTER) for step in range((end - start) // QUARTER)) == quarters


@settings(max_examples=50, deadline=None)
@given(weeks(), ZONES, STARTS, st.integers(0, 3000), st.integers(0, 3000))
def test_open_time_adds_up_and_never_runs_back(hours: str, zone: str, start: datetime, a: int, b: int) -> None:
    shop, first, second = store(hours, "sun", zone), timedelta(minutes=a), timedelta(minutes=b)
    middle = after_open_time(shop, start, first)
    assert start <= middle <= after_open_time(shop, start, first + second)
    if middle - start < timedelta(days=150) and b:
        assert after_open_time(shop, middle, second) == after_open_time(shop, start, first + second)
