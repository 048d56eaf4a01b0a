"""`mail`: what came in, what was read in it, and what became of it."""

import sys
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.cli.context import USAGE, CommandError, reading, writing
from gateway.cli.days import Since
from gateway.cli.outbox import COLUMNS, line
from gateway.cli.output import (
    Json,
    Limit,
    in_utc,
    print_fields,
    print_json,
    print_json_line,
    print_table,
    print_text,
)
from gateway.mail.addresses import normalise_address
from gateway.mail.explain import explain as explain_mail
from gateway.store import mail_views, received, stores
from gateway.store.states import ReceivedState
from gateway.store.tables import Received

app = typer.Typer(help="The mails that came in.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(metavar="ID", help="The queue id of our 250.")]


@app.command("list")
def list_(
    context: typer.Context,
    sender: Annotated[str | None, typer.Option("--from", help="From this address.")] = None,
    message_id: Annotated[str | None, typer.Option(help="With this Message-ID.")] = None,
    queue_id: Annotated[str | None, typer.Option(help="With this queue id.")] = None,
    since: Since = None,
    state: Annotated[ReceivedState | None, typer.Option(help="In this state.")] = None,
    limit: Limit = 100,
    json: Json = False,
) -> None:
    """List received mails, the newest first."""

    async def work(session: AsyncSession) -> list[dict[str, Any]]:
        mails = await received.listing(
            session,
            sender=sender and normalise_address(sender),
            message_id=message_id and f"<{message_id.strip('<>')}>",
            queue_id=queue_id,
            since=_begin(since, await stores.timezones(session)) if since else None,
            state=state,
            limit=limit,
        )
        return await mail_views.listing(session, mails)

    rows = reading(context, work)
    if json:
        print_json(rows)
    else:
        columns = ("id", "received", "state", "from", "to", "became")
        print_table(columns, map(_line, rows))


@app.command()
def show(
    context: typer.Context,
    queue_id: Id,
    json: Json = False,
    original: Annotated[bool, typer.Option("--original", help="The mail as it came, and nothing else.")] = False,
) -> None:
    """Where is this mail: how it came, what became of it and why, and what was sent because of it."""
    if original:
        _print_original(context, queue_id)
        return

    async def work(session: AsyncSession) -> dict[str, Any]:
        mail = await session.get(Received, queue_id)
        if mail is None:
            raise _unknown(queue_id)
        return await mail_views.shown(session, mail)

    view = reading(context, work)
    if json:
        print_json(view)
        return
    client = view["client"]
    print_fields(
        [
            *((name, view[name]) for name in ("id", "state", "mail_from", "rcpt_to", "from", "message_id", "size")),
            ("received", in_utc(view["received_at"])),
            ("client", f"{client['address']} ({client['helo']}){' TLS' if client['tls'] else ''}"),
            ("authentication", view["authentication"]),
            ("as it came", f"`toiawase mail show {queue_id} --original`" if view["kept"] else "is not kept any more"),
            ("error", view["error"]),
        ]
    )
    print_table(
        ("recipient", "became", "Q-", "matched by", "why"),
        [
            [account.get(name) for name in ("recipient", "result", "inquiry", "matched_by", "why")]
            for account in view["outcome"]
        ],
    )
    if view["rules"]:
        names = ("inquiry", "outcome", "rule", "words", "withheld")
        rows = [[decision[name] for name in names] for decision in view["rules"]]
        print_table(("Q-", "outcome", "rule", "by the words", "withheld"), rows, title="What the rules made of it")
    print_table(COLUMNS, map(line, view["outbox"]), title="Sent because of it")


def _print_original(context: typer.Context, queue_id: str) -> None:
    """Octet by octet into a file or a pipe; a terminal gets it without what could steer it."""

    async def work(session: AsyncSession) -> bytes:
        if await session.get(Received, queue_id) is None:
            raise _unknown(queue_id)
        try:
            return await received.load_raw(session, queue_id)
        except LookupError as error:
            raise CommandError(f"{queue_id} cannot be shown: {error}") from None

    raw = reading(context, work)
    if sys.stdout.isatty():
        print_text(raw.decode("utf-8", "replace").replace("\r\n", "\n"))
    else:
        sys.stdout.buffer.write(raw)


@app.command()
def replay(context: typer.Context, queue_id: Id) -> None:
    """Let a mail that was set aside be tried again."""

    async def work(session: AsyncSession) -> None:
        if await received.replay(session, queue_id):
            return
        mail = await session.get(Received, queue_id)
        if mail is None:
            raise _unknown(queue_id)
        aside = mail.state is ReceivedState.SET_ASIDE
        raise CommandError(f"{queue_id} is " + ("not kept any more" if aside else f"{mail.state}, not set aside"))

    writing(context, work)
    typer.echo(f"{queue_id} is tried again")


@app.command()
def explain(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help="Mails, folders of mails, or - for one on stdin.")
    ],
    answering: Annotated[Path | None, typer.Option(help="The mail that it answers, as it was sent.")] = None,
    json: Json = False,
) -> None:
    """Read mails as the gateway does: who wrote it, its new text, its commands, and what was left out as quoted.

    Needs no configuration. Folders are read with all that is below them. Several files with --json make JSON Lines,
    each with its `file`. A file that cannot be read is named, the others are read, and the exit code is 2.
    """
    sent = _read(answering) if answering else None
    if len(files) == 1 and not files[0].is_dir():
        view = explain_mail(_read(files[0]), sent)
        print_json(view) if json else _print_reading(view)
        return
    unreadable = []
    for file in _mails(files):
        try:
            view = {"file": str(file), **explain_mail(_read(file), sent)}
        except CommandError as error:
            typer.echo(f"toiawase: {error}", err=True)
            unreadable.append(file)
            continue
        print_json_line(view) if json else _print_reading(view)
    if unreadable:
        raise CommandError(f"{len(unreadable)} of the files cannot be read", USAGE)


def _begin(day: date, zones: list[str]) -> datetime:
    """The moment at which the day begins in the first of the stores' zones that it reaches."""
    return min(datetime.combine(day, time(), ZoneInfo(zone)) for zone in zones or ["UTC"])


def _line(row: dict[str, Any]) -> list[object]:
    became = [
        f"{account['result']} Q-{account['inquiry']}" if account.get("inquiry") else account["result"]
        for account in row["outcome"]
    ]
    sender = row["from"] or row["mail_from"]
    return [row["id"], in_utc(row["received_at"]), row["state"], sender, row["rcpt_to"], became]


def _mails(files: list[Path]) -> Iterator[Path]:
    for file in files:
        if file.is_dir():
            yield from sorted(inner for inner in file.rglob("*") if inner.is_file())
        else:
            yield file


def _read(file: Path) -> bytes:
    try:
        if str(file) == "-":
            return sys.stdin.buffer.read()
        return file.read_bytes()
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}", USAGE) from None


def _print_reading(view: dict[str, Any]) -> None:
    head = ("file", "message_id", "subject", "date", "charset", "machine", "language", "defects")
    failures = view["bounce"]["recipients"] if view["bounce"] else []
    print_fields(
        [
            *((name, view[name]) for name in head if view.get(name)),
            ("from", _mailbox(view["from"]) if view["from"] else "nobody"),
            ("to", [_mailbox(mailbox) for mailbox in view["to"]]),
            ("files", [f"{file['name']} ({file['size']} octets)" for file in view["attachments"]]),
            ("commands", [f"#{command['name']} {command['argument']}".strip() for command in view["commands"]]),
            *([("no command", view["refused"])] if view["refused"] else []),
            *(("failed", f"{f['address']}: {_verdict(f)} {f['diagnostic']}") for f in failures),
        ]
    )
    print_text(f"\n{view['reply']}\n")
    if view["quoted"]:
        print_text("not new:\n" + "\n".join(f"│ {line}" for line in view["quoted"].split("\n")) + "\n")


def _mailbox(mailbox: dict[str, str]) -> str:
    return f"{mailbox['name']} <{mailbox['address']}>".strip()


def _verdict(failure: dict[str, Any]) -> str:
    """`failed 5.1.1, permanent, dead`."""
    words = [f"{failure['action']} {failure['status']}".strip()]
    return ", ".join(words + [word for word in ("permanent", "dead") if failure[word]])


def _unknown(queue_id: str) -> CommandError:
    return CommandError(f"there is no mail {queue_id}; `toiawase mail list` names them")
