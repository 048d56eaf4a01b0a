"""Attempts to send: what delivery asks of `outbox` and `outbox_attempt`.

An attempt is written, with the time of the next one, before the network is touched; what came of it is written
after. Rows are locked while their state changes, and every step is one of `states.OUTBOX`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, bindparam, case, func, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.mail.addresses import address_key
from gateway.store import suppressions
from gateway.store.answers import TO_CUSTOMER
from gateway.store.outbox import REPLY_LENGTH, step
from gateway.store.states import OutboxState
from gateway.store.tables import Outbox, OutboxAttempt

# Attempts that ended in a dead process; then only a person sends it again (docs/decisions/0002).
UNCERTAIN_LIMIT = 5
UNCERTAIN_LIMIT_TO_CUSTOMER = 2  # a copy confuses a customer; a notification that is lost costs one

_outbox: Table = Outbox.__table__  # type: ignore[attr-defined]
_attempt: Table = OutboxAttempt.__table__  # type: ignore[attr-defined]
_FINISHED_COLUMNS = (
    "state",
    "prior_state",
    "reply",
    "next_at",
    "expires_at",
    "sent_at",
    "uncertain_attempts",
    "claimed_by",
    "lease_until",
)
_FINISH = (
    update(_outbox)
    .where(_outbox.c.id == bindparam("key"))
    .values({name: bindparam(name) for name in _FINISHED_COLUMNS})
)
_FINISH_ATTEMPT = (
    update(_attempt)
    .where(_attempt.c.outbox_id == bindparam("key"), _attempt.c.finished_at.is_(None))
    .values({name: bindparam(name) for name in ("finished_at", "outcome", "code", "reply")})
)


@dataclass(frozen=True, slots=True)
class Finished:
    """What came of one attempt: the state it leads to, and the far server's word."""

    row: Outbox  # as `claim_due` gave it
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
    retries: int | None = None,
) -> tuple[list[Outbox], list[Outbox]]:
    """Takes up to `limit` due mails, the longest due first; returns those to send and those that are given up: their
    life is over, or their address is dead.

    The first are SENDING, an attempt is written for each, and they are the sender's until `now + lease`;
    `wait(attempts)` gives the time until the next attempt. The others are FAILED. `resend` also takes mails whose
    last outcome is unknown and that may be sent once more, but none that `sender` itself is still sending: others took
    it for dead, and it was only suspended. No more than `retries` were tried before; beyond that, what never was goes.
    """
    in_flight = and_(col(Outbox.state) == OutboxState.UNCERTAIN, col(Outbox.claimed_by) == sender)
    due = (
        select(Outbox)
        .where(_claimable(resend), in_flight.is_not(True), col(Outbox.next_at) <= now)
        .order_by(col(Outbox.next_at), col(Outbox.id))
        .with_for_update(skip_locked=True)  # SQLite, which has no such clause, has its one writer instead
    )
    rows = list(await session.exec(due.limit(limit)))
    again = [row for row in rows if row.attempts]
    if retries is not None and len(again) > retries:
        fresh = list(await session.exec(due.where(Outbox.attempts == 0).limit(limit - retries)))
        rows = fresh + again[:retries]
    dead = await suppressions.among(session, [row.to_address for row in rows], now)
    claimed: list[Outbox] = []
    given_up: list[Outbox] = []
    for row in rows:
        is_dead = address_key(row.to_address) in dead
        if row.state is OutboxState.QUEUED and (is_dead or await _is_over(session, row, now, wait)):
            step(row, OutboxState.FAILED)
            row.reply = suppressions.NOT_SENT if is_dead else row.reply
            given_up.append(row)
            continue
        step(row, OutboxState.SENDING)
        row.attempts += 1
        row.next_at = max(now, min(now + wait(row.attempts), row.expires_at))
        row.claimed_by, row.lease_until = sender, now + lease
        session.add(OutboxAttempt(outbox_id=row.id, started_at=now))
        claimed.append(row)
    await session.flush()
    return claimed, given_up


async def _is_over(session: AsyncSession, row: Outbox, now: datetime, wait: Callable[[int], timedelta]) -> bool:
    """Whether its life has ended, and it was tried up to the end: a gateway that was off, a clock that was wrong or a
    refused login costs no mail its last attempt. An automatic answer would only puzzle then."""
    if row.expires_at > now or row.once:
        return row.expires_at <= now
    query = select(OutboxAttempt).where(OutboxAttempt.outbox_id == row.id).order_by(col(OutboxAttempt.id).desc())
    last = (await session.exec(query.limit(1))).first()
    return last is not None and last.outcome != "held" and last.started_at + 2 * wait(row.attempts) >= row.expires_at


async def renew(session: AsyncSession, sender: str, until: datetime) -> None:
    """Keeps everything that the living `sender` is sending from being taken for lost."""
    statement = update(Outbox).where(col(Outbox.state) == OutboxState.SENDING, col(Outbox.claimed_by) == sender)
    await session.exec(statement.values(lease_until=until))


async def record(session: AsyncSession, sender: str, finished: Sequence[Finished]) -> list[Outbox]:
    """Writes outcomes, and returns the rows that were the sender's to write, in their new state.

    A row that was taken for lost in the meantime, and not yet sent again, is the sender's still.
    """
    states = (OutboxState.SENDING, OutboxState.UNCERTAIN)
    mine = (
        select(Outbox.id, Outbox.state)
        .where(col(Outbox.id).in_([one.row.id for one in finished]))
        .where(col(Outbox.claimed_by) == sender, col(Outbox.state).in_(states))
        .with_for_update()
    )
    found = dict((await session.exec(mine)).all())
    if lost := [outbox_id for outbox_id, state in found.items() if state is OutboxState.UNCERTAIN]:
        back = {"prior_state": OutboxState.UNCERTAIN, "state": OutboxState.SENDING}
        await session.exec(update(Outbox).where(col(Outbox.id).in_(lost)).values(back))
    recorded = [one for one in finished if one.row.id in found]
    rows = [_ended(one) for one in recorded]
    if rows:
        connection = await session.connection()
        await connection.execute(_FINISH, [_columns(row) for row in rows])
        await connection.execute(_FINISH_ATTEMPT, [_attempt_columns(one) for one in recorded])
    return rows


def _ended(one: Finished) -> Outbox:
    row = Outbox(**one.row.model_dump())  # a copy: the transaction may fail, and be tried again from the start
    step(row, one.state)
    row.reply = one.reply[:REPLY_LENGTH]
    row.next_at = one.next_at or row.next_at
    row.expires_at = one.expires_at or row.expires_at
    row.sent_at = one.at if one.state is OutboxState.SENT else row.sent_at
    row.uncertain_attempts += one.state is OutboxState.UNCERTAIN
    row.claimed_by = row.lease_until = None
    return row


def _columns(row: Outbox) -> dict[str, Any]:
    return {"key": row.id} | {name: getattr(row, name) for name in _FINISHED_COLUMNS}


def _attempt_columns(one: Finished) -> dict[str, Any]:
    reply = one.reply[:REPLY_LENGTH]
    return {"key": one.row.id, "finished_at": one.at, "outcome": one.outcome, "code": one.code, "reply": reply}


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
    limit = UNCERTAIN_LIMIT_TO_CUSTOMER if row.kind in TO_CUSTOMER else UNCERTAIN_LIMIT
    return row.state is OutboxState.UNCERTAIN and (row.once or row.uncertain_attempts >= limit)


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
    return or_(queued, is_resendable())


def is_resendable() -> ColumnElement[bool]:
    """The mails whose outcome is unknown and that may be sent once more: all that `is_uncertain_for_good` is not."""
    limit = case((col(Outbox.kind).in_(TO_CUSTOMER), UNCERTAIN_LIMIT_TO_CUSTOMER), else_=UNCERTAIN_LIMIT)
    return and_(
        col(Outbox.state) == OutboxState.UNCERTAIN,
        col(Outbox.once).is_(False),
        col(Outbox.uncertain_attempts) < limit,
    )
