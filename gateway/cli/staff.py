"""`staff`: the marketplace's own people, whose mail is counted apart."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.cli.context import CommandError, configuration, reading, writing
from gateway.cli.output import Json, print_json, print_table
from gateway.cli.people import checked_address, checked_name
from gateway.mail.addresses import normalise_address
from gateway.store import staff
from gateway.store.tables import Staff

app = typer.Typer(help="The marketplace's own staff.", no_args_is_help=True)


@app.command()
def add(
    context: typer.Context, address: str, name: Annotated[str, typer.Option(help="As sellers know the person.")] = ""
) -> None:
    """Register a staff address: its authenticated mail to STORE+staff@ is the marketplace's."""
    person = Staff(
        address=checked_address(configuration(context), address), name=checked_name(name), created_at=datetime.now(UTC)
    )

    async def work(session: AsyncSession) -> None:
        if await staff.find(session, person.address):
            raise CommandError(f"{person.address} is registered already")
        await staff.add(session, person)

    writing(context, work)
    typer.echo(f"{address} is registered")


@app.command("list")
def list_(context: typer.Context, json: Json = False) -> None:
    """List the staff addresses."""

    async def work(session: AsyncSession) -> list[dict[str, str]]:
        return [{"address": person.address, "name": person.name} for person in await staff.listing(session)]

    rows = reading(context, work)
    if json:
        print_json(rows)
    else:
        print_table(("address", "name"), [list(row.values()) for row in rows])


@app.command()
def remove(context: typer.Context, address: str) -> None:
    """Remove a staff address."""

    async def work(session: AsyncSession) -> str:
        person = await staff.find(session, normalise_address(address))
        if person is None:
            raise CommandError(f"{address} is not registered; `toiawase staff list` names who is")
        await staff.remove(session, person)
        return person.address

    typer.echo(f"{writing(context, work)} is not registered any more")
