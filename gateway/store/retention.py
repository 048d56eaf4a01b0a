"""What has been kept long enough goes, a little at a time, so that nobody waits for it long.

Any node may ask for a step at any time; on PostgreSQL one of them does it and the others have nothing to do.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, select, text
from sqlmodel import col
from sqlmodel import select as select_rows
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.ids import first_id
from gateway.store import erasure, rule_uses, seen_mails, suppressions, traces
from gateway.store.list_tables import NumberedMail
from gateway.store.states import InquiryStatus, OutboxState, ReceivedState
from gateway.store.tables import Inquiry, Message, Outbox, OutboxAttempt, Received, ReceivedChunk, SeenMail

AT_ONCE = 100  # rows of a step
QUIET = timedelta(days=30)  # since the last mail: beyond it no time passes, lest a wrong clock empties the database
WHY = "retention.history"
LOCK = 0x746F6962  # of PostgreSQL: one node at a time
FINAL = (OutboxState.SENT, OutboxState.FAILED, OutboxState.CANCELLED)
NEEDED = (ReceivedState.RECEIVED, ReceivedState.SET_ASIDE)  # whose octets may still be read

Step = Callable[[AsyncSession, "Periods", datetime], Awaitable[int]]


@dataclass(frozen=True)
class Periods:
    """How long things are kept after their use."""

    raw: timedelta  # mails as they came
    history: timedelta  # closed inquiries with all about them, and what belongs to no inquiry
    rule_files: timedelta  # versions of the rules that are in use no more


async def step(session: AsyncSession, kind: str, periods: Periods, now: datetime) -> int:
    """One step of one of STEPS. Returns how much went; 0 when there is nothing to do, or another node is at it."""
    connection = await session.connection()
    if connection.dialect.name == "postgresql":
        lock = text("SELECT pg_try_advisory_xact_lock(:key)")
        if not (await connection.execute(lock, {"key": LOCK})).scalar_one():
            return 0
    return await STEPS[kind](session, periods, await _time_that_passed(session, now))


async def _time_that_passed(session: AsyncSession, now: datetime) -> datetime:
    newest = select_rows(Received.received_at).order_by(col(Received.queue_id).desc()).limit(1)
    last = (await session.exec(newest)).first()
    return min(now, last + QUIET) if last else now


async def _raw(session: AsyncSession, periods: Periods, now: datetime) -> int:
    """The octets of mails that were understood, and pieces of mails that never were."""
    needed = exists().where(col(Received.queue_id) == col(ReceivedChunk.queue_id), col(Received.state).in_(NEEDED))
    old = (
        select_rows(ReceivedChunk.queue_id)
        .where(col(ReceivedChunk.queue_id) < first_id(now - periods.raw), ~needed)
        .order_by(col(ReceivedChunk.queue_id))
        .limit(AT_ONCE)
    )
    ids = set(await session.exec(old))
    await session.exec(delete(ReceivedChunk).where(col(ReceivedChunk.queue_id).in_(ids)))
    return len(ids)


async def _inquiry(session: AsyncSession, periods: Periods, now: datetime) -> int:
    """The inquiry that was closed, and quiet, for the longest time."""
    before = now - periods.history
    leaving = exists().where(
        col(Outbox.inquiry_number) == col(Inquiry.number), col(Outbox.state) == OutboxState.SENDING
    )
    old = (
        select_rows(Inquiry.number)
        .where(
            col(Inquiry.erased_at).is_(None),
            col(Inquiry.received_at) < before,
            Inquiry.status == InquiryStatus.DONE,
            col(Inquiry.closed_at) < before,
            col(Inquiry.merged_into).is_(None),
            ~leaving,
        )
        .order_by(col(Inquiry.received_at))
        .limit(1)
    )
    number = (await session.exec(old)).first()
    if number is None:
        return 0
    await erasure.erase(session, await traces.hanging_on(session, [number]), now, "gateway", WHY)
    return 1


async def _letters(session: AsyncSession, periods: Periods, now: datetime) -> int:
    """Finished mails of no inquiry: digests, welcomes, what the operator got. Others go with their inquiry."""
    old = (
        select_rows(Outbox.id)
        .where(
            col(Outbox.id) < first_id(now - periods.history),
            col(Outbox.inquiry_number).is_(None),
            col(Outbox.state).in_(FINAL),
        )
        .limit(AT_ONCE)
    )
    ids = list(await session.exec(old))
    await session.exec(delete(NumberedMail).where(col(NumberedMail.outbox_id).in_(ids)))
    await session.exec(delete(OutboxAttempt).where(col(OutboxAttempt.outbox_id).in_(ids)))
    await session.exec(delete(Outbox).where(col(Outbox.id).in_(ids)))
    return len(ids)


async def _mails(session: AsyncSession, periods: Periods, now: datetime) -> int:
    """The rows of received mails of which no thread tells."""
    old = (
        select_rows(Received.queue_id)
        .where(
            col(Received.queue_id) < first_id(now - periods.history),
            Received.state != ReceivedState.RECEIVED,
            ~exists().where(col(Message.received_id) == col(Received.queue_id)),
        )
        .limit(AT_ONCE)
    )
    ids = list(await session.exec(old))
    await session.exec(delete(ReceivedChunk).where(col(ReceivedChunk.queue_id).in_(ids)))
    await session.exec(delete(Received).where(col(Received.queue_id).in_(ids)))
    return len(ids)


async def _seen(session: AsyncSession, _periods: Periods, now: datetime) -> int:
    """What tells a mail that comes again."""
    old = select(col(SeenMail.digest)).where(seen_mails.is_old(now)).limit(AT_ONCE)
    return (await session.exec(delete(SeenMail).where(col(SeenMail.digest).in_(old)))).rowcount


async def _suppressions(session: AsyncSession, _periods: Periods, now: datetime) -> int:
    return await suppressions.forget_old(session, now)


async def _rule_files(session: AsyncSession, periods: Periods, now: datetime) -> int:
    return await rule_uses.forget(session, now - periods.rule_files)


STEPS: dict[str, Step] = {
    "raw": _raw,
    "inquiries": _inquiry,
    "letters": _letters,
    "mails": _mails,
    "seen": _seen,
    "suppressions": _suppressions,
    "rule_files": _rule_files,
}
