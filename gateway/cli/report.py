"""`report`: how a store did lately, on one screen."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.cli.context import reading
from gateway.cli.output import Json, day_and_time, print_fields, print_json
from gateway.cli.people import existing, row_id
from gateway.store import counters, reports
from gateway.store.inquiry_views import iso
from gateway.store.tables import Store


def report(
    context: typer.Context,
    store: Annotated[str, typer.Option(help="Of this store.")],
    days: Annotated[int, typer.Option(min=1, max=366, help="Of so many last days.")] = 30,
    json: Json = False,
) -> None:
    """Count what a store was asked, how it was answered, and how long the first answer took."""

    async def work(session: AsyncSession) -> tuple[Store, reports.Report, counters.StoreCounters]:
        found, now = await existing(session, store), datetime.now(UTC)
        told = await reports.of_store(session, row_id(found), now - timedelta(days=days))
        return found, told, await counters.of_store(session, row_id(found), now)

    found, told, waiting = reading(context, work)
    since = iso(told.since, found.timezone)
    view = {"store": found.name, **asdict(told), "since": since, "waiting": asdict(waiting)}
    if json:
        print_json(view)
        return
    minutes = told.first_answer_minutes
    print_fields(
        [
            ("store", f"{found.name}  {found.title}"),
            ("since", day_and_time(since)),
            ("opened", told.opened),
            ("by state", _counts(told.statuses)),
            ("by origin", _counts(told.origins)),
            ("by category", _counts(told.categories)),
            ("answered by sellers", told.answered_by_seller),
            ("answered by rules", told.answered_by_rule),
            ("median first answer", "" if minutes is None else f"{minutes:g} min"),
            ("waiting now", f"{waiting.unanswered} unanswered   {waiting.in_progress} in progress"),
            ("of the marketplace", f"{waiting.staff_unanswered} unanswered   {waiting.staff_unread} unread"),
        ]
    )


def _counts(numbers: dict[str, int]) -> str:
    return "   ".join(f"{number} {name}" for name, number in numbers.items())
