"""`ledger`: the proof that every acknowledged mail is accounted for."""

from typing import Annotated, Any

import typer
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.cli.context import NO, reading
from gateway.cli.output import Json, print_fields, print_json, print_table
from gateway.store import outbox_views
from gateway.store.ledger import Ledger
from gateway.store.ledger import check as check_ledger

app = typer.Typer(help="The account of every mail.", no_args_is_help=True)


@app.command()
def check(
    context: typer.Context,
    strict: Annotated[
        bool, typer.Option("--strict", help="A mail that still waits to be understood is a problem.")
    ] = False,
    json: Json = False,
) -> None:
    """Prove that every mail answered 250 has exactly one account. Exit code 1 if one has not."""

    async def work(session: AsyncSession) -> tuple[Ledger, list[dict[str, Any]]]:
        ledger = await check_ledger(session)
        return ledger, await outbox_views.listing(session, ledger.uncertain)

    ledger, uncertain = reading(context, work)
    if strict and ledger.waiting:
        ledger.problems.append(f"{ledger.waiting} mails are not understood yet")
    if json:
        print_json(
            {
                "ok": not ledger.problems,
                "received": ledger.received,
                "outcomes": ledger.outcomes,
                "outbox": ledger.outbox,
                "customer_messages": ledger.customer_messages,
                "notifications": ledger.notifications,
                "kept_by_rules": ledger.kept_by_rules,
                "problems": ledger.problems,
                "uncertain": uncertain,
            }
        )
    else:
        _print(ledger, uncertain)
    if ledger.problems:
        raise typer.Exit(NO)


def _print(ledger: Ledger, uncertain: list[dict[str, Any]]) -> None:
    counted = {"received": ledger.received, "outcomes": ledger.outcomes, "outbox": ledger.outbox}
    print_fields(
        [
            *(
                (name, ", ".join(f"{n} {what}" for what, n in sorted(counts.items())))
                for name, counts in counted.items()
            ),
            ("told to sellers", f"{ledger.customer_messages} mails in {ledger.notifications} notifications"),
            ("answered, filed or set aside by rules", f"{ledger.kept_by_rules} mails"),
            *(("PROBLEM", problem) for problem in ledger.problems),
        ]
    )
    if uncertain:
        columns = ("id", "state", "kind", "to", "uncertain_attempts", "message_id")
        title = "A process died while these were sent; they may have arrived twice"
        print_table(columns, [[row[column] for column in columns] for row in uncertain], title=title)
    typer.echo("every mail is accounted for" if not ledger.problems else "some mails are not accounted for")
