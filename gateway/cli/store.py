"""`store`: the shops that this gateway receives mail for."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.cli.context import USAGE, CommandError, configuration, reading, writing
from gateway.cli.output import Json, print_json, print_table
from gateway.cli.people import Language, Welcome, checked_address, existing, row_id
from gateway.cli.store_settings import read_settings, settings_of
from gateway.mail.addresses import address_key, store_name_problem
from gateway.store import sellers, stores
from gateway.store.tables import Seller, Store

app = typer.Typer(help="The shops.", no_args_is_help=True)
COLUMNS = (
    *("name", "title", "language", "timezone", "hours", "hold", "max_chars"),
    *("receipts", "digest_at", "auto_notice", "active", "sellers"),
)

Name = Annotated[str, typer.Argument(help="The local part that its customers write to.")]


@app.command()
def add(
    context: typer.Context,
    name: Name,
    title: Annotated[str, typer.Option(help="What customers know the shop by.")],
    seller: Annotated[list[str], typer.Option(help="A seller's mail address; may be given again.")],
    language: Language = "ja",
    welcome: Welcome = True,
) -> None:
    """Add a store with its sellers."""
    if problem := store_name_problem(name):
        raise CommandError(problem, USAGE)
    config = configuration(context)
    values = read_settings([f"title={title}", f"language={language}"])
    addresses = {address_key(address): address for address in (checked_address(config, item) for item in seller)}
    now = datetime.now(UTC)

    async def work(session: AsyncSession) -> None:
        if known := await stores.named(session, name):
            hint = "" if known.active else f"; `toiawase store set {name} active=on` opens it again"
            raise CommandError(f"there is a store {name} already{hint}")
        store = await stores.add(session, Store(name=name, created_at=now, **values))
        for address in addresses.values():
            seller_row = Seller(store_id=row_id(store), address=address, language=language, created_at=now)
            seller_row.welcome_at = now if welcome else None
            await sellers.add(session, seller_row)

    writing(context, work)
    typer.echo(f"{name}@{config.domain} is {values['title']}; customers may write to it now")


@app.command("list")
def list_(context: typer.Context, json: Json = False) -> None:
    """List the stores with their settings."""

    async def work(session: AsyncSession) -> list[dict[str, object]]:
        people: dict[str, list[str]] = {}
        for person, store in await sellers.listing(session):
            people.setdefault(store.name, []).append(person.address)
        return [
            {"name": store.name, **settings_of(store), "sellers": people.get(store.name, [])}
            for store in await stores.all_stores(session)
        ]

    rows = reading(context, work)
    if json:
        print_json(rows)
    else:
        print_table(COLUMNS, [[row[column] for column in COLUMNS] for row in rows])
        if rows:
            typer.echo("Every setting of each: --json")


@app.command("set")
def set_(
    context: typer.Context,
    name: Name,
    settings: Annotated[list[str], typer.Argument(metavar="KEY=VALUE…", help="For example hold=3m receipts=off.")],
) -> None:
    """Change settings of a store; a running gateway follows within seconds."""
    values = read_settings(settings)

    async def work(session: AsyncSession) -> None:
        await existing(session, name)
        await stores.change(session, name, values)

    writing(context, work)
    typer.echo(f"{name} is changed")


@app.command()
def remove(context: typer.Context, name: Name) -> None:
    """Remove a store; one that has inquiries is closed, and they stay."""

    async def work(session: AsyncSession) -> bool:
        return await stores.remove(session, await existing(session, name))

    gone = writing(context, work)
    typer.echo(f"{name} is removed" if gone else f"{name} is closed: new mail to it is refused, its inquiries stay")
