"""`digest`: the mail that tells each store's sellers what waits."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.cli.context import CommandError, writing
from gateway.cli.people import existing
from gateway.store import stores

app = typer.Typer(help="The daily digest.", no_args_is_help=True)


@app.command()
def send(
    context: typer.Context, store: Annotated[str | None, typer.Option(help="Of this store; else of all.")] = None
) -> None:
    """Send the digest now, whatever the time; a running gateway does it within seconds, silently if nothing waits."""

    async def work(session: AsyncSession) -> list[str]:
        asked = [await existing(session, store)] if store else await stores.all_stores(session)
        wanted = [one for one in asked if one.active]
        for one in wanted:
            one.digest_asked_at = datetime.now(UTC)
        return [one.name for one in wanted]

    names = writing(context, work)
    if not names:
        raise CommandError(f"{store} is closed" if store else "there is no open store")
    typer.echo(f"the digest of {', '.join(names)} goes out within seconds, where something waits")
