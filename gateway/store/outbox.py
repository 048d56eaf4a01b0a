"""The mails that we send: what the desk and people ask of `outbox`. What delivery asks stands in attempts.py.

A state is changed only from the states that `states.OUTBOX` allows. What a mail means for an inquiry is not known here.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, func, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.ids import first_id
from gateway.store import suppressions
from gateway.store.states import OUTBOX, OutboxState, sources
from gateway.store.tables import Outbox, OutboxAttempt

FOLLOWERS = ("receipt", "copy")  # wait, held, for the 250 of the answer that they tell of
LATE_NOTICE = "failure_late"  # to the sellers: an answer is not delivered yet
REPLY_LENGTH = 1000  # characters of a server's reply that are kept

_outbox: Table = Outbox.__table__  # type: ignore[attr-defined]
_ONCE = ("cause", "kind", "to_address")
_INSERT = {
    "sqlite": sqlite.insert(_outbox).on_conflict_do_nothing(index_elements=_ONCE),
    "postgresql": postgresql.insert(_outbox).on_conflict_do_nothing(index_elements=_ONCE),
}


async def enqueue(session: AsyncSession, row: Outbox) -> Outbox:
    """Adds a mail. The same cause, kind and recipient a second time adds nothing. Returns the row that is stored, the
    given one or the first, to be read only."""
    insert = _INSERT[session.get_bind().dialect.name]
    connection = await session.connection()
    if (await connection.execute(insert, row.model_dump())).rowcount:
        return row
    same = select(Outbox).where(Outbox.cause == row.cause, Outbox.kind == row.kind, Outbox.to_address == row.to_address)
    return (await session.exec(same)).one()


async def posted(session: AsyncSession, cause: str, kind: str, to_addresses: Collection[str]) -> Outbox | None:
    """The mail of this cause and kind that one of them got."""
    same = (Outbox.cause == cause, Outbox.kind == kind, col(Outbox.to_address).in_(to_addresses))
    return (await session.exec(select(Outbox).where(*same).limit(1))).first()


async def made_since(session: AsyncSession, kind: str, since: datetime) -> int:
    """How many mails of a kind were made. Up to now and beyond: a clock that was set back lets no more be made."""
    of_late = (col(Outbox.id) > first_id(since), col(Outbox.date) > since)  # the first has an index
    return (await session.exec(select(func.count()).where(Outbox.kind == kind, *of_late))).one()


async def bounced(session: AsyncSession, outbox_id: str, diagnostic: str) -> bool:
    """A mail that had left came back: FAILED. False when it was not sent, or is known as failed already."""
    # What came back had left, whatever we knew of it; and nobody sends it once more to find out.
    await _move(session, OutboxState.SENDING, _is(outbox_id), (OutboxState.UNCERTAIN,))
    states = (OutboxState.SENT, OutboxState.SENDING)  # the bounce may be quicker than the record of our 250
    return bool(await _move(session, OutboxState.FAILED, _is(outbox_id), states, reply=diagnostic[:REPLY_LENGTH]))


async def of_message_id(session: AsyncSession, message_id: str) -> Outbox | None:
    """The mail of ours that has this Message-ID."""
    return (await session.exec(select(Outbox).where(Outbox.message_id == message_id))).first()


async def hold(session: AsyncSession, outbox_id: str) -> bool:
    """A person stops a waiting mail. False when it is not waiting."""
    return bool(await _move(session, OutboxState.HELD, _is(outbox_id), (OutboxState.QUEUED,)))


async def cancel(session: AsyncSession, outbox_id: str) -> bool:
    """A person stops a mail for ever, and with it the receipts that wait for it. False when it is on its way, gone,
    or failed."""
    if not await _move(session, OutboxState.CANCELLED, _is(outbox_id), sources(OUTBOX, OutboxState.CANCELLED)):
        return False
    await cancel_receipts(session, outbox_id)
    return True


async def withdraw(session: AsyncSession, outbox_id: str) -> bool:
    """A person stops an answer that has certainly not left, and what waits for it. False when it is on its way, gone,
    or may have left before. Delivery that claims it at the same time was first, or finds it cancelled."""
    certain = and_(_is(outbox_id), col(Outbox.uncertain_attempts) == 0)
    if not await _move(session, OutboxState.CANCELLED, certain, (OutboxState.QUEUED, OutboxState.HELD)):
        return False
    await cancel_receipts(session, outbox_id)
    return True


async def cancel_receipts(session: AsyncSession, answer_id: str) -> int:
    """The answer does not leave: what waits for it is not sent. Returns how many."""
    return await _move(session, OutboxState.CANCELLED, await _receipts(session, [answer_id]), (OutboxState.HELD,))


async def cancel_late_notices(session: AsyncSession, answer: Outbox) -> int:
    """The answer has left: what was to tell that it had not, and could not leave either, is not sent. Returns how
    many."""
    causes = [f"answer:{answer.id}:{attempts}" for attempts in range(answer.attempts + 1)]
    notices = and_(col(Outbox.cause).in_(causes), col(Outbox.kind) == LATE_NOTICE)
    return await _move(session, OutboxState.CANCELLED, notices, (OutboxState.QUEUED,))


async def release_receipts(session: AsyncSession, answer_ids: Collection[str], now: datetime) -> int:
    """The answers' 250 is recorded: their receipts and copies may go (F9). Returns how many."""
    if not answer_ids:
        return 0
    theirs = select(Outbox).where(await _receipts(session, answer_ids)).with_for_update()
    # Their state is looked at here: asked for it, SQLite would go through everything that is held.
    rows = [row for row in await session.exec(theirs) if row.state is OutboxState.HELD]
    for row in rows:
        _requeue(row, now)
    await session.flush()
    return len(rows)


async def retry(session: AsyncSession, now: datetime, outbox_ids: Collection[str]) -> list[str]:
    """Lets mails be sent at once, and returns which: those that are waiting, failed, held or uncertain. What tells of
    an answer goes when that has gone, and never before. Their addresses are tried, dead or not."""
    states = (OutboxState.QUEUED, OutboxState.FAILED, OutboxState.HELD, OutboxState.UNCERTAIN)
    wanted = select(Outbox).where(col(Outbox.id).in_(outbox_ids), col(Outbox.state).in_(states)).with_for_update()
    found = list(await session.exec(wanted))
    rows = [row for row in found if row.state is not OutboxState.HELD or not await _waits_for_answer(session, row)]
    for row in rows:
        if row.state is OutboxState.QUEUED:
            row.next_at = now
        else:
            _requeue(row, now)
    await session.flush()
    await suppressions.lift(session, [row.to_address for row in rows])
    return [row.id for row in rows]


async def retry_all(session: AsyncSession, now: datetime) -> int:
    """Lets every mail that waits for its next attempt be sent at once, but none that waits for its first, since its
    writer may still take it back. Returns how many."""
    waiting = update(Outbox).where(
        col(Outbox.state) == OutboxState.QUEUED, col(Outbox.attempts) > 0, col(Outbox.next_at) > now
    )
    return (await session.exec(waiting.values(next_at=now))).rowcount


async def listing(
    session: AsyncSession,
    *,
    states: Collection[OutboxState] = (),
    inquiry_number: int | None = None,
    to_address: str | None = None,
    before: str | None = None,
    limit: int = 100,
) -> list[Outbox]:
    """Mails, newest first, older than the mail `before`; of all states unless some are named."""
    statement = select(Outbox).order_by(col(Outbox.id).desc()).limit(limit)
    if states:
        statement = statement.where(col(Outbox.state).in_(states))
    if inquiry_number is not None:
        statement = statement.where(Outbox.inquiry_number == inquiry_number)
    if to_address is not None:
        statement = statement.where(Outbox.to_address == to_address)
    if before is not None:
        statement = statement.where(col(Outbox.id) < before)
    return list(await session.exec(statement))


async def attempts_of(session: AsyncSession, outbox_id: str) -> list[OutboxAttempt]:
    """Every attempt of a mail, oldest first."""
    statement = select(OutboxAttempt).where(OutboxAttempt.outbox_id == outbox_id).order_by(col(OutboxAttempt.id))
    return list(await session.exec(statement))


def step(row: Outbox, state: OutboxState) -> None:
    """Moves a locked row. Raises ValueError for a step that is not in the table."""
    if state not in OUTBOX[row.state]:
        raise ValueError(f"{row.id}: no step from {row.state} to {state}")
    row.prior_state, row.state = row.state, state


def _requeue(row: Outbox, now: datetime) -> None:
    """Due now, and with its whole life before it."""
    step(row, OutboxState.QUEUED)
    row.expires_at = now + (row.expires_at - row.date)
    row.next_at = now


async def _waits_for_answer(session: AsyncSession, row: Outbox) -> bool:
    """Whether it tells of an answer that has not left: a receipt by its id, a copy by the cause of both."""
    if row.kind not in FOLLOWERS:
        return False
    answer = or_(col(Outbox.id) == row.cause.removeprefix("answer:"), col(Outbox.cause) == row.cause)
    left = select(Outbox.id).where(answer, col(Outbox.kind).not_in(FOLLOWERS), Outbox.state == OutboxState.SENT)
    return (await session.exec(left)).first() is None


def _is(outbox_id: str) -> ColumnElement[bool]:
    return col(Outbox.id) == outbox_id


async def _receipts(session: AsyncSession, answer_ids: Collection[str]) -> ColumnElement[bool]:
    """What tells sellers of these answers: receipts, and the colleagues' copies, which have the answer's own cause."""
    causes = [f"answer:{answer_id}" for answer_id in answer_ids]
    causes += await session.exec(select(Outbox.cause).where(col(Outbox.id).in_(answer_ids)))
    return and_(col(Outbox.cause).in_(causes), col(Outbox.kind).in_(FOLLOWERS))


async def _move(
    session: AsyncSession,
    state: OutboxState,
    which: ColumnElement[bool],
    states: Collection[Any],
    **values: object,
) -> int:
    result = await session.exec(
        update(Outbox)
        .where(which, col(Outbox.state).in_(states))
        .values(prior_state=col(Outbox.state), state=state, **values)
    )
    return result.rowcount


async def thread_ids(session: AsyncSession, inquiry_number: int, to_address: str, kinds: Collection[str]) -> list[str]:
    """The Message-IDs of what one person got, or will get, about an inquiry, oldest first."""
    query = (
        select(Outbox.message_id)
        .where(Outbox.inquiry_number == inquiry_number, Outbox.to_address == to_address, col(Outbox.kind).in_(kinds))
        .where(Outbox.state != OutboxState.CANCELLED)
        .order_by(col(Outbox.id))
    )
    return list(await session.exec(query))
