"""`outbox`: the mails that we send."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.cli.context import USAGE, CommandError, configuration, reading, writing
from gateway.cli.days import number_of
from gateway.cli.office import office_of
from gateway.cli.output import Json, Limit, in_utc, print_fields, print_json, print_table, print_text
from gateway.desk.withdrawal import cancelled_by_operator
from gateway.mail.addresses import normalise_address
from gateway.store import answers, outbox, outbox_views
from gateway.store.states import OutboxState
from gateway.store.tables import Outbox

app = typer.Typer(help="The mails that we send.", no_args_is_help=True)

COLUMNS = ("id", "state", "kind", "to", "Q-", "attempts", "next", "reply")


@app.command("list")
def list_(
    context: typer.Context,
    state: Annotated[list[OutboxState] | None, typer.Option(help="In this state; may be given again.")] = None,
    inquiry: Annotated[int | None, typer.Option(parser=number_of, metavar="Q-NUMBER", help="Of this inquiry.")] = None,
    to: Annotated[str | None, typer.Option(help="To this address.")] = None,
    before: Annotated[str | None, typer.Option(metavar="ID", help="Older than this one: the next page.")] = None,
    limit: Limit = 100,
    json: Json = False,
) -> None:
    """List outgoing mails, the newest first."""

    async def work(session: AsyncSession) -> list[dict[str, Any]]:
        letters = await outbox.listing(
            session,
            states=state or (),
            inquiry_number=inquiry,
            to_address=to and normalise_address(to),
            before=before,
            limit=limit,
        )
        return await outbox_views.listing(session, letters)

    rows = reading(context, work)
    if json:
        print_json(rows)
    else:
        print_table(COLUMNS, map(line, rows))


@app.command()
def show(context: typer.Context, outbox_id: Annotated[str, typer.Argument(metavar="ID")], json: Json = False) -> None:
    """Show one outgoing mail with every attempt and the far server's replies."""

    async def work(session: AsyncSession) -> dict[str, Any]:
        letter = await session.get(Outbox, outbox_id)
        if letter is None:
            raise _unknown(outbox_id)
        return await outbox_views.shown(session, letter, await outbox.attempts_of(session, outbox_id))

    view = reading(context, work)
    if json:
        print_json(view)
        return
    times = {name: in_utc(view[name]) for name in ("next_at", "sent_at", "expires_at")}
    hidden = {"text", "history", "reported"} | (set() if view["report"] else {"report"})
    shown = view | times | {"reply": _reply(view)}
    print_fields((name, value) for name, value in shown.items() if name not in hidden)
    print_text("\n" + view["text"])
    print_table(
        ("started", "outcome", "reply"),
        [(in_utc(attempt["started_at"]), attempt["outcome"], attempt["reply"]) for attempt in view["history"]],
    )


@app.command()
def retry(
    context: typer.Context,
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID…", help="Waiting, failed, held or uncertain mails.")
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Every mail that waits for its next attempt.")] = False,
) -> None:
    """Send at once what waits, failed, is held or uncertain."""
    if bool(ids) == all_:
        raise CommandError("name the mails to send, or give --all", USAGE)

    async def work(session: AsyncSession) -> int:
        now = datetime.now(UTC)
        if not ids:
            return await outbox.retry_all(session, now)
        done = await outbox.retry(session, now, ids)
        if left := [one for one in ids if one not in done]:
            raise await _refusal(session, left[0], "sent again")
        return len(done)

    typer.echo(f"{writing(context, work)} due now")


@app.command()
def cancel(context: typer.Context, ids: Annotated[list[str], typer.Argument(metavar="ID…")]) -> None:
    """Stop mails that have not left yet, for ever; all of those named or none. The state of an answer's inquiry is as
    before it, and its writer gets the text back."""
    config = configuration(context)

    async def work(session: AsyncSession) -> None:
        for one in ids:
            answer = await answers.of_mail(session, one)
            if answer is None:
                done = await outbox.cancel(session, one)
            else:
                office = await office_of(session, config)
                done = await cancelled_by_operator(session, office, answer, datetime.now(UTC))
            if not done:
                raise await _refusal(session, one, "cancelled")

    writing(context, work)
    typer.echo(f"{len(ids)} cancelled")


def line(row: dict[str, Any]) -> list[object]:
    """The row as a table for people shows it, under COLUMNS."""
    at = in_utc(row["next_at"])
    return [row["id"], row["state"], row["kind"], row["to"], row["inquiry"], row["attempts"], at, _reply(row)]


def _reply(row: dict[str, Any]) -> str | None:
    """With a word in front where no server said so to us, but a delivery report."""
    reply: str | None = row["reply"]
    return f"report: {reply}" if row["reported"] else reply


async def _refusal(session: AsyncSession, outbox_id: str, what: str) -> CommandError:
    letter = await session.get(Outbox, outbox_id)
    return (
        _unknown(outbox_id) if letter is None else CommandError(f"{outbox_id} is {letter.state} and cannot be {what}")
    )


def _unknown(outbox_id: str) -> CommandError:
    return CommandError(f"there is no outgoing mail {outbox_id}; `toiawase outbox list` names them")
