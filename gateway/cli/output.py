"""What commands print: JSON for programs, tables for people, and nothing that could steer a terminal."""

import json
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

UNSEEN_WIDTH = 200  # columns where there is no terminal to ask: a pipe loses no words
COLOURS = {
    "unanswered": "red",
    "in_progress": "yellow",
    "done": "green",
    "sent": "green",
    "queued": "yellow",
    "sending": "yellow",
    "held": "magenta",
    "failed": "red",
    "uncertain": "red",
    "set_aside": "red",
    "ok": "green",
    "note": "yellow",
    "wrong": "red",
}

Json = Annotated[bool, typer.Option("--json", help="JSON on standard output and nothing else.")]
Limit = Annotated[int, typer.Option(min=1, max=100_000, help="Rows at most.")]


def print_json(value: Any) -> None:
    """One JSON value in UTF-8; half characters, which no encoding can write, become `?`."""
    typer.echo((json.dumps(value, ensure_ascii=False, indent=2)).encode("utf-8", "replace"))


def print_json_line(value: Any) -> None:
    """One line of JSON Lines."""
    typer.echo((json.dumps(value, ensure_ascii=False)).encode("utf-8", "replace"))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str | None = None) -> None:
    """A table for people; says so when there is nothing to show."""
    table = Table(
        *columns, box=SIMPLE_HEAD, title=title and safe(title), title_justify="left", show_edge=False, pad_edge=False
    )
    for row in rows:
        table.add_row(*(cell(value) for value in row))
    console = _console()
    if table.row_count:
        console.print(table)
    else:
        console.print("nothing to show")


def print_fields(fields: Iterable[tuple[str, object]]) -> None:
    """Name and value, one a line."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in fields:
        table.add_row(name, cell(value))
    _console().print(table)


def print_text(text: str, *, err: bool = False) -> None:
    """A mail's or an admin's text, its lines as they are."""
    _console(err).print(Text(safe(text, keep="\n\t")), soft_wrap=True)


def cell(value: object) -> Text:
    """A value as a person reads it."""
    match value:
        case None:
            text = ""
        case bool():
            text = "yes" if value else "no"
        case list() | tuple():
            text = ", ".join(str(item) for item in value)
        case _:
            text = str(value)
    return Text(safe(text), style=COLOURS.get(text, ""), overflow="fold")


def day_and_time(at: str | None) -> str:
    """An ISO time as a table shows it: the store's own zone goes without saying, UTC is marked with a Z."""
    if at is None:
        return ""
    moment = datetime.fromisoformat(at)
    return moment.strftime("%Y-%m-%d %H:%M") + ("" if moment.utcoffset() else "Z")


def in_utc(at: str | None) -> str:
    """An ISO time as the listings of mails show it: in UTC, whatever the store's zone, so that it fits the log's."""
    return "" if at is None else datetime.fromisoformat(at).astimezone(UTC).strftime("%Y-%m-%d %H:%MZ")


def safe(text: str, keep: str = "") -> str:
    """Without the controls by which a mail could write to its reader's terminal (A21, A23)."""
    return "".join(
        c if c in keep or unicodedata.category(c) not in ("Cc", "Cf", "Cs") else "\N{REPLACEMENT CHARACTER}"
        for c in text
    )


def _console(err: bool = False) -> Console:
    console = Console(highlight=False, stderr=err)
    return console if console.is_terminal else Console(highlight=False, stderr=err, width=UNSEEN_WIDTH)
