"""`status`: how the gateway is doing, on one screen."""

from datetime import UTC, datetime, timedelta

import typer
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.cli.context import NO, reading
from gateway.cli.output import Json, day_and_time, print_fields, print_json
from gateway.store.counters import Counters, count
from gateway.store.inquiry_views import NO_STORE, iso

STUCK = timedelta(minutes=10)  # a running gateway understands a mail, and begins a due delivery, within seconds


def status(context: typer.Context, json: Json = False) -> None:
    """Count what waits, what went out and what is asked. Exit code 1 when mail stands still."""

    async def work(session: AsyncSession) -> tuple[Counters, datetime]:
        now = datetime.now(UTC)
        return await count(session, now), now

    counters, now = reading(context, work)
    view = {
        "received": counters.received,
        "oldest_waiting": iso(counters.oldest_waiting, NO_STORE),
        "outbox": counters.outbox,
        "oldest_due": iso(counters.oldest_due, NO_STORE),
        "last_delivery": iso(counters.last_delivery, NO_STORE),
        "drafts": counters.drafts,
        "inquiries": counters.inquiries,
        "marketplace": counters.marketplace,
        "attention": _attention(counters, now),
    }
    if json:
        print_json(view)
    else:
        _print(counters, _attention(counters, now))
    if view["attention"]:
        raise typer.Exit(NO)


def _attention(counters: Counters, now: datetime) -> list[str]:
    found = []
    if counters.oldest_waiting and counters.oldest_waiting < now - STUCK:
        found.append("received mail is not being understood: is `toiawase serve` running?")
    if counters.oldest_due and counters.oldest_due < now - STUCK:
        found.append("outgoing mail is not being tried: is `toiawase serve` running?")
    return found


def _print(counters: Counters, attention: list[str]) -> None:
    print_fields(
        [
            ("received", _counts(counters.received)),
            ("oldest waiting", day_and_time(iso(counters.oldest_waiting, NO_STORE))),
            ("outbox", _counts(counters.outbox)),
            ("last delivery", day_and_time(iso(counters.last_delivery, NO_STORE))),
            ("held drafts", counters.drafts),
            ("inquiries, 30 days", _counts(counters.inquiries)),
            ("of the marketplace", _counts(counters.marketplace)),
            *(("ATTENTION", text) for text in attention),
        ]
    )


def _counts(numbers: dict[str, int]) -> str:
    return "   ".join(f"{number} {name}" for name, number in numbers.items())
