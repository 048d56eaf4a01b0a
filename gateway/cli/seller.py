"""`seller`: who may answer for which store."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.cli.context import CommandError, configuration, writing
from gateway.cli.listing import list_of_stores
from gateway.cli.output import Json
from gateway.cli.people import (
    WELCOMED,
    Language,
    Welcome,
    checked_address,
    checked_language,
    checked_name,
    existing,
    row_id,
)
from gateway.mail.addresses import normalise_address
from gateway.store import sellers, suppressions
from gateway.store.tables import Seller

app = typer.Typer(help="The sellers of a store.", no_args_is_help=True)


@app.command()
def add(
    context: typer.Context,
    store: str,
    address: str,
    name: Annotated[str, typer.Option(help="As colleagues know the person.")] = "",
    language: Language = "ja",
    welcome: Welcome = True,
) -> None:
    """Let ADDRESS receive the store's inquiries and answer them."""
    normal = checked_address(configuration(context), address)
    title, texts = checked_name(name), checked_language(language)

    async def work(session: AsyncSession) -> None:
        store_id = row_id(await existing(session, store))
        if await sellers.find(session, store_id, normal):
            raise CommandError(f"{normal} is a seller of {store} already")
        now = datetime.now(UTC)
        seller = Seller(store_id=store_id, address=normal, name=title, language=texts, created_at=now)
        seller.welcome_at = now if welcome else None
        await sellers.add(session, seller)
        await suppressions.lift(session, [normal])  # whoever registers it believes that it lives

    writing(context, work)
    typer.echo(f"{normal} is a seller of {store}{WELCOMED if welcome else ''}")


@app.command("list")
def list_(
    context: typer.Context,
    store: Annotated[str | None, typer.Option(help="Of this store only.")] = None,
    json: Json = False,
) -> None:
    """List the sellers."""

    async def read(session: AsyncSession) -> list[dict[str, object]]:
        return [
            {"store": of.name, "address": seller.address, "name": seller.name, "language": seller.language}
            for seller, of in await sellers.listing(session, store)
        ]

    list_of_stores(context, store, ("store", "address", "name", "language"), read, json=json)


@app.command()
def remove(context: typer.Context, store: str, address: str) -> None:
    """Take ADDRESS from the store: mail from it is held from now on."""

    async def work(session: AsyncSession) -> str:
        seller = await sellers.find(session, row_id(await existing(session, store)), normalise_address(address))
        if seller is None:
            raise CommandError(f"{address} is no seller of {store}; `toiawase seller list` names them")
        await sellers.remove(session, seller)
        return seller.address

    typer.echo(f"{writing(context, work)} is no seller of {store} any more")
