"""What a gateway does again and again beside its mail."""

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from gateway.memory import give_back_what_is_free
from gateway.sdnotify import notify
from gateway.store import received, retention, search
from gateway.store.database import Database, is_away
from gateway.store.retention import Periods

SWEEP_EVERY = 300.0  # seconds
GIVE_BACK_EVERY = 60.0
RETAIN_FIRST, RETAIN_EVERY, RETAIN_PAUSE = 20.0, 600.0, 0.1  # seconds after the start; between rounds; between steps
WATCHDOG_DEFAULT = 30.0
WATCHDOG_LOOKS = 6  # in its patience: delivery makes no rounds while a reload replaces it
DATABASE_PATIENCE, DATABASE_AGAIN = 10.0, 2.0  # seconds that a first answer may take; from one attempt to the next
ROOM_EVERY = 1.0
INDEX_EVERY = 5.0  # seconds between looks for mails that the index of words does not have
INDEXED_AT_ONCE, INDEX_PAUSE = 50, 0.1  # mails of a transaction, seconds to the next: intake waits for its turn

log = structlog.get_logger("app")


@contextmanager
def logged(job: str) -> Iterator[None]:
    """A database that is away for a while ends no job."""
    try:
        yield
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        log.warning("job.failed", job=job, error=type(error).__name__)


async def give_back() -> None:
    """Memory that a busy moment took and left free."""
    while True:
        await asyncio.sleep(GIVE_BACK_EVERY)
        await asyncio.to_thread(give_back_what_is_free)


async def sweep(database: Database) -> None:
    """Pieces of mails that never were."""
    while True:
        await asyncio.sleep(SWEEP_EVERY)
        with logged("sweep"):
            async with database.write() as session:
                await received.sweep_orphans(session, datetime.now(UTC))


async def index(database: Database) -> None:
    """Adds the mails of before to the index of words, bit by bit, and those that went to another inquiry; any other is
    in it from the beginning."""
    while True:
        done = 0
        with logged("index"):
            async with database.read() as session:
                waits = await search.is_behind(session)
            if waits:
                async with database.write() as session:
                    done = await search.index_some(session, INDEXED_AT_ONCE)
        await asyncio.sleep(INDEX_PAUSE if done else INDEX_EVERY)


async def retain(database: Database, periods: Callable[[], Periods]) -> None:
    """Lets go what was kept long enough, step by step."""
    await asyncio.sleep(RETAIN_FIRST)  # a start has better things to do
    while True:
        for kind in retention.STEPS:
            total = 0
            with logged("retention"):
                while done := await _retention_step(database, kind, periods()):
                    total += done
                    await asyncio.sleep(RETAIN_PAUSE)
            if total:
                log.info("retention", what=kind, removed=total)
        await asyncio.sleep(RETAIN_EVERY)


async def _retention_step(database: Database, kind: str, periods: Periods) -> int:
    async with database.write() as session:
        return await retention.step(session, kind, periods, datetime.now(UTC))


async def room(has_room: Callable[[], bool]) -> None:
    """Tells when mail begins to be refused for want of room on the disk (N18), and when that ends."""
    had = True
    while True:
        has = has_room()
        if had and not has:
            log.critical("disk.no_room")
        elif has and not had:
            log.warning("disk.room")
        had = has
        await asyncio.sleep(ROOM_EVERY)


async def watchdog(database: Database, delivers: Callable[[], bool]) -> None:
    """Tells systemd that we live, only while the loop turns, the database answers and delivery makes its rounds.

    "I am away" is an answer, too: mail gets its 451, and no restart brings a database back (decisions/0012).
    """
    microseconds = os.environ.get("WATCHDOG_USEC")
    interval = int(microseconds) / 1_000_000 / WATCHDOG_LOOKS if microseconds else WATCHDOG_DEFAULT
    while True:
        with logged("watchdog"):
            await database.ping()
        if delivers():
            notify("WATCHDOG=1")
        await asyncio.sleep(interval)


async def database_there(database: Database, stopped: asyncio.Event) -> bool:
    """Waits for a PostgreSQL that is away, such as after a power cut, when its machine may come back later than ours:
    ten starts that fail would be the last ones that systemd makes. False when `stopped` comes first.

    Raises what the driver raises for what will not pass by itself.
    """
    while not stopped.is_set():
        try:
            async with asyncio.timeout(DATABASE_PATIENCE):
                await database.ping()
            return True
        except (OSError, TimeoutError, SQLAlchemyError) as error:
            if database.is_sqlite or not is_away(error):
                raise
            log.warning("database.away", error=type(error).__name__)
        extension = int((DATABASE_AGAIN + DATABASE_PATIENCE) * 2_000_000)
        notify(f"EXTEND_TIMEOUT_USEC={extension}\nSTATUS=waiting for the database")
        with suppress(TimeoutError):
            await asyncio.wait_for(stopped.wait(), DATABASE_AGAIN)
    return False
