"""Attempts to send: what delivery asks of `outbox` and `outbox_attempt`.

An attempt is written, with the time of the next one, before the network is touched; what came of it is written
after. Rows are locked while their state changes, and every step is one of `states.OUTBOX`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.store.outbox import REPLY_LENGTH, step
from gateway.store.states import OutboxState
from gateway.store.tables import Outbox, OutboxAttempt

UNCERTAIN_LIMIT = 2  # attempts that ended in a dead process; then only a person sends it again


@dataclass(frozen=True, slots=True)
class Finished:
    """What came of one attempt: the state it leads to, and the far server's word."""

    outbox_id: str
    state: OutboxState  # SENT, QUEUED, FAILED or UNCERTAIN
    outcome: str  # for the attempt's record: sent, deferred, failed, held, uncertain
    at: datetime
    code: int | None
    reply: str
    next_at: datetime | None = None  # None: as it was set when the attempt began
    expires_at: datetime | None = None  # None: unchanged


async def claim_due(
    session: AsyncSession,
    sender: str,
    *,
    limit: int,
    now: datetime,
    lease: timedelta,
    wait: Callable[[int], timedelta],
    resend: bool,
) -> list[Outbox]:
    """Takes up to `limit` due mails for `sender` and writes an attempt for each, the longest due first.

    They are SENDING and the sender's until `now + lease`; `wait(attempts)` gives the time until the next attempt.
    `resend` also takes those whose last outcome is unknown and that may be sent once more.
    """
    due = (
        select(Outbox)
        .where(_claimable(resend), col(Outbox.next_at) <= now)
        .order_by(col(Outbox.next_at), col(Outbox.id))
        .limit(limit)
        .with_for_update(skip_locked=True)  # SQLite, which has no such clause, has its one writer instead
    )
    rows = list(await session.exec(due))
    for row in rows:
        step(row, OutboxState.SENDING)
        row.attempts += 1
        row.next_at = max(now, min(now + wait(row.attempts), row.expires_at))
        row.claimed_by, row.lease_until = sender, now + lease
        session.add(OutboxAttempt(outbox_id=row.id, started_at=now))
    await session.flush()
    return rows


async def renew(session: AsyncSession, sender: str, until: datetime) -> None:
    """Keeps everything that the living `sender` is sending from being taken for lost."""
    statement = update(Outbox).where(col(Outbox.state) == OutboxState.SENDING, col(Outbox.claimed_by) == sender)
    await session.exec(statement.values(lease_until=until))


async def record(session: AsyncSession, sender: str, finished: Iterable[Finished]) -> list[Outbox]:
    """Writes outcomes, and returns the rows in their new state; those that are no longer the sender's are left out.

    A row that was taken for lost in the meantime, and not yet sent again, is the sender's still.
    """
    by_id = {one.outbox_id: one for one in finished}
    states = (OutboxState.SENDING, OutboxState.UNCERTAIN)
    mine = (
        select(Outbox)
        .where(col(Outbox.id).in_(by_id), col(Outbox.claimed_by) == sender, col(Outbox.state).in_(states))
        .order_by(col(Outbox.id))
        .with_for_update()
    )
    rows = list(await session.exec(mine))
    for row in rows:
        if row.state is OutboxState.UNCERTAIN:
            step(row, OutboxState.SENDING)
    await session.flush()
    for row in rows:
        one = by_id[row.id]
        step(row, one.state)
        row.reply = one.reply[:REPLY_LENGTH]
        row.next_at = one.next_at or row.next_at
        row.expires_at = one.expires_at or row.expires_at
        row.uncertain_attempts += one.state is OutboxState.UNCERTAIN
        row.sent_at = one.at if one.state is OutboxState.SENT else row.sent_at
        row.claimed_by = row.lease_until = None
        await _close_attempt(session, row.id, one)
    await session.flush()
    return rows


async def _close_attempt(session: AsyncSession, outbox_id: str, one: Finished) -> None:
    newest = select(func.max(OutboxAttempt.id)).where(OutboxAttempt.outbox_id == outbox_id).scalar_subquery()
    await session.exec(
        update(OutboxAttempt)
        .where(col(OutboxAttempt.id) == newest)
        .values(finished_at=one.at, outcome=one.outcome, code=one.code, reply=one.reply[:REPLY_LENGTH])
    )


async def recover(session: AsyncSession, now: datetime, node: str, sender: str) -> list[Outbox]:
    """Marks what dead processes were sending as UNCERTAIN, and returns those of them that stay so for good.

    Dead is who let its lease run out, and everyone else of `node`, whose senders' names begin with `node:`.
    """
    predecessor = and_(
        func.substr(col(Outbox.claimed_by), 1, len(node) + 1) == f"{node}:", col(Outbox.claimed_by) != sender
    )
    gone = or_(col(Outbox.lease_until) < now, predecessor)
    lost = select(Outbox).where(col(Outbox.state) == OutboxState.SENDING, gone).with_for_update(skip_locked=True)
    rows = list(await session.exec(lost))
    for row in rows:
        step(row, OutboxState.UNCERTAIN)
        row.uncertain_attempts += 1
        row.lease_until = None
    open_attempts = update(OutboxAttempt).where(
        col(OutboxAttempt.outbox_id).in_([row.id for row in rows]), col(OutboxAttempt.finished_at).is_(None)
    )
    if rows:
        await session.flush()
        await session.exec(open_attempts.values(finished_at=now, outcome="uncertain"))
    return [row for row in rows if is_uncertain_for_good(row)]


def is_uncertain_for_good(row: Outbox) -> bool:
    """True when nobody but a person may send it again."""
    return row.state is OutboxState.UNCERTAIN and (row.once or row.uncertain_attempts >= UNCERTAIN_LIMIT)


async def expire(session: AsyncSession, now: datetime) -> list[Outbox]:
    """Gives up on mails whose life is over, and returns them, FAILED."""
    over = (
        select(Outbox)
        .where(col(Outbox.state) == OutboxState.QUEUED, col(Outbox.next_at) <= now, col(Outbox.expires_at) <= now)
        .with_for_update(skip_locked=True)
    )
    rows = list(await session.exec(over))
    for row in rows:
        step(row, OutboxState.FAILED)
    await session.flush()
    return rows


async def late(session: AsyncSession, now: datetime, after: timedelta) -> list[Outbox]:
    """The mails that have been tried and not delivered for `after`, each told once."""
    waiting = (
        select(Outbox)
        .where(
            col(Outbox.state) == OutboxState.QUEUED,
            col(Outbox.attempts) > 0,
            col(Outbox.warned_at).is_(None),
            col(Outbox.date) <= now - after,
            col(Outbox.expires_at) > now,
        )
        .with_for_update(skip_locked=True)
    )
    rows = list(await session.exec(waiting))
    for row in rows:
        row.warned_at = now
    await session.flush()
    return rows


async def next_due(session: AsyncSession, *, resend: bool) -> datetime | None:
    """When `claim_due` has something to do next, as far as the table tells now."""
    return (await session.exec(select(func.min(Outbox.next_at)).where(_claimable(resend)))).one()


def _claimable(resend: bool) -> ColumnElement[bool]:
    queued = col(Outbox.state) == OutboxState.QUEUED
    if not resend:
        return queued
    once_more = and_(
        col(Outbox.state) == OutboxState.UNCERTAIN,
        col(Outbox.once).is_(False),
        col(Outbox.uncertain_attempts) < UNCERTAIN_LIMIT,
    )
    return or_(queued, once_more)
