"""What the gateway does by the clock, not because a mail came: reminders, the daily digest, welcomes, the end of held
drafts.

Runs in the main process of every node. What is due is looked up without writing; each single piece is then claimed and
done in a small transaction of its own, so that it happens once whoever looks, and intake never waits long for its turn.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from sqlalchemy.exc import DBAPIError
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.desk import digest, draft_expiry, reminders, welcome
from gateway.desk.post import Office
from gateway.store.database import Database
from gateway.store.trouble import is_outage
from gateway.worker.handle import error_of

EVERY = 5.0  # seconds between looks: as soon a change by the command line takes effect (contract.md)

log = structlog.get_logger("periodic")


@dataclass(frozen=True)
class Job:
    """`due` names the pieces whose time has come; `do` does one if it is due still, and says whether it posted mail."""

    name: str
    due: Callable[[AsyncSession, datetime], Awaitable[list[int]]]
    do: Callable[[AsyncSession, Office, int, datetime], Awaitable[bool]]


JOBS = (
    Job("reminder", reminders.due, reminders.remind),
    Job("snooze", reminders.due_snoozed, reminders.come_back),
    Job("digest", digest.due, digest.send),
    Job("welcome", welcome.due, welcome.send),
    Job("draft_warning", draft_expiry.due_to_warn, draft_expiry.warn),
    Job("draft_expiry", draft_expiry.due_to_expire, draft_expiry.expire),
)


async def run(
    database: Database,
    office: Callable[[], Office],
    posted: Callable[[], None],
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    every: float = EVERY,
) -> None:
    """Until cancelled. `posted` is called after mail was put into the outbox."""
    while True:
        try:
            if await do_due(database, office(), now()):
                posted()
        except Exception as error:  # noqa: BLE001 - the database is away, or a bug: the next look may succeed
            log.error("periodic.failed", error=error_of(error))
        await asyncio.sleep(every)


async def do_due(database: Database, office: Office, now: datetime) -> int:
    """Does everything that is due. Returns how many pieces posted mail; raises what the driver raises when the database
    cannot be used. A piece that fails by itself is logged, and hinders no other."""
    done = 0
    for job in JOBS:
        async with database.read() as session:
            keys = await job.due(session, now)
        for key in keys:
            try:
                async with database.write() as session:
                    posted = await job.do(session, office, key, now)
                if posted:
                    done += 1
                    log.info("periodic", job=job.name, key=key)
            except (OSError, TimeoutError):
                raise
            except Exception as error:
                if isinstance(error, DBAPIError) and is_outage(error):
                    raise
                log.error("periodic.piece_failed", job=job.name, key=key, error=error_of(error))
    return done
