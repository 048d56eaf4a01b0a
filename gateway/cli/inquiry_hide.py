"""`inquiry hide` and `inquiry unhide`: what 非表示 and 再表示 do by mail, done by the operator (F11)."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.cli.context import CommandError, configuration, writing
from gateway.cli.days import Number
from gateway.cli.office import office_of
from gateway.desk.hiding import Notice, hide_by_command, show_again
from gateway.desk.intent import TITLE_LENGTH, character_count
from gateway.store import inquiries, restrictions
from gateway.store.states import Origin
from gateway.store.tables import Customer, Inquiry

OPERATOR = "operator"


def hide(
    context: typer.Context,
    number: Number,
    title: Annotated[str, typer.Option(help="The subject of the mail to the customer.")],
    reason: Annotated[str, typer.Option(help="Its text: why the question is hidden.")],
    restrict: Annotated[
        bool, typer.Option("--restrict", help="This customer may no longer ask about this product on its page.")
    ] = False,
) -> None:
    """Hide a question on its product's page. The customer is told by mail, always."""
    config = configuration(context)
    if not title.strip() or not reason.strip():
        raise CommandError("the customer is told title and reason: neither may be empty", 2)
    if len(title) > TITLE_LENGTH:
        raise CommandError(f"a title has at most {TITLE_LENGTH} characters", 2)

    async def work(session: AsyncSession) -> bool:
        now = datetime.now(UTC)
        inquiry, customer = await _on_product_page(session, number)
        known = await restrictions.of_person(session, inquiry.store_id, customer.address_key)
        if inquiry.hidden and not (restrict and (inquiry.product_code or "").lower() not in known):
            return False
        if not customer.address:
            raise CommandError(f"nobody knows the address of Q-{number}'s customer, who must be told")
        office = await office_of(session, config)
        file = await office.file(session, inquiry, customer, None)
        if character_count(reason) > file.store.max_chars:
            raise CommandError(f"a reason has at most {file.store.max_chars} characters", 2)
        await hide_by_command(session, office, file, Notice(title.strip(), reason.strip(), restrict, OPERATOR), now)
        return True

    done = writing(context, work)
    typer.echo(f"Q-{number} is hidden, and the customer is told" if done else f"Q-{number} is hidden already")


def unhide(context: typer.Context, number: Number) -> None:
    """Show a question again, and lift the restriction of its customer. Nothing is mailed."""

    async def work(session: AsyncSession) -> bool:
        inquiry, _ = await _on_product_page(session, number)
        return await show_again(session, inquiry, OPERATOR, datetime.now(UTC))

    done = writing(context, work)
    typer.echo(f"Q-{number} is shown again" if done else f"Q-{number} is not hidden")


async def _on_product_page(session: AsyncSession, number: int) -> tuple[Inquiry, Customer]:
    row = await inquiries.with_customer(session, number)
    if row is None:
        raise CommandError(f"there is no inquiry Q-{number}")
    if row[0].origin is not Origin.PRODUCT_PAGE:
        raise CommandError(f"Q-{number} did not come from a product's page: only such questions are shown or hidden")
    return row
