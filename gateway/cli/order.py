"""`order`: what customers ordered."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.cli.csv_import import Convert, Layout, choose_store, code, import_file
from gateway.store import orders, stores

app = typer.Typer(help="What customers ordered.", no_args_is_help=True)

LAYOUT = Layout(
    required=("order_number", "cart_number", "product_code", "ordered_at", "country", "store"),
    optional=(),
    key=("number", "store_id"),
)
FORMS = ("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d")  # as sheets write times, beside ISO 8601


@app.command("import")
def import_(context: typer.Context, file: Annotated[Path, typer.Argument(metavar="FILE.csv")]) -> None:
    """Add or change orders: order_number, cart_number, product_code, ordered_at, country, store.

    UTF-8 with these names as its first line. A time without an offset is the store's own.
    """
    import_file(context, file, LAYOUT, _prepare, orders.upsert)


async def _prepare(session: AsyncSession) -> Convert:
    names = await stores.ids_by_name(session)
    zones = {store.id: ZoneInfo(store.timezone) for store in await stores.all_stores(session)}

    def convert(line: dict[str, str]) -> dict[str, Any]:
        store_id = choose_store(names, line)
        return {
            "number": code(line, "order_number"),
            "cart_number": code(line, "cart_number", optional=True),
            "product_code": code(line, "product_code", optional=True),
            "ordered_at": _time(line["ordered_at"], zones[store_id]),
            "country": _country(line["country"]),
            "store_id": store_id,
        }

    return convert


def _time(text: str, zone: ZoneInfo) -> datetime | None:
    if not text:
        return None
    at = _parsed(text)
    if at is None:
        raise ValueError(f"ordered_at must be a time such as 2026-11-20T14:03:00+09:00, not {text[:80]!r}")
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


def _parsed(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    for form in FORMS:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    return None


def _country(text: str) -> str:
    if text and not (text.isascii() and text.isalpha() and len(text) == 2):
        raise ValueError(f"country must be two letters such as JP (ISO 3166), not {text[:80]!r}")
    return text.upper()
