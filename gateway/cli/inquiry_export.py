"""`inquiry export`: inquiries as a sheet for people, or as JSON for other programs."""

import csv
import io
import json as json_text
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import typer
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.cli.context import reading
from gateway.cli.days import Since, Until
from gateway.cli.inquiry_filters import (
    InState,
    OfCategory,
    OfKind,
    OfOrder,
    OfOrigin,
    OfProduct,
    OfStore,
    Tagged,
    WithWords,
)
from gateway.cli.output import Json
from gateway.cli.people import existing
from gateway.store import inquiry_exports
from gateway.store.inquiry_filter import Filter

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a cell that begins so is computed by whoever opens the sheet


def export(
    context: typer.Context,
    store: OfStore = None,
    status: InState = None,
    since: Since = None,
    until: Until = None,
    product: OfProduct = None,
    order: OfOrder = None,
    origin: OfOrigin = None,
    kind: OfKind = None,
    category: OfCategory = None,
    tag: Tagged = None,
    words: WithWords = None,
    json: Json = False,
) -> None:
    """Write all inquiries that fit, with question and last answer, as CSV (UTF-8) on standard output; with --json as
    an array. The state is S1 (unanswered), S2 (in progress) or S3 (done)."""
    wanted = Filter(
        store=store,
        status=status,
        since=since,
        until=until,
        product=product,
        order=order,
        origin=origin,
        kind=kind,
        category=category,
        tag=tag,
        words=words,
    )
    write = _Array() if json else _Sheet()

    async def work(session: AsyncSession) -> None:
        if store is not None:
            await existing(session, store)
        async for rows in inquiry_exports.rows(session, wanted):
            write.rows(rows)

    reading(context, work)
    write.end()


class _Sheet:
    """CSV (RFC 4180) that a spreadsheet opens by itself: with the mark by which it knows UTF-8, and no cell of a
    customer's that it would compute. `csv_import` reads such files too."""

    def __init__(self) -> None:
        _put("\N{ZERO WIDTH NO-BREAK SPACE}")
        self._line(inquiry_exports.COLUMNS)

    def rows(self, rows: Sequence[dict[str, Any]]) -> None:
        for row in rows:
            self._line(_cell(row[column]) for column in inquiry_exports.COLUMNS)

    def end(self) -> None:
        pass

    def _line(self, values: Iterable[str]) -> None:
        line = io.StringIO()
        csv.writer(line).writerow(values)
        _put(line.getvalue())


class _Array:
    """One JSON array, an inquiry a line."""

    def __init__(self) -> None:
        self._before = "["

    def rows(self, rows: Sequence[dict[str, Any]]) -> None:
        for row in rows:
            _put(f"{self._before}\n{json_text.dumps(row, ensure_ascii=False)}")
            self._before = ","

    def end(self) -> None:
        _put("[]\n" if self._before == "[" else "\n]\n")


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case list():
            text = " ".join(value)
        case _:
            text = str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def _put(text: str) -> None:
    typer.echo(text.encode("utf-8", "replace"), file=sys.stdout, nl=False)
