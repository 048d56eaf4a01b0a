"""A backup's rows into a database that has none, and what may not simply go on as it was then.

Mail that waited may have left since: it is held for a person. Numbers given since are not given again. All of it is one
transaction: there is the whole of it or nothing.
"""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import func, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store import copying, integrity, migrate
from gateway.store.backup import BackupError, Notes, damaged, read_notes
from gateway.store.database import Database
from gateway.store.states import OutboxState, ReceivedState
from gateway.store.tables import Inquiry, Outbox, OutboxAttempt, Received, Store

IN_USE = (Store, Received, Inquiry, Outbox)  # one row of these, and the database is somebody's


@dataclass(frozen=True)
class Restored:
    """What the operator is told."""

    notes: Notes
    rows: dict[str, int] = field(default_factory=dict)
    held: int = 0  # mails that waited, and now wait for a person
    not_understood: int = 0  # received mails that the gateway will understand when it starts
    last_number: int = 0  # that is left out: the next inquiry gets the one after it


async def restore(database: Database, file: Path, jump: int) -> Restored:
    """Raises BackupError, OSError and what the drivers raise."""
    notes, revision = read_notes(file)
    if not migrate.is_known(revision):
        raise BackupError(f"the backup was made by a newer release ({notes.release}): restore it with that one")
    await migrate.upgrade(database)
    async with _opened(file, revision) as source, database.write() as session:
        for model in IN_USE:
            if (await session.exec(select(model).limit(1))).first() is not None:
                raise BackupError("the database is in use: a backup is restored into a new one only; move it away")
        target = await session.connection()
        await copying.empty(target)
        try:
            rows = await copying.copy_rows(source, target)
        except copying.UnreadableError as error:
            raise damaged(file, str(error)) from None
        held = await _hold(session, f"held by a restore: after {copying.as_text(notes.made_at)} it may have left")
        await session.exec(update(Received).values(claimed_by=None, lease_until=None))
        waiting = select(func.count()).select_from(Received).where(Received.state == ReceivedState.RECEIVED)
        not_understood = (await session.exec(waiting)).one()
        return Restored(notes, rows, held, not_understood, await copying.next_numbers(target, jump))


@asynccontextmanager
async def _opened(file: Path, revision: str) -> AsyncIterator[AsyncConnection]:
    """The backup's tables as this release has them; the file itself is not touched."""
    if revision == migrate.newest_revision():
        async with integrity.opened(file) as connection:
            yield connection
        return
    with TemporaryDirectory(dir=file.parent) as folder:
        copy = Path(folder) / "backup.db"
        shutil.copyfile(file, copy)
        older = Database(f"sqlite:///{copy}")
        try:
            await _brought_up(older, file)
        finally:
            await older.close()
        async with integrity.opened(copy) as connection:
            yield connection


async def _brought_up(older: Database, file: Path) -> None:
    try:
        await migrate.upgrade(older)
    except (DBAPIError, ValueError):
        raise damaged(file, "its tables cannot be brought to this release's schema") from None
    await older.checkpoint()


async def _hold(session: AsyncSession, why: str) -> int:
    """Every mail that delivery would still try, by the legal steps; returns how many."""
    uncertain = update(Outbox).where(col(Outbox.state) == OutboxState.UNCERTAIN)
    await session.exec(uncertain.values(prior_state=OutboxState.UNCERTAIN, state=OutboxState.QUEUED))
    waits = col(Outbox.state).in_((OutboxState.QUEUED, OutboxState.SENDING))
    held = (
        update(Outbox)
        .where(waits)
        .values(prior_state=col(Outbox.state), state=OutboxState.HELD, reply=why, claimed_by=None, lease_until=None)
    )
    number = (await session.exec(held)).rowcount
    broken_off = update(OutboxAttempt).where(col(OutboxAttempt.finished_at).is_(None))
    await session.exec(broken_off.values(finished_at=col(OutboxAttempt.started_at), outcome="uncertain"))
    return number
