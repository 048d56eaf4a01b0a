"""`suppressed`: addresses to which nothing is sent, since a far server said that they do not exist."""

from datetime import UTC, datetime

import typer
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.cli.context import CommandError, reading, writing
from gateway.cli.output import Json, day_and_time, print_json, print_table
from gateway.store import suppressions
from gateway.store.inquiry_views import NO_STORE, iso

app = typer.Typer(help="Addresses that were found dead, to which nothing is sent.", no_args_is_help=True)


@app.command("list")
def list_(context: typer.Context, json: Json = False) -> None:
    """List the addresses, the last found first."""

    async def work(session: AsyncSession) -> list[dict[str, str | None]]:
        return [
            {
                "address": one.address_key,
                "since": iso(one.at, NO_STORE),
                "until": iso(one.at + suppressions.LIFE, NO_STORE),
                "mail": one.outbox_id,
                "reply": one.reply,
            }
            for one in await suppressions.listing(session, datetime.now(UTC))
        ]

    rows = reading(context, work)
    if json:
        print_json(rows)
    else:
        lines = [[row["address"], day_and_time(row["since"]), row["mail"], row["reply"]] for row in rows]
        print_table(("address", "since", "mail", "reply"), lines)


@app.command()
def remove(context: typer.Context, address: str) -> None:
    """Send to ADDRESS again. What failed before stays so: `toiawase outbox retry` sends it again."""

    async def work(session: AsyncSession) -> None:
        if not await suppressions.lift(session, [address]):
            raise CommandError(f"{address} is not suppressed; `toiawase suppressed list` names what is")

    writing(context, work)
    typer.echo(f"{address} is sent to again")
