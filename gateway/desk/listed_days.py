"""From the words of a period, `2026/11/01-2026/11/20` or `先月`, to its first and last day. Pure."""

import re
from datetime import date, timedelta

Days = tuple[date | None, date | None]  # first and last, both included; None for open

_DATE = r"(?:\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{8}|\d{1,2}[/月]\d{1,2}日?)"
_PERIOD = re.compile(rf"({_DATE})?(?:(~|〜|-|–|\.\.|から)({_DATE})?(?:まで)?)?")
_NUMBERS = re.compile(r"\d+")


def days_of(words: str, today: date) -> Days | None:
    """None for what is no period, or ends before it begins. A date without its year is the last such day."""
    words = words.strip().casefold()
    first_of_month = today.replace(day=1)
    named: dict[str, Days] = {
        **dict.fromkeys(("今日", "today"), (today, today)),
        **dict.fromkeys(("昨日", "yesterday"), (today - timedelta(days=1),) * 2),
        **dict.fromkeys(("今週", "week"), (today - timedelta(days=today.weekday()), today)),
        **dict.fromkeys(("今月", "month"), (first_of_month, today)),
        "先月": ((first_of_month - timedelta(days=1)).replace(day=1), first_of_month - timedelta(days=1)),
    }
    if words in named:
        return named[words]
    match = _PERIOD.fullmatch(words)
    if match is None or not (match[1] or match[3]):
        return None
    try:
        since = _date(match[1], today) if match[1] else None
        until = _date(match[3], today) if match[3] else (None if match[2] else since)
    except ValueError:
        return None
    return None if since and until and until < since else (since, until)


def _date(text: str, today: date) -> date:
    if len(text) == 8 and text.isdigit():
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    numbers = [int(number) for number in _NUMBERS.findall(text)]
    if len(numbers) == 3:
        return date(*numbers)
    this_year = date(today.year, *numbers)
    return this_year if this_year <= today else date(today.year - 1, *numbers)
