"""Mail that was answered 250: every query on `received` and `received_chunk`.

Rows come from the intake, workers claim and finish them. What a mail means is not known here.
"""

import asyncio
import zlib
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from sqlalchemy import Table, case, delete, exists, or_, select, update
from sqlmodel import col
from sqlmodel import select as select_rows
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.ids import first_id
from gateway.store.states import RECEIVED, ReceivedState, sources
from gateway.store.tables import Received, ReceivedChunk

ORPHAN_AGE = timedelta(hours=2)  # longer than any SMTP session: its row cannot come any more
ORPHAN_HORIZON = timedelta(days=14)  # how far back a sweep looks; older raw mail is the retention's
ERROR_LENGTH = 1000  # characters of an error that are kept
VERDICT_LENGTH = 600  # characters of how the author was proved: two names of DNS and a reason
INLINE_COMPRESSION = 1 << 18  # octets of a batch: more is compressed in a thread, so that the loop never waits long
COMPRESSION = 1  # zlib level: 4 KB of mail in 0.05 ms, and most of what a higher level would save

_received: Table = Received.__table__  # type: ignore[attr-defined]
_chunk: Table = ReceivedChunk.__table__  # type: ignore[attr-defined]


class ClaimLostError(Exception):
    """The worker's lease ran out and the mail is someone else's now: roll back what was done for it."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A mail at the moment of its 250. `chunks` are its raw octets, or () when `add_chunk` stored them before."""

    queue_id: str
    mail_from: str  # "" for the null sender
    rcpt_to: tuple[str, ...]
    received_at: datetime
    remote_address: str
    helo: str
    trusted_relay: bool
    smtputf8: bool
    tls: bool
    size: int  # octets, trace fields included
    chunks: tuple[bytes, ...] = field(default=(), repr=False)

    def row(self) -> dict[str, Any]:
        return {
            "queue_id": self.queue_id,
            "state": ReceivedState.RECEIVED,
            "mail_from": self.mail_from,
            "rcpt_to": list(self.rcpt_to),
            "received_at": self.received_at,
            "remote_address": self.remote_address,
            "helo": self.helo,
            "trusted_relay": self.trusted_relay,
            "smtputf8": self.smtputf8,
            "tls": self.tls,
            "size": self.size,
            "attempts": 0,
            "outcome": [],
        }


async def insert_many(session: AsyncSession, arrivals: Sequence[Arrival]) -> None:
    """Stores every arrival in two statements; the transaction's commit is what a 250 promises."""
    # Compressed before the first statement, which begins the transaction.
    octets = sum(arrival.size for arrival in arrivals)
    chunks = await asyncio.to_thread(_chunks, arrivals) if octets > INLINE_COMPRESSION else _chunks(arrivals)
    connection = await session.connection()
    await connection.execute(_received.insert(), [arrival.row() for arrival in arrivals])
    if chunks:
        await connection.execute(_chunk.insert(), chunks)


def _chunks(arrivals: Sequence[Arrival]) -> list[dict[str, Any]]:
    return [
        {"queue_id": arrival.queue_id, "seq": seq, "data": zlib.compress(octets, COMPRESSION)}
        for arrival in arrivals
        for seq, octets in enumerate(arrival.chunks)
    ]


async def add_chunk(session: AsyncSession, queue_id: str, seq: int, compressed: bytes) -> None:
    """Stores one zlib-compressed piece of a big mail ahead of its row."""
    connection = await session.connection()
    await connection.execute(_chunk.insert(), {"queue_id": queue_id, "seq": seq, "data": compressed})


async def load_raw(session: AsyncSession, queue_id: str) -> bytes:
    """The raw mail as stored. Raises LookupError when it is not kept (any more), or damaged."""
    statement = (
        select_rows(ReceivedChunk.data).where(col(ReceivedChunk.queue_id) == queue_id).order_by(col(ReceivedChunk.seq))
    )
    pieces = deque((await session.exec(statement)).all())
    if not pieces:
        raise LookupError(f"no raw mail {queue_id}")
    return _whole(pieces)


async def load_many(session: AsyncSession, queue_ids: Sequence[str]) -> dict[str, bytes]:
    """The raw mails that are kept and whole, in one question. All of them are in memory at once: the caller bounds
    their size."""
    statement = (
        select_rows(ReceivedChunk.queue_id, ReceivedChunk.data)
        .where(col(ReceivedChunk.queue_id).in_(queue_ids))
        .order_by(col(ReceivedChunk.queue_id), col(ReceivedChunk.seq))
    )
    pieces: dict[str, deque[bytes]] = {}
    for queue_id, piece in await session.exec(statement):
        pieces.setdefault(queue_id, deque()).append(piece)
    raw: dict[str, bytes] = {}
    for queue_id, parts in pieces.items():
        with suppress(LookupError):  # a damaged one keeps none of the others from being read
            raw[queue_id] = _whole(parts)
    return raw


def _whole(pieces: deque[bytes]) -> bytes:
    """The raw mail of its compressed pieces, which are used up: a big mail is in memory only once. Raises LookupError
    when they are damaged."""
    try:
        if len(pieces) == 1:
            return zlib.decompress(pieces[0])
        raw = BytesIO()
        while pieces:
            raw.write(zlib.decompress(pieces.popleft()))
    except zlib.error:
        raise LookupError("the raw mail is damaged") from None
    return raw.getvalue()


async def more_wait_than(session: AsyncSession, limit: int) -> bool:
    """Whether more than `limit` mails wait to be understood. Looks at no more of them than that."""
    waiting = (
        select_rows(Received.queue_id)
        .where(Received.state == ReceivedState.RECEIVED)
        .order_by(col(Received.queue_id))
        .offset(limit)
        .limit(1)
    )
    return (await session.exec(waiting)).first() is not None


async def sweep_orphans(session: AsyncSession, now: datetime) -> int:
    """Deletes pieces of big mails whose row never came, and says how many pieces those were."""
    queue_id = col(ReceivedChunk.queue_id)
    result = await session.exec(
        delete(ReceivedChunk)
        .where(queue_id >= first_id(now - ORPHAN_HORIZON), queue_id < first_id(now - ORPHAN_AGE))
        .where(queue_id.not_in(select(col(Received.queue_id)).where(col(Received.queue_id) == queue_id)))
    )
    return result.rowcount


async def claim(
    session: AsyncSession, worker: str, *, limit: int, now: datetime, lease: timedelta, alone: bool = False
) -> list[Received]:
    """Takes up to `limit` waiting mails for `worker`, oldest first, and counts an attempt on each.

    A mail that an earlier attempt did not finish comes alone, so that a poison mail takes nobody with it; `alone`
    asks for one mail in any case. The mails are the worker's until `now + lease`.
    """
    waiting = (
        select_rows(Received)
        .where(
            col(Received.state) == ReceivedState.RECEIVED,
            or_(col(Received.lease_until).is_(None), col(Received.lease_until) < now),
        )
        .order_by(col(Received.queue_id))
        .limit(1 if alone else limit)
        .with_for_update(skip_locked=True)  # SQLite, which has no such clause, has its one writer instead
    )
    batch: list[Received] = []
    for mail in await session.exec(waiting):
        if mail.attempts and batch:
            break
        batch.append(mail)
        if mail.attempts:
            break
    for mail in batch:
        mail.claimed_by = worker
        mail.lease_until = now + lease
        mail.attempts += 1
    await session.flush()
    return batch


async def renew(session: AsyncSession, worker: str, until: datetime) -> None:
    """Keeps every mail of the living `worker` from being taken by another."""
    held = update(Received).where(col(Received.state) == ReceivedState.RECEIVED, col(Received.claimed_by) == worker)
    await session.exec(held.values(lease_until=until))


async def finish(
    session: AsyncSession,
    queue_id: str,
    worker: str,
    state: ReceivedState,
    *,
    outcome: list[dict[str, Any]],
    message_id: str | None = None,
    header_from: str | None = None,
    error: str | None = None,
    authentication: str = "",
) -> None:
    """Writes the mail's final account: DONE, DUPLICATE or SET_ASIDE. Raises ClaimLostError unless it is `worker`'s."""
    await _end_claim(
        session,
        queue_id,
        worker,
        {
            "state": state,
            "prior_state": col(Received.state),
            "outcome": outcome,
            "message_id": message_id,
            "header_from": header_from,
            "error": error and error[:ERROR_LENGTH],
            "authentication": authentication[:VERDICT_LENGTH],
        },
        sources(RECEIVED, state),
    )


async def fail(session: AsyncSession, queue_id: str, worker: str, error: str) -> None:
    """Gives the mail back with the reason, for another attempt alone. Raises ClaimLostError unless it is `worker`'s."""
    await _end_claim(session, queue_id, worker, {"error": error[:ERROR_LENGTH]}, [ReceivedState.RECEIVED])


async def _end_claim(
    session: AsyncSession, queue_id: str, worker: str, values: Mapping[str, Any], states: Sequence[Any]
) -> None:
    result = await session.exec(
        update(Received)
        .where(
            col(Received.queue_id) == queue_id,
            col(Received.claimed_by) == worker,
            col(Received.state).in_(states),
        )
        .values(**values, claimed_by=None, lease_until=None)
    )
    if result.rowcount != 1:
        raise ClaimLostError(queue_id)


async def release_claims(session: AsyncSession, prefix: str, *, struck: Collection[str] = ()) -> int:
    """Frees what workers whose names begin with `prefix` held, and says how many mails. Only those `struck`, which were
    being read when their worker died, keep this attempt in their count: for the others it was no fault of theirs."""
    attempts = case((col(Received.queue_id).in_(struck), col(Received.attempts)), else_=col(Received.attempts) - 1)
    held = col(Received.claimed_by).startswith(prefix, autoescape=True)
    result = await session.exec(
        update(Received)
        .where(col(Received.state) == ReceivedState.RECEIVED, held)
        .values(claimed_by=None, lease_until=None, attempts=attempts)
    )
    return result.rowcount


async def replay(session: AsyncSession, queue_id: str) -> bool:
    """Lets a mail that was set aside be tried again, with all its attempts. False when it is not set aside, or not kept
    any more."""
    result = await session.exec(
        update(Received)
        .where(col(Received.queue_id) == queue_id, col(Received.state).in_(sources(RECEIVED, ReceivedState.RECEIVED)))
        .where(exists().where(col(ReceivedChunk.queue_id) == queue_id))
        .values(state=ReceivedState.RECEIVED, prior_state=col(Received.state), attempts=0, outcome=[], error=None)
    )
    return result.rowcount == 1


async def listing(
    session: AsyncSession,
    *,
    sender: str | None = None,
    message_id: str | None = None,
    queue_id: str | None = None,
    since: datetime | None = None,
    state: ReceivedState | None = None,
    limit: int = 100,
) -> list[Received]:
    """Received mails, newest first. `sender` is the From address, or the envelope's while From is not understood."""
    statement = select_rows(Received).order_by(col(Received.queue_id).desc()).limit(limit)
    if sender is not None:
        not_understood = col(Received.header_from).is_(None) & (col(Received.mail_from) == sender)
        statement = statement.where(or_(col(Received.header_from) == sender, not_understood))
    if message_id is not None:
        statement = statement.where(col(Received.message_id) == message_id)
    if queue_id is not None:
        statement = statement.where(col(Received.queue_id) == queue_id)
    if since is not None:
        statement = statement.where(col(Received.received_at) >= since)
    if state is not None:
        statement = statement.where(col(Received.state) == state)
    return list(await session.exec(statement))
