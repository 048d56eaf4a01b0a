"""The listing of what stores have: sellers, templates."""

from collections.abc import Awaitable, Callable

import typer
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.cli.context import reading
from gateway.cli.output import print_json, print_table
from gateway.cli.people import existing


def list_of_stores(
    context: typer.Context,
    store: str | None,
    columns: tuple[str, ...],
    read: Callable[[AsyncSession], Awaitable[list[dict[str, object]]]],
    *,
    json: bool,
) -> None:
    """Prints what `read` gives of each store, or of this one, which must be there: by columns, or all as JSON."""

    async def work(session: AsyncSession) -> list[dict[str, object]]:
        if store is not None:
            await existing(session, store)
        return await read(session)

    rows = reading(context, work)
    if json:
        print_json(rows)
    else:
        print_table(columns, [[row[column] for column in columns] for row in rows])
