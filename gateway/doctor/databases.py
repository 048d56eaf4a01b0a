"""The database: reachable, of this release, ours to use, with the keys that belong to it, and on time."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.config import Config
from gateway.doctor.finding import Finding, note, ok, wrong
from gateway.keys import KeysError, in_use, load_keys
from gateway.store import key_fingerprints, people
from gateway.store.database import Database
from gateway.store.migrate import Schema, schema_of
from gateway.store.tables import Received

TABLE_RIGHTS = "SELECT, INSERT, UPDATE, DELETE"
CLOCK_LIMIT = timedelta(seconds=10)  # between us and the database: several nodes share its times
BACKWARDS = timedelta(minutes=10)  # T10: so much the clock may be wrong


async def examine(config: Config) -> AsyncIterator[Finding]:
    """All that the database can tell; nothing is made or changed."""
    if config.database.startswith("sqlite:///") and not (file := Path(config.database[10:])).exists():
        yield wrong("database", f"there is no {file} yet", "`toiawase db upgrade` makes it, as the gateway's user.")
        return
    try:
        database = Database(config.database)
    except (ModuleNotFoundError, OSError, ValueError) as error:
        yield wrong("database", f"it cannot be used: {error}", "Mend `database` in the configuration.")
        return
    try:
        async for finding in _asked(config, database):
            yield finding
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        remedy = "Start the database, and check name, password and rights in `database`."
        yield wrong("database", f"it does not answer: {_said(error)}", remedy)
    finally:
        await database.close()


async def _asked(config: Config, database: Database) -> AsyncIterator[Finding]:
    await database.ping()
    match await schema_of(database):
        case Schema.CURRENT:
            yield ok("database", "it answers, with this release's schema")
        case Schema.NEWER:
            remedy = "Bring this node to that release too."
            yield note("database", "it answers, with a newer release's schema", remedy)
        case Schema.BEHIND:
            yield wrong("database", "its schema is older than this release", "`toiawase db upgrade`.")
            return
    async with database.read() as session:
        if not database.is_sqlite:
            for finding in await _postgresql(session):
                yield finding
        if (of_keys := await _keys(config, session)) is not None:
            yield of_keys
        yield await _clock(session, ask=not database.is_sqlite)
        if (of_people := await _people(config, session)) is not None:
            yield of_people


async def _postgresql(session: AsyncSession) -> list[Finding]:
    """A role that may do what the gateway does, and better nothing else (A25)."""
    query = (
        "SELECT c.relname FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace "
        "AND NOT has_table_privilege(c.oid, :one) ORDER BY 1"
    ).replace("current_schema()::regnamespace", "CAST(current_schema() AS regnamespace)")
    for right in TABLE_RIGHTS.split(", "):
        tables = [row[0] for row in await (await session.connection()).execute(text(query), {"one": right})]
        tables = [table for table in tables if table != "alembic_version" or right == "SELECT"]
        if tables:
            remedy = f"As the tables' owner: `GRANT {TABLE_RIGHTS} ON ALL TABLES IN SCHEMA public TO` our role."
            return [wrong("database rights", f"we may not {right} {tables[0]}", remedy)]
    owns = "SELECT has_schema_privilege(current_schema(), 'CREATE')"
    if (await (await session.connection()).execute(text(owns))).scalar():
        remedy = "Let another role own the tables and run `toiawase db upgrade`; docs/operating.md says how."
        return [note("database rights", "our role may change the tables themselves", remedy)]
    return [ok("database rights", "our role may change rows and nothing else")]


async def _keys(config: Config, session: AsyncSession) -> Finding | None:
    try:
        keyring = load_keys(config.keys)
    except KeysError:
        return None  # said of the file
    try:
        usable = in_use(
            await key_fingerprints.all_rows(session), keyring, await key_fingerprints.has_inquiries(session)
        )
    except KeysError as error:
        text, _, remedy = str(error).partition("; ")
        return wrong("keys", text, f"{remedy[:1].upper()}{remedy[1:]}.")
    if len(usable.keys) < len(keyring.keys):
        revoked = [key.id for key in keyring.keys if key not in usable.keys]
        remedy = f"`toiawase keys revoke {revoked[0]}` here too, and restart where systemd hands the keys over."
        return note("keys", f"the file still has {', '.join(revoked)}, revoked elsewhere", remedy)
    return ok("keys", f"{usable.keys[0].id} signs, {len(usable.keys)} verify")


async def _clock(session: AsyncSession, *, ask: bool) -> Finding:
    now = datetime.now(UTC)
    remedy = "Set the clock: `timedatectl set-ntp true`."
    if ask:
        theirs = (await (await session.connection()).execute(text("SELECT clock_timestamp()"))).scalar_one()
        if abs(theirs - datetime.now(UTC)) > CLOCK_LIMIT:
            return wrong(
                "clock", f"it is {now:%H:%M:%S} here and {theirs.astimezone(UTC):%H:%M:%S} at the database", remedy
            )
    newest = (await session.exec(select(func.max(Received.received_at)))).one()
    if newest is not None and newest - now > BACKWARDS:
        return wrong("clock", f"it is {now:%Y-%m-%d %H:%M} by our clock, before the newest mail", remedy)
    return ok("clock", f"{now:%Y-%m-%d %H:%M:%S} UTC")


async def _people(config: Config, session: AsyncSession) -> Finding | None:
    """What keeps a gateway from starting (A05)."""
    if not (number := await people.at_domain(session, config.domain)):
        return None
    remedy = "Give the gateway a domain of its own, or register addresses at another and `remove` these."
    return wrong("domain", f"{number} registered addresses are at {config.domain} itself", remedy)


def _said(error: Exception) -> str:
    origin = getattr(error, "orig", None) or error
    return (str(origin).strip().partition("\n")[0].rpartition(">: ")[2] or type(origin).__name__)[:200]
