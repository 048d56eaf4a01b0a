"""Days and numbers as people type them on the command line."""

import re
from datetime import date
from typing import Annotated

import typer

FIRST, LAST = date(1970, 1, 1), date(2999, 12, 31)


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text.replace("/", "-"))
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no day such as 2026-11-20") from None
    if not FIRST <= day <= LAST:
        raise typer.BadParameter(f"{text!r} is not between {FIRST} and {LAST}")
    return day


def number_of(text: str) -> int:
    """The number that `Q-1042`, `q1042` or `1042` names."""
    match = re.fullmatch(r"(?:Q-?)?([1-9][0-9]{0,17})", text, re.IGNORECASE | re.ASCII)
    if not match:
        raise typer.BadParameter(f"{text!r} is no inquiry such as Q-1042")
    return int(match[1])


Since = Annotated[date | None, typer.Option(parser=_day, metavar="DATE", help="From this day on.")]
Until = Annotated[date | None, typer.Option(parser=_day, metavar="DATE", help="Up to this day.")]
Number = Annotated[int, typer.Argument(parser=number_of, metavar="Q-NUMBER")]
Before = Annotated[
    int | None, typer.Option(parser=number_of, metavar="NUMBER", help="Below this number: the next page.")
]
