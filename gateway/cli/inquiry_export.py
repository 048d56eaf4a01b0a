"""`inquiry export`: inquiries as a sheet for people, or as JSON for other programs."""

import csv
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from json import dumps
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import IO, Any

import typer
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.cli.context import CommandError, reading
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
from gateway.cli.output import Json, print_text
from gateway.cli.people import existing
from gateway.store import inquiry_exports
from gateway.store.inquiry_filter import Filter

FORMULA = tuple("=+-@＝＋－＠")  # a spreadsheet computes a cell that begins so, in Japan the wide ones too

Pages = AsyncIterator[list[dict[str, Any]]]


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
    with _room(), TemporaryFile() as file:  # whoever reads slowly, or no more, holds up no database

        async def work(session: AsyncSession) -> None:
            if store is not None:
                await existing(session, store)
            pages = inquiry_exports.rows(session, wanted)
            await (_write_json(file, pages) if json else _write_csv(file, pages))

        reading(context, work)
        file.seek(0)
        _put_out(file)


@contextmanager
def _room() -> Iterator[None]:
    """Raises CommandError where a file cannot be written: a full disk is no fault of the database's."""
    try:
        yield
    except BrokenPipeError:  # the reader went away
        raise
    except OSError as error:
        raise CommandError(f"the export cannot be written: {error.strerror or error}") from None


async def _write_csv(file: IO[bytes], pages: Pages) -> None:
    """CSV (RFC 4180) with the mark by which a spreadsheet knows UTF-8, and no cell that it would compute."""
    text = TextIOWrapper(file, "utf-8-sig", "replace", newline="")
    sheet = csv.writer(text)
    sheet.writerow(inquiry_exports.COLUMNS)
    async for page in pages:
        with _room():
            sheet.writerows([_cell(row[column]) for column in inquiry_exports.COLUMNS] for row in page)
    with _room():
        text.detach()


async def _write_json(file: IO[bytes], pages: Pages) -> None:
    """One array, an inquiry a line."""
    text = TextIOWrapper(file, "utf-8", "replace")
    before = "[\n"
    async for page in pages:
        with _room():
            for row in page:
                text.write(before + dumps(row, ensure_ascii=False))
                before = ",\n"
    with _room():
        text.write("[]\n" if before.startswith("[") else "\n]\n")
        text.detach()


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
    return f"'{text}" if text.lstrip().startswith(FORMULA) else text


def _put_out(file: IO[bytes]) -> None:
    """To a terminal without what would steer it (A21)."""
    if sys.stdout.isatty():
        print_text(file.read().decode("utf-8-sig"))
    else:
        copyfileobj(file, sys.stdout.buffer)
        sys.stdout.buffer.flush()
