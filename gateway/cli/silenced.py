"""`silenced`: senders of whose mail the sellers are not told, since one of them said #迷惑."""

from datetime import UTC, datetime

import typer
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.cli.context import CommandError, reading, writing
from gateway.cli.output import Json, print_json, print_table
from gateway.cli.people import existing, row_id
from gateway.desk.silencing import kept_quiet
from gateway.mail.addresses import address_key
from gateway.store import inquiries, silenced
from gateway.store.inquiry_views import iso
from gateway.store.states import InquiryStatus
from gateway.store.tables import History

app = typer.Typer(help="Senders of whose mail sellers are not told (#迷惑).", no_args_is_help=True)


@app.command("list")
def list_(context: typer.Context, store: str | None = None, json: Json = False) -> None:
    """List the silenced senders."""

    async def work(session: AsyncSession) -> list[dict[str, str | None]]:
        if store is not None:
            await existing(session, store)
        return [
            {"store": of.name, "address": customer.address, "since": iso(customer.silenced_at, of.timezone)}
            for customer, of in await silenced.listing(session, store)
        ]

    rows = reading(context, work)
    if json:
        print_json(rows)
    else:
        print_table(("store", "address", "since"), [list(row.values()) for row in rows])


@app.command()
def remove(context: typer.Context, store: str, address: str) -> None:
    """Hear ADDRESS again; what it wrote meanwhile is unanswered, so that the sellers' lists show it."""

    async def work(session: AsyncSession) -> list[int]:
        store_id = row_id(await existing(session, store))
        customer = await silenced.find(session, store_id, address_key(address))
        if customer is None or customer.silenced_at is None:
            raise CommandError(f"{address} is not silenced in {store}; `toiawase silenced list` names who is")
        since, customer.silenced_at = customer.silenced_at, None
        numbers = await kept_quiet(session, customer.id or 0, since)
        now = datetime.now(UTC)
        for number in numbers:
            await inquiries.set_status(session, number, InquiryStatus.UNANSWERED, now)
            why = "toiawase silenced remove"
            session.add(History(inquiry_number=number, at=now, event="heard_again", by="operator", why=why))
        return numbers

    numbers = writing(context, work)
    told = ", ".join(f"Q-{number}" for number in numbers)
    typer.echo(f"{address} is heard again" + (f"; unanswered are {told}" if told else ""))
