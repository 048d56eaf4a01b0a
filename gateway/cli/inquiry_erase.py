"""`inquiry erase`: a customer's data gone everywhere, with the proof, and a word on what is not ours to erase."""

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import typer
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.cli.context import LATER, USAGE, CommandError, at_database, reading
from gateway.cli.days import number_of
from gateway.cli.output import Json, print_json
from gateway.cli.people import existing
from gateway.mail.addresses import address_key
from gateway.store import erasure, inquiries, search, traces
from gateway.store.database import Database
from gateway.store.erasure import BeingSentError, Erased
from gateway.store.tables import Customer
from gateway.store.traces import Traces

PAGES = 500  # of the index of words, joined in one transaction: intake never waits long for its turn
WHY = "toiawase inquiry erase"


@dataclass(frozen=True)
class Wanted:
    """What is to be erased, as it is told before the question."""

    traces: Traces
    customers: frozenset[str]  # addresses
    others: int  # inquiries of the same customers that stay


def erase(
    context: typer.Context,
    number: Annotated[
        int | None, typer.Argument(parser=number_of, metavar="[Q-NUMBER]", help="This inquiry alone.")
    ] = None,
    customer: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Every inquiry of the customer with this address.")
    ] = None,
    store: Annotated[str | None, typer.Option(help="With --customer: of this store only.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; without a terminal nobody is asked anyway.")] = False,
    json: Json = False,
) -> None:
    """Erase what is kept of an inquiry, or of a customer: mails as they came, thread, files, outgoing mails, drafts,
    index, history, examples for the rules. The history keeps that it was done. There is no way back."""
    if (number is None) == (customer is None):
        raise CommandError("name an inquiry, or a customer by --customer ADDRESS", USAGE)
    if store is not None and customer is None:
        raise CommandError("--store goes with --customer", USAGE)
    wanted = reading(context, lambda session: _wanted(session, number, customer, store))
    if not yes and sys.stdin.isatty():
        numbers = ", ".join(f"Q-{one}" for one in wanted.traces.numbers)
        typer.confirm(f"Erase {numbers} for good?", abort=True, err=True)
    done, is_sqlite = at_database(context, lambda database: _erase(database, wanted.traces))
    left = {address: count for address, count in done.left.items() if address not in wanted.customers}
    if json:
        print_json({"erased": list(done.numbers), **_counts(done), "left": left, "other_inquiries": wanted.others})
        return
    typer.echo(f"{', '.join(f'Q-{one}' for one in done.numbers)} erased: {done}")
    for line in _beyond(left, wanted.others, is_sqlite):
        typer.echo(line)


async def _wanted(session: AsyncSession, number: int | None, customer: str | None, store: str | None) -> Wanted:
    if number is not None:
        row = await inquiries.shown(session, number)
        if row is None:
            raise CommandError(f"there is no inquiry Q-{number}")
        if row[0].erased_at is not None:
            raise CommandError(f"Q-{number} is erased already")
        if row[0].merged_into is not None:
            raise CommandError(f"Q-{number} was merged into Q-{row[0].merged_into}: erase that one")
        numbers = [number]
    else:
        store_id = (await existing(session, store)).id if store is not None else None
        key = address_key(customer or "")
        numbers = await traces.numbers_of(session, key, store_id) if key else []
        if not numbers:
            raise CommandError(f"no inquiry of {customer} is kept{f' at {store}' if store else ''}")
    found = await traces.everywhere(session, numbers)
    if found.not_understood:
        raise CommandError("a mail of this customer is not understood yet: try again when it is", LATER)
    people = await session.exec(select(Customer.address).where(col(Customer.id).in_(found.customers)))
    return Wanted(found, frozenset(people), await traces.others_of(session, found.numbers))


async def _erase(database: Database, found: Traces) -> tuple[Erased, bool]:
    now = datetime.now(UTC)
    try:
        async with database.write() as session:
            await erasure.overwrite_deleted(session)
            done = await erasure.erase(session, found, now, "operator", WHY)
    except BeingSentError:
        raise CommandError("a mail about it is being sent: try again in a minute", LATER) from None
    first, more = True, database.is_sqlite
    while more:
        async with database.write() as session:
            await erasure.overwrite_deleted(session)
            more = await search.forget_for_good(session, PAGES, first=first)
        first = False
    await database.checkpoint()
    return done, database.is_sqlite


def _counts(done: Erased) -> dict[str, int]:
    return {"entries": done.entries, "files": done.files, "mails": done.mails, "letters": done.letters}


def _beyond(left: dict[str, int], others: int, is_sqlite: bool) -> list[str]:
    """What cannot be erased from here, and what others wrote. Names nobody who was erased."""
    lines = ["Not erased, since it is not here:"]
    lines += [f"  {count} mails that {address} was sent: ask for them to be deleted" for address, count in left.items()]
    lines += [
        "  backups made before this day: `toiawase db backup` again, and delete the old ones",
        "  the log, which has masked addresses, and what the mail servers before and behind the gateway keep",
    ]
    if not is_sqlite:
        lines.append("  PostgreSQL's dead rows until its autovacuum comes by, its write-ahead log and replicas")
    lines += [
        "Not erased, since others wrote it:",
        "  mails of other inquiries that name the customer, such as a bounce: `toiawase inquiry list --words ADDRESS`",
    ]
    if others:
        lines.append(f"{others} other inquiries of the same customer are kept: --customer ADDRESS erases them all")
    return lines
