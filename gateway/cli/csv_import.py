"""CSV files into a table: read line by line, checked whole, written in one transaction or not at all."""

import csv
import os
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.cli.context import USAGE, CommandError, writing

BATCH = 500  # rows of one statement
WORTH_A_BAR = 1_000_000  # octets
LONGEST_VALUE = 2000  # characters

Row = dict[str, Any]
Convert = Callable[[dict[str, str]], Row]
Upsert = Callable[[AsyncSession, Sequence[Row]], Awaitable[int]]


@dataclass(frozen=True)
class Layout:
    """The columns of a file: all of `required`, any of `optional`; two rows with the same `key` are a mistake."""

    required: tuple[str, ...]
    optional: tuple[str, ...]
    key: tuple[str, ...]


def import_file(
    context: typer.Context,
    file: Path,
    layout: Layout,
    prepare: Callable[[AsyncSession], Awaitable[Convert]],
    to: Upsert,
) -> None:
    """Imports and says how many rows were new. Raises CommandError with the line of the first mistake.

    `prepare` makes the function that turns a line into a row, or raises ValueError with what is wrong.
    """

    async def work(session: AsyncSession) -> tuple[int, int]:
        rows = _converted(file, layout, await prepare(session))
        fresh = total = 0
        while batch := list(islice(rows, BATCH)):
            fresh += await to(session, batch)
            total += len(batch)
        return fresh, total

    fresh, total = writing(context, work)
    typer.echo(f"{fresh} new, {total - fresh} changed")


def choose_store(names: dict[str, int], line: dict[str, str]) -> int:
    """The id of the store that a line names. Raises ValueError."""
    name = line["store"]
    if name not in names:
        near = get_close_matches(name, names, 1)
        raise ValueError(f"there is no store {name!r}" + (f"; did you mean {near[0]}?" if near else ""))
    return names[name]


def code(line: dict[str, str], column: str, *, optional: bool = False) -> str:
    """A code or number without spaces, at most 64 characters. Raises ValueError."""
    value = line[column]
    if not value and optional:
        return ""
    if not value or len(value) > 64 or not value.isprintable() or " " in value:
        raise ValueError(f"{column} must be 1 to 64 characters without spaces, not {value[:80]!r}")
    return value


def _converted(file: Path, layout: Layout, convert: Convert) -> Iterator[Row]:
    lines: dict[tuple[Any, ...], int] = {}
    for number, line in _lines(file, layout):
        try:
            row = convert(line)
        except ValueError as error:
            raise CommandError(f"{file}:{number}: {error}", USAGE) from None
        earlier = lines.setdefault(tuple(row[column] for column in layout.key), number)
        if earlier != number:
            raise CommandError(f"{file}:{number}: {line[layout.required[0]]} stands on line {earlier} already", USAGE)
        yield row


def _lines(file: Path, layout: Layout) -> Iterator[tuple[int, dict[str, str]]]:
    """Each line below the header with its number, values stripped; a column that is not there reads as empty."""
    with _opened(file) as stream:
        reader = csv.reader(_decoded(file, stream), strict=True)
        try:
            header = [name.strip() for name in next(reader, [])]
            _check_header(file, header, layout)
            absent = dict.fromkeys(layout.optional, "")
            for values in reader:
                if not any(values):
                    continue
                if len(values) != len(header):
                    text = f"{file}:{reader.line_num}: has {len(values)} values, the header {len(header)}"
                    raise CommandError(text, USAGE)
                if any(len(value) > LONGEST_VALUE for value in values):
                    text = f"{file}:{reader.line_num}: a value is over {LONGEST_VALUE} characters"
                    raise CommandError(text, USAGE)
                yield reader.line_num, absent | dict(zip(header, (value.strip() for value in values), strict=True))
        except csv.Error as error:
            raise CommandError(f"{file}:{reader.line_num}: is no CSV: {error}", USAGE) from None


def _opened(file: Path) -> BinaryIO:
    try:
        return file.open("rb")
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}", USAGE) from None


def _check_header(file: Path, header: list[str], layout: Layout) -> None:
    known = layout.required + layout.optional
    missing = [name for name in layout.required if name not in header]
    strange = [name for name in header if name not in known]
    if missing or strange or len(set(header)) < len(header):
        wrong = f"has no column {missing[0]}" if missing else "has a column twice"
        wrong = f"has an unknown column {strange[0]!r}" if strange else wrong
        raise CommandError(f"{file}:1: {wrong}; the header is {','.join(known)}", USAGE)


def _decoded(file: Path, stream: BinaryIO) -> Iterator[str]:
    size = os.fstat(stream.fileno()).st_size
    console = Console(stderr=True)
    hidden = size < WORTH_A_BAR or not (console.is_terminal and sys.stderr.isatty())
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, console=console, transient=True, disable=hidden) as progress:
        task = progress.add_task(file.name, total=size)
        for number, octets in enumerate(stream, 1):
            try:
                yield octets.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError:
                text = f"{file}:{number}: is not UTF-8; save the sheet as CSV UTF-8"
                raise CommandError(text, USAGE) from None
            progress.advance(task, len(octets))
