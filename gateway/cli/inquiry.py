"""`inquiry`: what customers asked, and where it stands."""

from collections import defaultdict
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

import typer
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.cli import inquiry_erase, inquiry_export, inquiry_hide
from gateway.cli.context import CommandError, reading, writing
from gateway.cli.days import Before, Number, Since, Until
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
from gateway.cli.output import Json, Limit, day_and_time, print_fields, print_json, print_table, print_text
from gateway.cli.people import existing
from gateway.store import inquiries, inquiry_views
from gateway.store.inquiry_filter import Filter
from gateway.store.states import InquiryStatus
from gateway.store.tables import History

app = typer.Typer(help="What customers asked.", no_args_is_help=True)

app.command("hide")(inquiry_hide.hide)
app.command("unhide")(inquiry_hide.unhide)
app.command("erase")(inquiry_erase.erase)
app.command("export")(inquiry_export.export)

COLUMNS = ("Q-", "store", "status", "title", "customer", "product", "order", "received", "mails")


class By(StrEnum):
    CUSTOMER = "customer"
    PRODUCT = "product"


@app.command("list")
def list_(
    context: typer.Context,
    store: OfStore = None,
    status: InState = None,
    since: Since = None,
    until: Until = None,
    product: OfProduct = None,
    order: OfOrder = None,
    by: Annotated[By | None, typer.Option(help="Group by customer or product.")] = None,
    origin: OfOrigin = None,
    kind: OfKind = None,
    category: OfCategory = None,
    tag: Tagged = None,
    words: WithWords = None,
    limit: Limit = 100,
    before: Before = None,
    json: Json = False,
) -> None:
    """List inquiries, the newest number first; with --since or --until those with the newest mail. Days are the
    store's own; both ends are included."""
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
        before=before,
        limit=limit,
    )

    async def work(session: AsyncSession) -> list[dict[str, Any]]:
        if store is not None:
            await existing(session, store)
        return await inquiry_views.listing(session, wanted)

    rows = reading(context, work)
    groups = _grouped(rows, by) if by else None
    if json:
        print_json(rows if groups is None else groups)
    elif groups:
        for name, members in groups.items():
            print_table(COLUMNS, map(_line, members), title=name or f"no {by}")
    else:
        print_table(COLUMNS, map(_line, rows))


@app.command()
def show(context: typer.Context, number: Number, json: Json = False) -> None:
    """Show one inquiry with its thread and its history."""

    async def work(session: AsyncSession) -> dict[str, Any] | None:
        return await inquiry_views.shown(session, number)

    view = reading(context, work)
    if view is None:
        raise CommandError(f"there is no inquiry Q-{number}")
    if json:
        print_json(view)
    else:
        _print(view)


@app.command()
def status(context: typer.Context, number: Number, state: InquiryStatus) -> None:
    """Set the state by hand; nothing is mailed."""

    async def work(session: AsyncSession) -> bool:
        if await inquiries.with_customer(session, number) is None:
            raise CommandError(f"there is no inquiry Q-{number}")
        now = datetime.now(UTC)
        changed = await inquiries.set_status(session, number, state, now)
        if changed:
            entry = History(
                inquiry_number=number, at=now, event=str(state), by="operator", why="toiawase inquiry status"
            )
            session.add(entry)
        return changed

    changed = writing(context, work)
    typer.echo(f"Q-{number} is {state}" if changed else f"Q-{number} is {state} already")


def _grouped(rows: list[dict[str, Any]], by: By) -> dict[str, list[dict[str, Any]]]:
    groups = defaultdict(list)
    for row in rows:
        groups[row["customer"]["address"] if by is By.CUSTOMER else row["product_code"] or ""].append(row)
    return dict(groups)


def _line(row: dict[str, Any]) -> list[object]:
    customer = row["customer"]["name"] or row["customer"]["address"]
    goods = (row["product_name"] or row["product_code"], row["order_number"])
    at = day_and_time(row["received_at"])
    return [row["number"], row["store"], row["status"], row["title"], customer, *goods, at, row["messages"]]


def _print(view: dict[str, Any]) -> None:
    customer = view["customer"]
    fields = {name: view[name] for name in ("store", "status", "kind", "category", "origin", "hidden")}
    print_fields(
        [
            (f"Q-{view['number']}", view["title"]),
            ("customer", f"{customer['name']} <{customer['address']}>"),
            *fields.items(),
            ("tags", " ".join(view["tags"])),
            ("product", " ".join(filter(None, (view["product_code"], view["product_name"])))),
            ("order", view["order_number"]),
            ("received", day_and_time(view["received_at"])),
            *([("comes back", day_and_time(view["snoozed_until"]))] if view["snoozed_until"] else []),
            *([("erased", day_and_time(view["erased_at"]))] if view["erased_at"] else []),
            *([("merged into", f"Q-{view['merged_into']}")] if view["merged_into"] else []),
        ]
    )
    for entry in view["thread"]:
        delivery = entry["delivery"] or {}
        files = [f"{file['name']} ({file['size']} octets)" for file in entry["attachments"]]
        print_text(f"\n── {day_and_time(entry['at'])}  {entry['direction']}  {entry['author']}  {entry['subject']}")
        print_text(entry["text"])
        print_fields(
            (name, value)
            for name, value in (
                ("files", files),
                ("matched by", entry["matched_by"]),
                ("delivery", " ".join(filter(None, (delivery.get("state"), delivery.get("reply"))))),
            )
            if value
        )
    print_text("")
    print_table(
        ("at", "event", "by", "rule", "why"),
        [
            (day_and_time(event["at"]), event["event"], event["by"], event["rule"], event["why"])
            for event in view["history"]
        ],
    )
