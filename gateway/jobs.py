"""What a gateway does again and again beside its mail."""

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from gateway.memory import give_back_what_is_free
from gateway.sdnotify import notify
from gateway.store import drafts, received
from gateway.store.database import Database

SWEEP_EVERY = 300.0  # seconds
WATCHDOG_DEFAULT = 30.0

log = structlog.get_logger("app")


@contextmanager
def logged(job: str) -> Iterator[None]:
    """A database that is away for a while ends no job."""
    try:
        yield
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        log.warning("job.failed", job=job, error=type(error).__name__)


async def sweep(database: Database) -> None:
    """What nobody waits for: pieces of mails that never were, drafts whose time is over, memory that is free."""
    while True:
        await asyncio.sleep(SWEEP_EVERY)
        give_back_what_is_free()
        with logged("sweep"):
            async with database.write() as session:
                now = datetime.now(UTC)
                await received.sweep_orphans(session, now)
                await drafts.expire(session, now)


async def watchdog(database: Database, delivers: Callable[[], bool]) -> None:
    """Tells systemd that we live, only while the loop turns, the database answers and delivery makes its rounds."""
    microseconds = os.environ.get("WATCHDOG_USEC")
    interval = int(microseconds) / 2_000_000 if microseconds else WATCHDOG_DEFAULT
    while True:
        with logged("watchdog"):
            await database.ping()
            if delivers():
                notify("WATCHDOG=1")
        await asyncio.sleep(interval)
