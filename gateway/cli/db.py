"""`db`: the database's schema."""

import typer
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.cli.context import reading

app = typer.Typer(help="The database.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """The database."""


@app.command()
def upgrade(context: typer.Context) -> None:
    """Bring the database to this release's schema; a new one gets its tables."""

    async def look(session: AsyncSession) -> None:
        """Opening the database has done it."""

    reading(context, look)
    typer.echo("the database has this release's schema")
